/// One attempt to recover a broken run: told first when it is decided, then when it is known what came of it.
///
/// The instrumentation hook is told of those that the process makes; StreamRecovery's `RecoveryAttempts` tells of those of any run from its log.
public struct RecoveryAttempt: Sendable, Hashable {
    /// What came of an attempt.
    public enum Outcome: Sendable, Hashable {
        /// It was decided, and will be made after the delay.
        case decided
        /// It brought progress: output that was not there before.
        case progressed
        /// It failed before it brought anything.
        case failed(Failure)
        /// Nobody waited for its outcome: the run was interrupted or taken over before it brought anything, or its log failed.
        case abandoned
    }

    /// The run that broke.
    public var runID: String
    /// Which recovery of the run it is, counted from 1 over all processes that worked on it.
    public var attempt: Int
    /// The name of the rung: `cursor`, `retry`, `prefill`, `continue`, `restart`, or a name of the host's own.
    public var strategy: String
    /// What broke the run.
    public var cause: Failure
    /// How long is waited before the attempt.
    public var delay: Duration
    /// The provider that is asked.
    public var provider: String
    /// The model that is asked.
    public var model: String
    /// What came of it.
    public var outcome: Outcome

    /// An attempt from its parts.
    public init(
        runID: String, attempt: Int, strategy: String, cause: Failure, delay: Duration, provider: String,
        model: String, outcome: Outcome = .decided
    ) {
        self.runID = runID
        self.attempt = attempt
        self.strategy = strategy
        self.cause = cause
        self.delay = delay
        self.provider = provider
        self.model = model
        self.outcome = outcome
    }
}
