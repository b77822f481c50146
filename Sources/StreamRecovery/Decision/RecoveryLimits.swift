import StreamCore

/// What a run may take in all, however often it recovers; a limit that is reached ends the run with its failure.
public struct RecoveryLimits: Sendable, Hashable {
    /// Recoveries of a run, those after an interruption not counted.
    public var recoveries: Int
    /// Times in a row that a run is taken over after an interruption without any progress in between: a run that ends its process each time must not do so for ever.
    public var takeoversWithoutProgress: Int
    /// The run's time over all processes that worked on it, the delay before the next attempt included; time in which nobody worked on it is not; nil for any.
    public var wallTime: Duration?
    /// The run's tokens, failed attempts included; nil for any.
    public var tokens: Int?
    /// The run's cost, in the unit in which the executor counts it; nil for any.
    ///
    /// AgentKit's agents count by the prices of their progress options (`RunStore.progress`). A cost that is not known, as a model has no price there, counts as
    /// reached: a limit that nobody can keep is no limit.
    public var cost: Double?

    /// Limits from their parts.
    public init(
        recoveries: Int = 20, takeoversWithoutProgress: Int = 100, wallTime: Duration? = nil, tokens: Int? = nil,
        cost: Double? = nil
    ) {
        self.recoveries = recoveries
        self.takeoversWithoutProgress = takeoversWithoutProgress
        self.wallTime = wallTime
        self.tokens = tokens
        self.cost = cost
    }

    /// What stands against another recovery after `delay`.
    func refusal(of history: RecoveryHistory, isTakeover: Bool, delay: Duration) -> RecoveryRefusal? {
        if isTakeover, history.takeoversSinceProgress >= takeoversWithoutProgress {
            return RecoveryRefusal(
                .takeoverLimit,
                "the run was taken over \(history.takeoversSinceProgress) times without any progress; it may be what ends its process"
            )
        }
        if !isTakeover, history.recoveries >= recoveries {
            return RecoveryRefusal(
                .recoveryLimit, "the run was recovered \(history.recoveries) times, which is its limit")
        }
        if let wallTime, history.elapsed + delay > wallTime {
            return RecoveryRefusal(
                .timeLimit, "the run has taken \(history.elapsed) of its \(wallTime), and would wait \(delay)")
        }
        if let tokens, history.usage.total >= tokens {
            return RecoveryRefusal(.tokenLimit, "the run has taken \(history.usage.total) of its \(tokens) tokens")
        }
        // Written so that a cost that is no number counts as reached.
        if let cost, !(history.cost < cost) {
            let message =
                history.cost.isNaN
                ? "what the run has cost is not known, and it may cost \(cost): a model that it asked has no price"
                : "the run has cost \(history.cost) of its \(cost)"
            return RecoveryRefusal(.costLimit, message)
        }
        return nil
    }
}
