public import StreamCore

/// Turns what an agent says, however often, into records at a bounded pace: the rules of progress, as a value without clock or log.
///
/// - A record is whole: it holds everything that was said so far, so that none before it is needed.
/// - At most one record per interval, 10 a second by default. The first update goes out at once, those within the interval become one at its end; nothing that
///   was said last is ever left out.
/// - A terminal status goes out at once, and what is said after it is ignored until ``restart(_:at:timestamp:)``.
/// - The percentage never falls within an attempt; a restart is the next attempt, and begins at 0. Completed means 100.
///
/// Whoever drives it does what the returned ``Action`` says: ``ProgressTracker`` does, and so can everyone who appends records together with other events.
/// Times are durations since any fixed moment of a clock that never goes back.
public struct ProgressCoalescer: Sendable {
    /// What is to be done now.
    public enum Action: Sendable, Hashable {
        /// Publish this record.
        case emit(AgentProgress)
        /// Call ``ProgressCoalescer/poll(at:)`` at that time, or at any time after it.
        case wait(until: Duration)
        /// Nothing until the next update.
        case none
    }

    /// The record as it would be published now, but for the estimate, which is that of the last one published.
    public var record: AgentProgress {
        var record = current
        record.content = content?.value
        record.reasoning = reasoning?.value
        return record
    }

    /// Whose progress it is.
    public var origin: ChunkOrigin { current.origin }

    /// The shortest time between two records.
    public let interval: Duration

    private let prices: PriceTable
    private var current: AgentProgress
    private var content: TextTail?
    private var reasoning: TextTail?
    private var estimator: ProgressEstimator
    // The time at work, which is what estimates count in.
    private var work = Duration.zero
    private var now: Duration?
    private var lastEmission: Duration?
    private var isPending = false

    /// The rules for one agent's run, which is queued.
    ///
    /// - Parameters:
    ///   - origin: Project, agent and run.
    ///   - weight: How much the agent counts in the project's overall percentage.
    ///   - prices: What models cost, for updates that say what was used.
    ///   - interval: The shortest time between two records.
    ///   - previous: The agent's newest record, from a store; if it is of the same run, the attempt goes on from there.
    public init(
        origin: ChunkOrigin, weight: Double = 1, prices: PriceTable = .empty,
        interval: Duration = .milliseconds(100), after previous: AgentProgress? = nil
    ) {
        self.prices = prices
        self.interval = max(.zero, interval)
        current = AgentProgress(origin: origin, weight: weight, lastUpdated: Timestamp(millisecondsSince1970: 0))
        if let previous, previous.origin == origin {
            current = previous
            content = previous.content.map { TextTail($0) }
            reasoning = previous.reasoning.map { TextTail($0) }
            current.weight = AgentProgress.weight(weight)
        }
        estimator = ProgressEstimator(at: .zero, fraction: current.percentage / 100)
    }

    /// Takes an update.
    ///
    /// - Parameters:
    ///   - update: What the agent has to say.
    ///   - time: The present.
    ///   - timestamp: The same as time of day; nil leaves the last one.
    public mutating func update(_ update: ProgressUpdate, at time: Duration, timestamp: Timestamp?) -> Action {
        guard !current.status.isTerminal else { return .none }
        pass(to: time)
        apply(update, timestamp)
        isPending = true
        return current.status.isTerminal ? emit(at: time) : poll(at: time)
    }

    /// Begins the next attempt, at 0 %, running unless the update says otherwise; tokens and cost go on.
    public mutating func restart(
        _ update: ProgressUpdate = ProgressUpdate(), at time: Duration, timestamp: Timestamp?
    ) -> Action {
        pass(to: time)
        current.attempt += current.attempt < .max ? 1 : 0
        current.status = .running
        current.percentage = 0
        current.currentStep = 0
        current.stepName = nil
        current.confidence = nil
        current.estimatedTimeRemaining = nil
        content = nil
        reasoning = nil
        estimator = ProgressEstimator(at: work)
        return self.update(update, at: time, timestamp: timestamp)
    }

    /// Gives out what is due; to be called when a ``Action/wait(until:)`` is over, and harmless at any other time.
    public mutating func poll(at time: Duration) -> Action {
        guard isPending else { return .none }
        if let lastEmission, time < lastEmission + interval { return .wait(until: lastEmission + interval) }
        return emit(at: time)
    }

    /// Gives out what was not yet given out, however short the interval.
    public mutating func flush(at time: Duration) -> AgentProgress? {
        guard isPending, case .emit(let record) = emit(at: time) else { return nil }
        return record
    }

    private mutating func emit(at time: Duration) -> Action {
        pass(to: time)
        isPending = false
        lastEmission = max(time, lastEmission ?? time)
        current.estimatedTimeRemaining =
            switch current.status {
            case .completed: .zero
            case .failed, .cancelled: nil
            default: estimator.estimate(at: work)
            }
        return .emit(record)
    }

    private mutating func pass(to time: Duration) {
        if let now, time > now, !current.status.isResting, !current.status.isTerminal { work += time - now }
        now = max(time, now ?? time)
    }

    private mutating func apply(_ update: ProgressUpdate, _ timestamp: Timestamp?) {
        let name = update.stepName.map { $0.prefix(maxBytes: AgentProgress.maxNameBytes) }
        let isNewStep =
            update.currentStep.map { $0 != current.currentStep } ?? false
            || name.map { $0 != current.stepName ?? "" } ?? false
        if isNewStep {
            content = nil
            reasoning = nil
        }
        if let step = update.currentStep { current.currentStep = max(0, step) }
        if let total = update.totalSteps { current.totalSteps = max(0, total) }
        if let name { current.stepName = name.isEmpty ? nil : name }
        if let text = update.content { content = TextTail(text) }
        if let piece = update.contentDelta { TextTail.append(piece, to: &content) }
        if let text = update.reasoning { reasoning = TextTail(text) }
        if let piece = update.reasoningDelta { TextTail.append(piece, to: &reasoning) }
        if let confidence = update.confidence { current.confidence = confidence }
        if let usage = update.usage {
            current.tokensUsed = max(0, usage.tokens)
            current.cost = usage.cost(at: prices)
        }
        if let tokens = update.tokensUsed { current.tokensUsed = max(0, tokens) }
        if let cost = update.cost { current.cost = cost }
        if let status = update.status { current.status = AgentProgress.status(status) }
        if let percentage = update.percentage {
            current.percentage = max(current.percentage, AgentProgress.percentage(percentage))
        }
        if current.status == .completed { current.percentage = 100 }
        estimator.update(fraction: current.percentage / 100, at: work)
        if let timestamp { current.lastUpdated = timestamp }
    }
}
