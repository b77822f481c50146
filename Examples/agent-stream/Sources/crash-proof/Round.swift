import AgentKitTesting
import DurableLog
import Foundation
import StreamCore
import StreamRecovery

/// One run, killed and resumed until it ends; everything in it follows from its seed, but for what the machine does.
struct Round {
    static let rungs: [RecoveryStrategy.Name] = [.cursor, .retry, .prefill, .continuation, .restart]

    let seed: UInt64
    let rung: RecoveryStrategy.Name?
    let tool: String
    let folder: String
    let prompt: String
    let modelArguments: [String]
    /// The run that nobody interrupted.
    let uninterrupted: Uninterrupted
    private let id = "run"

    private var store: String { folder + "/store" }
    private var arguments: [String] {
        ["--store", store, "--json"] + modelArguments + (rung.map { ["--resume-by", $0.rawValue] } ?? [])
    }

    /// Kills, resumes, and compares.
    func perform(_ tally: inout Tally) async throws {
        var random = SeededRandom(seed: seed)
        var reader = LogReader(directory: store, stream: try StreamID(id))
        var sessions: [[String]] = []
        var hasBegun = false
        var kills = Int.random(in: 1...4, using: &random)
        let last = Int.random(in: 0..<6, using: &random)
        let freezing = Child.Instant.lines(Int.random(in: 0...20, using: &random), then: .zero)
        while kills > 0 {
            kills -= 1
            // All is drawn before anything is seen, so that the seed alone decides.
            let instant = instant(isFirst: sessions.isEmpty, &random)
            let isRead = Bool.random(using: &random)
            let ending = try session(isFirst: sessions.isEmpty, &hasBegun, instant, into: &sessions)
            tally.count(ending, rung)
            if ending.status == nil, isRead { _ = try await reader.readOn() }
            if ending.status != nil { break }
        }
        if hasBegun, last < 2 {
            try race(&sessions, &tally)
        } else if hasBegun, last == 2 {
            try freeze(&sessions, &tally, freezing)
        } else {
            let ending = try session(isFirst: false, &hasBegun, nil, into: &sessions)
            guard ending.status == 0 else { throw Fault("the last process ended with \(errors(ending))") }
        }
        guard try await reader.readOn() else { throw Fault("the stream is not closed") }
        try await reader.compareWithLog()
        let run = try Verdict(
            sessions: sessions, events: reader.noted, id: id, expected: uninterrupted.run, rung: rung
        ).check()
        tally.count(run)
    }

    /// One process: the run's first, or one that resumes it; `run` again where the first was killed before it had begun.
    private func session(
        isFirst: Bool, _ hasBegun: inout Bool, _ instant: Child.Instant?, into sessions: inout [[String]]
    ) throws -> Child.Ending {
        let delay = delay(before: instant)
        var ending: Child.Ending
        if isFirst {
            ending = try start(["run", prompt, "--id", id], delay: delay).follow(killedAt: instant)
        } else {
            ending = try start(["resume", id], delay: delay).follow(killedAt: instant)
            if ending.status == ToolStatus.noSuchRun {
                guard !hasBegun else { throw Fault("a run that was seen is gone: \(errors(ending))") }
                ending = try start(["run", prompt, "--id", id], delay: delay).follow(killedAt: instant)
            }
        }
        if ending.isStuck { throw Fault("a process did not end within \(Child.patience)") }
        sessions.append(ending.lines)
        // That there is no run yet is a line as well, of one that was killed before it could say so by its exit code.
        if ending.lines.contains(where: { Sighting($0) != nil }) { hasBegun = true }
        guard ending.status == nil || ending.status == 0 else { throw Fault("a process failed: \(errors(ending))") }
        if ending.status == nil, instant == nil { throw Fault("a process crashed: \(errors(ending))") }
        return ending
    }

    // Milliseconds for each token, where it matters: nil for the round's own.
    private func delay(before instant: Child.Instant?) -> Int? {
        switch instant {
        // So that the first token is long enough in coming to be forestalled.
        case _? where rung == .retry: 50
        // Where what is shown decides, no time is spent on anything but writing and showing.
        case .lines(_, then: .zero) where rung != nil: 0
        default: nil
        }
    }

