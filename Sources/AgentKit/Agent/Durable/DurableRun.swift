import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery

/// What a run has besides its work when it is logged: its journal, and what its recovery needs to know.
struct DurableRun: Sendable {
    let store: RunStore
    let start: RunStart
    var journal: RunJournal
    /// What was tried so far, as this process knows it.
    var history: RecoveryHistory
    /// The agent's model, then those that may answer in its place.
    let models: [any StreamingModel]
    /// The model that is asked.
    var model: any StreamingModel
    /// Whether a process before this one began the run.
    let isTakeover: Bool
    /// The time since this process began to work on the run.
    let elapsed: @Sendable () -> Duration
    /// The time that processes before this one worked on it.
    let earlierWork: Duration
    var checkpoint: CheckpointPace
    /// What the run tells of its progress; nil where it tells nothing.
    var progress: RunProgress?
    let instrumentation: Instrumentation

    init(
        _ start: RunStart, _ journal: RunJournal, _ store: RunStore, _ configuration: AgentConfiguration,
        isTakeover: Bool
    ) {
        self.store = store
        self.start = start
        self.journal = journal
        self.isTakeover = isTakeover
        history = journal.fold.history
        models = [configuration.model] + store.fallbackModels
        let position = journal.fold.position
        // A cursor means nothing to another model.
        let earlier = models.first { $0.provider == position?.provider && $0.name == position?.model }
        model = earlier ?? configuration.model
        elapsed = stopwatch(on: configuration.clock)
        earlierWork = .milliseconds(journal.fold.workedMilliseconds)
        checkpoint = CheckpointPace(interval: store.checkpointInterval)
        instrumentation = configuration.instrumentation
        let fold = journal.fold
        progress = store.progress.map { options in
            RunProgress(start, options, after: fold.progress, writtenBytes: fold.byteCount + fold.openByteCount)
        }
    }

    var fold: RunFold { journal.fold }
    var isFirstAttempt: Bool { fold.attempts == 0 }

    /// The model of a route.
    func model(for route: RecoveryRoute) -> any StreamingModel {
        models.first { $0.provider == route.provider && $0.name == route.model } ?? model
    }

    /// What the run has cost by the prices of its progress options; no number where a price is missing, which no limit of cost lets pass.
    private var cost: Double {
        var meter = UsageMeter()
        for (model, usage) in fold.usageByModel { meter.set(usage, of: model) }
        if meter.tokens == 0 { return 0 }
        return meter.cost(at: store.progress?.prices ?? .empty)?.units ?? .nan
    }

    /// What a decision about a failure of the run depends on.
    func situation(_ failure: Failure, retryAfter: Duration? = nil) -> RecoverySituation {
        var history = history
        history.elapsed = earlierWork + elapsed()
        history.usage = fold.usage
        history.cost = cost
        let position = fold.position
        let isOurs = position?.provider == model.provider && position?.model == model.name
        return RecoverySituation(
            failure: failure, retryAfter: retryAfter, emitted: fold.emitted,
            cursor: isOurs && !fold.isPositionStale ? position?.cursor : nil, current: RecoveryRoute(model),
            alternatives: models.filter { $0.provider != model.provider || $0.name != model.name }
                .map(RecoveryRoute.init),
            history: history)
    }
}

extension RecoveryRoute {
    init(_ model: any StreamingModel) {
        self.init(provider: model.provider, model: model.name, capabilities: model.capabilities)
    }
}

extension Failure {
    /// Why a run that another process began is asked for anew.
    static let interruptedRun = Failure(
        kind: .interrupted, retryable: true, message: "nobody worked on the run any more, so it was taken over")
}
