/// Estimates when a project is done from the pace of the whole, for one whose agents work after one another.
///
/// ``ProjectProgress/estimatedCompletion`` asks each agent, and has no answer while one of them waits for its turn and gives no estimate. This looks at the
/// overall percentage instead, by the rules of ``ProgressEstimator``: none without evidence, a range, robust to stalls.
///
/// - Time in which every agent rests (queued, paused) does not count.
/// - When the overall percentage falls, as an agent starts anew or another one comes, the measuring begins anew.
public struct ProjectEstimator: Sendable, Hashable {
    private var estimator = ProgressEstimator(at: .zero)
    private var fraction = 0.0
    private var isResting = true
    private var isDone = false
    // The time at work, which is what estimates count in.
    private var work = Duration.zero
    private var now: Duration?

    /// An estimator that has seen nothing.
    public init() {}

    /// Takes note of how far the project is.
    ///
    /// - Parameters:
    ///   - project: The project at this moment.
    ///   - time: The present, counted from any moment that later times are counted from as well.
    public mutating func update(_ project: ProjectProgress, at time: Duration) {
        work = work(at: time)
        let fraction = project.percentage / 100
        if now == nil || fraction < self.fraction { estimator = ProgressEstimator(at: work, fraction: fraction) }
        now = max(time, now ?? time)
        self.fraction = fraction
        isResting = project.status.isResting
        isDone = project.status.isTerminal
        estimator.update(fraction: fraction, at: work)
    }

    /// How long the rest will take, or nil while there is no evidence, and once all agents have ended.
    public func estimate(at time: Duration) -> TimeEstimate? {
        isDone ? nil : estimator.estimate(at: work(at: time))
    }

    private func work(at time: Duration) -> Duration {
        guard let now, time > now, !isResting else { return work }
        return work + (time - now)
    }
}