    /// One process resumes the run and is suspended; another one that tries to meanwhile is refused and shows nothing.
    private func freeze(_ sessions: inout [[String]], _ tally: inout Tally, _ instant: Child.Instant) throws {
        var other: Child.Ending?
        let ending = try start(["resume", id]).follow(suspendedAt: instant) { () throws(any Error) in
            other = try start(["resume", id], "errors-1").follow()
        }
        guard ending.status == 0 else { throw Fault("a process that was suspended ended with \(errors(ending))") }
        sessions.append(ending.lines)
        guard let other else { return }
        if other.isStuck { throw Fault("a process waits for one that is suspended") }
        guard other.status == 0 || other.status == ToolStatus.unusable else {
            throw Fault("who came while another was suspended ended with \(errors(other, "errors-1"))")
        }
        tally.countSuspension(isRefused: other.status != 0)
        guard other.status == 0 else {
            guard other.lines.isEmpty else { throw Fault("who could not resume showed \(other.lines[0])") }
            return
        }
        // It came when all was over: the end is all that there was to show.
        sessions.append(other.lines)
    }

    /// Two processes resume the run at once: one does, and the other is told that it cannot, or comes when all is over.
    private func race(_ sessions: inout [[String]], _ tally: inout Tally) throws {
        let children = [try start(["resume", id], "errors-0"), try start(["resume", id], "errors-1")]
        let endings = children.map { $0.follow() }
        for (number, ending) in endings.enumerated() {
            if ending.isStuck { throw Fault("a process of two did not end within \(Child.patience)") }
            guard ending.status == 0 || ending.status == ToolStatus.unusable else {
                throw Fault("one of two that resume ended with \(errors(ending, "errors-\(number)"))")
            }
        }
        let winners = endings.filter { $0.status == 0 }
        guard !winners.isEmpty else { throw Fault("of two that resume neither did: \(errors(endings[0], "errors-0"))") }
        for loser in endings where loser.status != 0 {
            guard loser.lines.isEmpty else { throw Fault("who could not resume showed \(loser.lines[0])") }
        }
        tally.countRace(isRefused: winners.count == 1)
        // Who came when all was over shows the end only.
        sessions += winners.map(\.lines).sorted { $0.count > $1.count }
    }

    private func start(_ command: [String], _ errors: String = "errors", delay: Int? = nil) throws -> Child {
        let delay = delay.map { ["--token-delay", String($0)] } ?? []
        return try Child(tool, command + arguments + delay, errors: "\(folder)/\(errors)")
    }

    private func errors(_ ending: Child.Ending, _ file: String = "errors") -> String {
        let text = (try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)) ?? ""
        return "\(ending.status.map { "exit code \($0)" } ?? "a signal"): \(text)"
    }

    private func instant(isFirst: Bool, _ random: inout SeededRandom) -> Child.Instant {
        // The same request again is sent only where nothing had been shown.
        if rung == .retry {
            return .after(uninterrupted.firstLine * Double.random(in: 0.5...1.5, using: &random))
        }
        // What was drawn is two thirds of the time about what was shown, and else about the time.
        guard Int.random(in: 0..<3, using: &random) == 0 else {
            let lines = Int.random(in: 0...(isFirst ? uninterrupted.lines : uninterrupted.lines / 2), using: &random)
            // Half of them at once: what was shown a moment ago must be in the log already.
            let rest = Int.random(in: -3000...3000, using: &random)
            return .lines(lines, then: .microseconds(max(0, rest)))
        }
        let whole = Int(uninterrupted.duration / .microseconds(1))
        return .after(.microseconds(Int.random(in: 0...max(1, whole), using: &random)))
    }
}

/// What the run comes to that nobody kills.
struct Uninterrupted {
    /// Its text and reasoning; nil where the model does not say the same twice.
    var run: Transcript.Run?
    var lines: Int
    /// How long it took to its first line.
    var firstLine: Duration
    var duration: Duration
}

/// The tool's exit codes.
enum ToolStatus {
    /// The directory cannot be used: another process writes it, or it is damaged.
    static let unusable: Int32 = 3
    /// There is no such run.
    static let noSuchRun: Int32 = 4
}
