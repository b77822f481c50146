import AgentKitTesting
import ArgumentParser
import DurableLog
import Foundation
import StreamCore
import StreamRecovery

/// Kills `agent-stream` at random instants, resumes it, and proves that nothing was lost, doubled or changed.
@main
struct CrashProof: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crash-proof",
        abstract: "Kill agent-stream at random instants, resume it, and compare what readers have.",
        discussion: """
            Each round is one run, killed with SIGKILL up to four times and resumed each time, a third of them by two processes at once, some by one while another is \
            suspended. A reader notes what it sees of the log in between; at the end each offset was seen once and in order, nothing that was seen is missing, and the text is that of \
            the run that nobody interrupted. The exit code is 1 at the first round that fails, with the line that replays it.
            """)

    @Option(help: "How many rounds at most.")
    var count = 1000

    @Option(
        help:
            "Go on until so many processes were killed; with the scripted model, each rung must have been taken by then."
    )
    var kills: Int?

    @Option(help: "The first round's seed; each round has the next one.")
    var seed: UInt64 = 1

    @Option(help: "The tool (default: agent-stream beside this program).")
    var tool: String?

    @Option(help: "Stop after so many seconds, with fewer rounds.")
    var seconds: Int?

    @Option(name: .customLong("token-delay"), help: "Milliseconds for each token of the scripted model.")
    var tokenDelay = 1

    @Option(
        name: .customLong("base-url"),
        help: "A server that speaks OpenAI's chat completions, instead of the scripted model.")
    var baseURL: String?

    @Option(help: "The server's model.")
    var model = "smollm2-135m-instruct"

    @Option(name: .customLong("max-tokens"), help: "How much the server's model writes.")
    var maxTokens = 60

    func validate() throws {
        if count < 1 { throw ValidationError("--count must be 1 or more.") }
        if let kills, kills < 1 { throw ValidationError("--kills must be 1 or more.") }
        if tokenDelay < 0 { throw ValidationError("--token-delay must be 0 or more.") }
    }

    private static let prompts = [
        "test", "Tell me in plain words what a stream of events is.", "Zähle bis drei 🙂 and then say why.",
    ]

    func run() async throws {
        let folder = NSTemporaryDirectory() + "crash-proof-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = ContinuousClock()
        let start = clock.now
        var tally = Tally()
        var known: [String: Uninterrupted] = [:]
        for round in 0..<UInt64(count) {
            if let seconds, clock.now - start > .seconds(seconds) { break }
            if let kills, tally.killCount >= kills { break }
            let seed = seed &+ round
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                let prompt = Self.prompts[Int(seed / 5 % UInt64(Self.prompts.count))]
                if known[prompt] == nil { known[prompt] = try await uninterrupted(prompt, in: folder) }
                guard let uninterrupted = known[prompt] else { continue }
                let rung = baseURL == nil ? Round.rungs[Int(seed % 5)] : nil
                try await Round(
                    seed: seed, rung: rung, tool: path, folder: folder, prompt: prompt, modelArguments: modelArguments,
                    uninterrupted: uninterrupted
                ).perform(&tally)
                try FileManager.default.removeItem(atPath: folder)
            } catch {
                let kept = folder + "-seed-\(seed)"
                try? FileManager.default.removeItem(atPath: kept)
                try? FileManager.default.moveItem(atPath: folder, toPath: kept)
                print("crash-proof: seed \(seed): \(error)\n\(tally.report(clock.now - start))")
                print("what the round left behind: \(kept)\nreplay it with: \(replay(seed))")
                throw ExitCode(1)
            }
        }
        let gaps = kills == nil || baseURL != nil ? [] : tally.gaps
        if let kills, tally.killCount < kills || !gaps.isEmpty {
            let missing = gaps.isEmpty ? "" : "; what never happened: \(gaps.joined(separator: ", "))"
            print(
                "crash-proof: no proof: \(tally.killCount) of \(kills) kills\(missing)\n\(tally.report(clock.now - start))"
            )
            throw ExitCode(1)
        }
        print("crash-proof: nothing lost, doubled or changed: \(tally.report(clock.now - start))")
    }

    private var path: String {
        tool
            ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("agent-stream").path
    }

    private var modelArguments: [String] {
        guard let baseURL else { return ["--token-delay", String(tokenDelay)] }
        return [
            "--provider", "openai-chat", "--base-url", baseURL, "--model", model, "--max-tokens", String(maxTokens),
            "--temperature", "0",
        ]
    }

    private func replay(_ seed: UInt64) -> String {
        var words = [CommandLine.arguments[0], "--count", "1", "--seed", String(seed)]
        if tokenDelay != 1 { words += ["--token-delay", String(tokenDelay)] }
        if let tool { words += ["--tool", tool] }
        if let baseURL { words += ["--base-url", baseURL, "--model", model, "--max-tokens", String(maxTokens)] }
        return words.joined(separator: " ")
    }

    /// What the prompt comes to when nobody kills anything.
    private func uninterrupted(_ prompt: String, in folder: String) async throws -> Uninterrupted {
        let store = folder + "/uninterrupted"
        let ending = try Child(
            path, ["run", prompt, "--store", store, "--id", "run", "--json"] + modelArguments,
            errors: folder + "/errors"
        ).follow()
        guard ending.status == 0 else {
            let errors = try? String(contentsOfFile: folder + "/errors", encoding: .utf8)
            throw Fault("a run that nobody interrupts fails: \(errors ?? "")")
        }
        var reader = LogReader(directory: store, stream: "run")
        guard try await reader.readOn() else { throw Fault("the uninterrupted run's stream is not closed") }
        let run = try Verdict(sessions: [ending.lines], events: reader.noted, id: "run", expected: nil, rung: nil)
            .check()
        guard run.seams.isEmpty, !run.text.isEmpty else { throw Fault("the uninterrupted run is not one") }
        return Uninterrupted(
            run: baseURL == nil ? run : nil, lines: ending.lines.count, firstLine: ending.firstLine ?? .zero,
            duration: ending.duration)
    }
}
