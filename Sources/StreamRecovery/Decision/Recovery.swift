public import StreamCore

/// What ``RecoveryManager`` says about a broken run.
public enum RecoveryDecision: Sendable, Hashable {
    /// Wait, then do what the plan says.
    case recover(Recovery)
    /// End the run with its failure; the reason belongs into it: ``RecoveryRefusal/ending(_:)``.
    case giveUp(RecoveryRefusal)
}

/// A decided recovery: which rung, after what delay, on which model, and what to do there.
public struct Recovery: Sendable, Hashable {
    /// Which recovery of the run it is, counted from 1.
    public var attempt: Int
    /// The rung.
    public var strategy: RecoveryStrategy.Name
    /// What to do.
    public var plan: RecoveryPlan
    /// How long to wait before.
    public var delay: Duration
    /// The model to ask.
    public var route: RecoveryRoute
    /// Whether that is another model than the one that failed.
    public var isFallback: Bool
    /// What broke the run.
    public var cause: Failure
    /// The rungs that the model has refused by now.
    public var refused: Set<RecoveryStrategy.Name>

    /// A recovery from its parts.
    public init(
        attempt: Int, strategy: RecoveryStrategy.Name, plan: RecoveryPlan, delay: Duration, route: RecoveryRoute,
        isFallback: Bool = false, cause: Failure, refused: Set<RecoveryStrategy.Name> = []
    ) {
        self.attempt = attempt
        self.strategy = strategy
        self.plan = plan
        self.delay = delay
        self.route = route
        self.isFallback = isFallback
        self.cause = cause
        self.refused = refused
    }

    /// Whether a run is taken over after an interruption, which counts neither as an attempt nor against a provider's retry budget.
    public var isTakeover: Bool { cause.kind == .interrupted }

    /// The event that tells the run's readers of it, to be logged before anything of the continuation.
    ///
    /// - Parameters:
    ///   - origin: Whose run it is.
    ///   - cutOffset: The run's last event before the seam; nil when the run has no log.
    ///   - timestamp: The time of day.
    public func seam(of origin: ChunkOrigin, after cutOffset: Offset?, at timestamp: Timestamp?) -> Seam {
        Seam(
            origin: origin, attempt: attempt, strategy: strategy, provider: route.provider, model: route.model,
            cutOffset: cutOffset, droppedBlocks: plan.droppedBlocks, continuedBlock: plan.continuedBlock,
            superseded: plan.isRestart && !plan.droppedBlocks.isEmpty
                ? Seam.Superseded(runID: origin.runID, blocks: plan.droppedBlocks) : nil,
            cause: cause.kind, delay: delay, timestamp: timestamp)
    }

    /// The record for the instrumentation hook.
    public func record(runID: String, outcome: RecoveryAttempt.Outcome = .decided) -> RecoveryAttempt {
        RecoveryAttempt(
            runID: runID, attempt: attempt, strategy: strategy.rawValue, cause: cause, delay: delay,
            provider: route.provider, model: route.model, outcome: outcome)
    }
}
