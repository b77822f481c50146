import AgentKit
import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery

/// What must hold of everything that a log has.
struct SimulationChecks {
    private let world: SimulatedWorld
    private var witness: SimulationWitness { world.witness }

    init(_ world: SimulatedWorld) {
        self.world = world
    }

    // MARK: Progress

    /// The store is the fold of the log at its offset, and no percentage fell within an attempt.
    ///
    /// - Parameter mayBeTorn: Whether the store may say that it is damaged, as after a loss of power; it is then mended from the log.
    func progress(_ stores: SimulatedStores, _ log: [LoggedEvent], mayBeTorn: Bool) async throws {
        var stored: ProgressFold
        do throws(ProgressError) {
            stored = try await stores.progress.fold(of: world.stream)
        } catch {
            guard mayBeTorn, error.code == .corrupt else { throw error }
            witness.tell("the progress store is damaged: \(error)")
            try await stores.progress.catchUp(world.stream, from: stores.log)
            stored = try await stores.progress.fold(of: world.stream)
        }
        if stored.offset != .start, !log.contains(where: { $0.offset == stored.offset }) {
            // Ahead of a log that lost its end: the store finds out by itself.
            witness.require(
                witness.isLost(stored.offset), "the progress store stands at \(stored.offset), which no event has")
            try await stores.progress.catchUp(world.stream, from: stores.log)
            stored = try await stores.progress.fold(of: world.stream)
        }
        var fold = ProgressFold()
        let events = log.filter { $0.offset <= stored.offset }
        if let last = events.last {
            fold.advance(
                by: ProgressAdvance(
                    EventPage(events: events, next: last.offset, isUpToDate: true, isAtEnd: false), after: .start))
        }
        witness.require(
            fold.records == stored.records && fold.offset == stored.offset,
            "the progress store at \(stored.offset) is not the fold of the log there")
        var last: [String: AgentProgress] = [:]
        for event in log where event.event.type == .progress {
            let record = try AgentProgress(json: event.event.payload)
            let key = "\(record.agentID) \(record.runID)"
            if let before = last[key] {
                witness.require(record.attempt >= before.attempt, "\(key) went back to attempt \(record.attempt)")
                witness.require(
                    record.attempt != before.attempt || record.percentage >= before.percentage,
                    "\(key) fell from \(before.percentage) to \(record.percentage) % within an attempt, at \(event.offset)"
                )
            }
            last[key] = record
        }
    }

    // MARK: Runs

    /// Every run has one ending, and readers show what the model said.
    func runs(_ log: [LoggedEvent], _ report: inout SimulationReport) throws {
        var transcript = Transcript()
        for event in log { try transcript.apply(event.event, at: event.offset) }
        for (number, story) in world.provider.stories.enumerated() {
            let events = try RunEvents(story.name, agent: "agent-\(number)", log)
            try examine(story, events, transcript[run: story.name], &report)
        }
    }

    private func examine(
        _ story: SimulatedStory, _ events: RunEvents, _ run: Transcript.Run?, _ report: inout SimulationReport
    ) throws {
        let name = story.name
        witness.require(events.count(of: "run:start") == 1, "\(name) begins \(events.count(of: "run:start")) times")
        witness.require(events.count(of: "run:end") == 1, "\(name) has \(events.count(of: "run:end")) endings")
        let endings = events.count(of: "agent:complete") + events.count(of: "agent:error")
        witness.require(endings == 1, "readers of \(name) are told of \(endings) endings")
        witness.require(
            events.events.last?.type.rawValue == "run:end",
            "\(name) goes on after its end: \(events.events.last?.type.rawValue ?? "")")
        let isFinished = events.count(of: "agent:complete") == 1
        witness.require(
            !(isFinished && world.isCancelled(name)) || events.endedBeforeCancel,
            "\(name) was cancelled, and ended well")
        witness.require(
            isFinished || world.provider.isDoomed(name) || world.cancels == name, "\(name) failed: \(events.failure)")
        let text = run?.text ?? ""
        if isFinished {
            report.finishedRuns += 1
            witness.require(text == story.text, "\(name) reads '\(text)' where the model said '\(story.text)'")
        } else {
            witness.require(
                story.text.hasPrefix(text), "\(name) reads '\(text)', with which '\(story.text)' does not begin")
        }
        report.seams += run?.seams.count ?? 0
        for call in story.calls {
            let count = events.results.count { $0 == call.id }
            witness.require(count <= 1, "\(count) results of \(call.id) of \(name) are told")
            if isFinished { witness.require(count == 1, "no result of \(call.id) of \(name) is told") }
        }
        let least = story.steps.reduce(Usage.zero) { $0 + $1.usage }
        witness.require(
            !isFinished || events.usage.total >= least.total,
            "\(name) took \(events.usage), less than its answers: \(least)")
        witness.require(
            events.toldUsage == nil || events.toldUsage == events.usage,
            "\(name) tells \(events.toldUsage ?? .zero), the attempts come to \(events.usage)")
    }
}

/// The records of one run.
private struct RunEvents {
    var events: [StreamEvent] = []
    /// The calls whose results readers are told, by their ids.
    var results: [String] = []
    /// The sum over all attempts, as far as their records tell.
    var usage = Usage.zero
    /// The sum that readers are told.
    var toldUsage: Usage?
    var failure = ""
    /// Whether it had ended before somebody cancelled it, who was then told that nothing remained to be done.
    var endedBeforeCancel = true
    private var counts: [String: Int] = [:]

    func count(of type: String) -> Int { counts[type] ?? 0 }

    init(_ run: String, agent: String, _ log: [LoggedEvent]) throws {
        var attempt = Usage.zero
        for logged in log where logged.event.source == agent {
            let event = logged.event
            if event.type == .progress { continue }
            let value = try JSONValue(parsing: event.payload)
            guard value["runId"]?.stringValue == run else { continue }
            events.append(event)
            counts[event.type.rawValue, default: 0] += 1
            switch event.type.rawValue {
            case "agent:tool":
                if value["type"] == "tool-result" { results.append(value["toolCallId"]?.stringValue ?? "") }
            case "agent:usage": toldUsage = Usage(told: value["usage"])
            case "agent:error": failure = value["error"]?.jsonString ?? ""
            case "run:usage": attempt = Usage(told: value["usage"])
            case "run:attempt":
                // A response that is resumed tells the tokens of all of it once more.
                if value["strategy"] == "cursor" { break }
                usage += attempt
                attempt = .zero
            case "run:turn":
                usage += Usage(told: value["usage"])
                attempt = .zero
            case "run:cancel": endedBeforeCancel = false
            default: break
            }
        }
        usage += attempt
    }
}

extension Usage {
    fileprivate init(told value: JSONValue?) {
        func count(_ name: String) -> Int { value?[name]?.intValue ?? 0 }
        self.init(
            input: count("input"), cached: count("cached"), cacheWritten: count("cacheWritten"),
            output: count("output"),
            reasoning: count("reasoning"))
    }
}
