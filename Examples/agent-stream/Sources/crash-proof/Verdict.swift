import DurableLog
import StreamCore
import StreamRecovery

/// What a run must have come to, whatever happened to its processes.
struct Verdict {
    /// What the tool showed in each of its processes, in their order.
    let sessions: [[String]]
    let events: [LoggedEvent]
    let id: String
    /// What the uninterrupted run came to; nil where the model does not say the same twice.
    let expected: Transcript.Run?
    /// The rung that was asked for; nil for the ladder's choice.
    let rung: RecoveryStrategy.Name?

    /// The run as every reader has it.
    func check() throws -> Transcript.Run {
        var transcript = Transcript()
        for event in events { try transcript.apply(event.event, at: event.offset) }
        guard let run = transcript[run: id] else { throw Fault("the log has nothing of the run") }
        guard run.isEnded else { throw Fault("the run has not ended") }
        let endings = events.filter { $0.event.type == .complete }.count
        guard endings == 1 else { throw Fault("the run ended \(endings) times") }
        try checkSessions()
        try checkRungs(of: run)
        guard let expected else { return run }
        guard run.reasoning == expected.reasoning else {
            throw Fault("the reasoning is\n\(run.reasoning)\ninstead of\n\(expected.reasoning)")
        }
        guard run.text == expected.text else { throw Fault("the text is\n\(run.text)\ninstead of\n\(expected.text)") }
        try checkPlainText(of: run, expected.text)
        return run
    }

    // What somebody saw is in the log; what one process showed stands there without a gap.
    private func checkSessions() throws {
        let log = events.compactMap { Sighting($0.event) }
        var place = 0
        for (number, lines) in sessions.enumerated() {
            let seen = lines.compactMap { Sighting($0) }
            guard let first = seen.first else { continue }
            // A run that was over tells how it ended, and nothing else.
            if seen.count == 1, first == log.last { continue }
            guard let start = log[place...].firstIndex(of: first), log.count - start >= seen.count else {
                throw Fault("process \(number) showed what is not in the log after place \(place): \(first)")
            }
            for (offset, sighting) in seen.enumerated() where log[start + offset] != sighting {
                throw Fault("process \(number) showed \(sighting) where the log has \(log[start + offset])")
            }
            place = start + seen.count
        }
    }

    private func checkRungs(of run: Transcript.Run) throws {
        guard let rung else { return }
        for seam in run.seams where ![rung, .retry, .restart].contains(seam.strategy) {
            throw Fault("the run went on by \(seam.strategy.rawValue) and not by \(rung.rawValue)")
        }
    }

    // Where no text was dropped, a reader that knows nothing of seams has the same text.
    private func checkPlainText(of run: Transcript.Run, _ expected: String) throws {
        let dropped = Set(run.seams.flatMap(\.droppedBlocks))
        var text = ""
        for event in events where event.event.type == .content {
            let value = try JSONValue(parsing: event.event.payload)
            if let block = value["block"]?.intValue, dropped.contains(block) { return }
            text += value["content"]?.stringValue ?? ""
        }
        guard text == expected else { throw Fault("without seams the text is\n\(text)\ninstead of\n\(expected)") }
    }
}
