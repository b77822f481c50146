package import ProgressTracking
package import StreamCore

extension SeededRandom {
    /// A record with anything in it that a record can hold.
    package mutating func progress(of agent: String, at time: Int64) -> AgentProgress {
        let statuses: [ProgressStatus] = [
            .queued, .running, .waiting, .retrying, .paused, .completed, .failed, .cancelled, .init(rawValue: "new"),
        ]
        let estimate = TimeEstimate(
            .milliseconds(below(5000)), low: .milliseconds(below(5000)), high: .milliseconds(below(9000)))
        return AgentProgress(
            origin: ChunkOrigin(projectID: oddText(), agentID: agent, runID: oddText()), attempt: 1 + below(3),
            status: statuses[below(statuses.count)], percentage: Double(below(1_000_001)) / 9999,
            currentStep: below(9), totalSteps: isHeads ? 9 : nil, stepName: isHeads ? oddText() : nil,
            content: isHeads ? oddText() : nil, reasoning: isHeads ? oddText() : nil,
            confidence: isHeads ? Confidence(Double(below(1000)) / 999, source: .lexical) : nil,
            estimatedTimeRemaining: isHeads ? estimate : nil, tokensUsed: below(1 << 40),
            cost: isHeads ? Cost(nanos: Int64(below(.max))) : nil, weight: Double(below(1000)) / 333,
            lastUpdated: Timestamp(millisecondsSince1970: time + Int64(below(300))))
    }

    /// A text that formats stumble over.
    package mutating func oddText() -> String {
        let pieces = ["a", "é", "🙂", "👩‍👩‍👧", "\"", "\\", "\n", "\r\n", "\u{0}", "\u{301}", "\u{2028}", " ", "漢"]
        return (0..<below(12)).map { _ in pieces[below(pieces.count)] }.joined()
    }

    /// Stretches of a stream that follow one another, with the records of some agents; eras change now and then.
    package mutating func progressSteps(_ count: Int, agents: Int, after start: Offset = .start) -> [ProgressAdvance] {
        var offset = start
        return (0..<count).map { number in
            let after = offset
            var records: [LoggedProgress] = []
            var unreadable: [Offset] = []
            for _ in 0...below(6) {
                let era = offset.era + (below(40) == 0 ? 1 : 0)
                offset = Offset(era: era, index: offset.index + 1) ?? offset
                switch below(20) {
                case 0..<12:
                    let record = progress(of: "agent-\(below(agents))", at: Int64(number) * 100)
                    records.append(LoggedProgress(offset: offset, record: record))
                case 12: unreadable.append(offset)
                // Some other event.
                default: break
                }
            }
            return ProgressAdvance(after: after, through: offset, records: records, unreadable: unreadable)
        }
    }

    private var isHeads: Bool { mutating get { below(2) == 0 } }
    private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
