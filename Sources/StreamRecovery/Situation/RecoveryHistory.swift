public import StreamCore

/// What was tried so far to recover a run: counters that the executor feeds, and that survive in the run's log as its seams.
public struct RecoveryHistory: Sendable, Hashable {
    /// Requests made since the last progress, the failed one included unless it brought progress itself.
    public private(set) var attemptsSinceProgress = 0
    /// Recoveries of the run in all, over all processes; those after an interruption are counted apart.
    public private(set) var recoveries = 0
    /// Recoveries after the process was gone, or the run interrupted, since the last progress.
    public private(set) var takeoversSinceProgress = 0
    /// All recoveries of the run, of both sorts: the number of the last ``Seam``.
    public private(set) var seams = 0
    /// The rungs that the current model has refused: they are not tried again.
    public private(set) var refused: Set<RecoveryStrategy.Name> = []
    /// The rung that was tried last, when it was not the same request once more: it may be refused.
    public private(set) var lastChangedRequest: RecoveryStrategy.Name?
    /// The time that the run has taken, over all processes that worked on it, as far as the executor knows.
    public var elapsed = Duration.zero
    /// The tokens that the run has taken, failed attempts included.
    public var usage = Usage.zero
    /// What the run has cost, in the unit of ``RecoveryLimits/cost``; no number where that is not known.
    public var cost = 0.0

    /// A run to which nothing has happened yet.
    public init() {}

    /// A request was sent that is no recovery: the first of a step.
    public mutating func requested() {
        attemptsSinceProgress = attempts(after: attemptsSinceProgress)
        lastChangedRequest = nil
    }

    /// A decided recovery is carried out.
    public mutating func began(_ recovery: Recovery) {
        attemptsSinceProgress = attempts(after: attemptsSinceProgress)
        count(isTakeover: recovery.isTakeover)
        if recovery.isFallback { refused = [] } else { refused.formUnion(recovery.refused) }
        lastChangedRequest = recovery.plan.request.isSame ? nil : recovery.strategy
    }

    /// Output came that was not there before: text, reasoning, a piece of a tool call or a result; a ping is none.
    public mutating func progressed() {
        attemptsSinceProgress = 0
        takeoversSinceProgress = 0
        lastChangedRequest = nil
    }

    /// A recovery that an earlier process carried out, read back from the run's log; progress after it is told with ``progressed()``.
    public mutating func read(_ seam: Seam) {
        let isTakeover = seam.cause == .interrupted
        if !isTakeover { attemptsSinceProgress = attempts(after: attemptsSinceProgress) }
        count(isTakeover: isTakeover)
    }

    private mutating func count(isTakeover: Bool) {
        seams = attempts(after: seams)
        if isTakeover {
            takeoversSinceProgress = attempts(after: takeoversSinceProgress)
            // The failures before were another process's; those of this one are counted anew.
            attemptsSinceProgress = 1
        } else {
            recoveries = attempts(after: recoveries)
        }
    }

    // What is read back from a log must not be able to trap.
    private func attempts(after count: Int) -> Int { count == .max ? count : count + 1 }
}
