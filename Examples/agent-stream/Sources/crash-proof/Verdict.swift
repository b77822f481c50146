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
        let dropped = try checkSeams(of: run)
        guard let expected else { return run }
        guard run.reasoning == expected.reasoning else {
            throw Fault("the reasoning is\n\(run.reasoning)\ninstead of\n\(expected.reasoning)")
        }
        guard run.text == expected.text else { throw Fault("the text is\n\(run.text)\ninstead of\n\(expected.text)") }
        if !dropped { try checkPlainText(expected.text) }
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
            // Two processes that recover one after another may tell of the same seam, and the first of them show nothing.
            let starts = log.indices[place...].filter { log[$0] == first && log.count - $0 >= seen.count }
            guard let nearest = starts.first else {
                throw Fault("process \(number) showed what is not in the log after place \(place): \(first)")
            }
            guard let start = starts.first(where: { log[$0..<$0 + seen.count].elementsEqual(seen) }) else {
                let offset = seen.indices.first { log[nearest + $0] != seen[$0] } ?? 0
                throw Fault("process \(number) showed \(seen[offset]) where the log has \(log[nearest + offset])")
            }
            place = start + seen.count
        }
    }

    // Whether a seam dropped text that was shown; only rung 5 may, and says what is superseded.
    private func checkSeams(of run: Transcript.Run) throws -> Bool {
        var shown: Set<Int> = []
        var open: Set<Int> = []
        var hasDropped = false
        for event in events where event.event.visibility == .public {
            switch event.event.type {
            case .content, .reasoning:
                guard let block = try JSONValue(parsing: event.event.payload)["block"]?.intValue else { continue }
                open.insert(block)
                if event.event.type == .content { shown.insert(block) }
            case .seam:
                let seam = try Seam(json: event.event.payload)
                try check(seam, open: open)
                let lost = shown.intersection(seam.droppedBlocks)
                if !lost.isEmpty {
                    hasDropped = true
                    // A rung that goes on from what there is must do so wherever there is text.
                    if let rung, rung != .retry, rung != .restart {
                        throw Fault(
                            "text was dropped (blocks \(lost.sorted())), which \(rung.rawValue) had to go on from")
                    }
                }
                open.subtract(seam.droppedBlocks)
                shown.subtract(seam.droppedBlocks)
            default: continue
            }
        }
        return hasDropped
    }

    private func check(_ seam: Seam, open: Set<Int>) throws {
        if let rung, ![rung, .retry, .restart].contains(seam.strategy) {
            throw Fault("the run went on by \(seam.strategy.rawValue) and not by \(rung.rawValue)")
        }
        guard seam.strategy == .restart else {
            if seam.superseded != nil { throw Fault("\(seam.strategy.rawValue) supersedes blocks") }
            return
        }
        if open.isEmpty, seam.superseded == nil { return }
        guard seam.superseded?.runID == id, Set(seam.superseded?.blocks ?? []) == open else {
            throw Fault("a restart supersedes \(seam.superseded?.blocks ?? []) where \(open.sorted()) were shown")
        }
    }

    // A reader that knows nothing of seams has the same text.
    private func checkPlainText(_ expected: String) throws {
        var text = ""
        for event in events where event.event.type == .content {
            text += try JSONValue(parsing: event.event.payload)["content"]?.stringValue ?? ""
        }
        guard text == expected else { throw Fault("without seams the text is\n\(text)\ninstead of\n\(expected)") }
    }
}
