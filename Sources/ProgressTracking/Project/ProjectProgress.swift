public import StreamCore

/// A project as a whole, from the records of its agents.
public struct ProjectProgress: Sendable, Hashable {
    /// The newest record of each agent, in the order they were given.
    public let agents: [AgentProgress]
    /// How much is done, 0 … 100: the agents' percentages, by their weights; 0 without agents.
    ///
    /// An agent that was cancelled is left out, since its work is no longer to be done; one that failed counts with what it had done.
    public let percentage: Double
    /// Where the project stands: running while any agent is or will be at work; once all have ended, failed if any failed, cancelled if all were, else completed.
    public let status: ProgressStatus
    /// How many agents there are of each status.
    public let statuses: [ProgressStatus: Int]
    /// Tokens used by all agents.
    public let tokensUsed: Int
    /// What they cost, as far as prices are known; nil when none is.
    public let cost: Cost?
    /// Whether an agent used tokens whose price is not known, so that ``cost`` is too low.
    public let isCostPartial: Bool
    /// When the last agent is expected to end: agents work side by side, so the slowest decides.
    ///
    /// Nil while an agent that has not ended gives no estimate, and when all have ended.
    public let estimatedCompletion: CompletionEstimate?
    /// When an agent last said something; nil without agents.
    public let lastUpdated: Timestamp?

    /// When something is expected to be done, with the range in which four of five ends are expected.
    public struct CompletionEstimate: Sendable, Hashable {
        /// The time that is expected.
        public let expected: Timestamp
        /// One end in ten is expected before.
        public let low: Timestamp
        /// One end in ten is expected after.
        public let high: Timestamp
    }

    /// The project that these agents make up.
    public init(_ agents: [AgentProgress]) {
        self.agents = agents
        let counted = agents.filter { $0.status != .cancelled }
        let weight = counted.reduce(0) { $0 + $1.weight }
        percentage =
            weight > 0
            ? AgentProgress.percentage(counted.reduce(0) { $0 + $1.percentage * $1.weight } / weight) : 0
        statuses = agents.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
        status = ProjectProgress.status(of: statuses)
        tokensUsed = agents.reduce(0) { sum, agent in
            let (sum, overflow) = sum.addingReportingOverflow(agent.tokensUsed)
            return overflow ? .max : sum
        }
        let costs = agents.compactMap(\.cost)
        cost = costs.isEmpty ? nil : costs.reduce(.zero, +)
        isCostPartial = agents.contains { $0.cost == nil && $0.tokensUsed > 0 }
        estimatedCompletion = ProjectProgress.completion(of: agents.filter { !$0.status.isTerminal })
        lastUpdated = agents.map(\.lastUpdated).max()
    }

    /// How long the project will still take, seen from a moment; nil where ``estimatedCompletion`` is.
    public func estimatedTimeRemaining(at now: Timestamp) -> TimeEstimate? {
        estimatedCompletion.map {
            TimeEstimate(now.duration(to: $0.expected), low: now.duration(to: $0.low), high: now.duration(to: $0.high))
        }
    }

    private static func status(of counts: [ProgressStatus: Int]) -> ProgressStatus {
        let open = counts.keys.filter { !$0.isTerminal }
        if open.isEmpty {
            if counts.isEmpty { return .queued }
            if counts[.failed] != nil { return .failed }
            return counts[.completed] == nil ? .cancelled : .completed
        }
        // What all that is left has in common, else the word for work in general.
        if open.count == 1, let only = open.first, only != .queued || counts.count == 1 { return only }
        return .running
    }

    private static func completion(of agents: [AgentProgress]) -> CompletionEstimate? {
        var ends: [(expected: Timestamp, low: Timestamp, high: Timestamp)] = []
        for agent in agents {
            guard let rest = agent.estimatedTimeRemaining else { return nil }
            let time = agent.lastUpdated
            ends.append((time.advanced(by: rest.expected), time.advanced(by: rest.low), time.advanced(by: rest.high)))
        }
        guard let expected = ends.map(\.expected).max(), let low = ends.map(\.low).max(),
            let high = ends.map(\.high).max()
        else { return nil }
        return CompletionEstimate(expected: expected, low: low, high: high)
    }
}

extension Timestamp {
    fileprivate func advanced(by duration: Duration) -> Timestamp {
        let (sum, overflow) = millisecondsSince1970.addingReportingOverflow(duration.wholeMilliseconds)
        return Timestamp(millisecondsSince1970: overflow ? .max : sum)
    }

    // Not negative; a time in the far past or future may make any difference.
    fileprivate func duration(to other: Timestamp) -> Duration {
        let (difference, overflow) = other.millisecondsSince1970.subtractingReportingOverflow(millisecondsSince1970)
        return overflow ? (other > self ? TimeEstimate.longest : .zero) : max(.zero, .milliseconds(difference))
    }
}
