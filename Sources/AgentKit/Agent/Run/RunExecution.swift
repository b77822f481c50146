import DurableLog
import ProgressTracking
import StreamCore

/// A run from its first record to its last: what happens around the work of an ``AgentLoop``.
struct RunExecution: Sendable {
    let agent: StreamingAgent
    let outlet: ChunkOutlet
    var record: RunRecord
    var durable: DurableRun?

    private var configuration: AgentConfiguration { agent.configuration }

    init(agent: StreamingAgent, outlet: ChunkOutlet, record: RunRecord) {
        self.agent = agent
        self.outlet = outlet
        self.record = record
    }

    /// Does the run's work, and tells of its end.
    mutating func run(_ task: RunTask, _ control: RunControl) async throws(RunFailure) -> AgentResult {
        if let finish = try await open(task) { return try await replay(finish) }
        try await start(isTakeover: durable?.isTakeover ?? false)
        let outcome = await work(control)
        record = outcome.record
        durable = outcome.durable
        let finish = try outcome.finish(control)
        let result = record.result(finish)
        try await complete(result)
        let now = configuration.wallClock()
        let chunks = [
            AgentChunk(.usage(result.usage), timestamp: now), AgentChunk(.finish(finish), timestamp: now),
        ]
        if finish == .interrupted {
            do throws(RunFailure) {
                try await pause("interrupted")
            } catch {
                guard case .fenced = error else { throw error }
            }
        } else {
            try await log(chunks, .finished(finish))
        }
        try await outlet.send(chunks)
        return result
    }

    /// Tells of a failure that ended the run, or this execution of it.
    mutating func end(_ failure: RunFailure) async -> AgentError {
        let error = failure.error(partial: record.result(.other))
        let now = configuration.wallClock()
        let chunk = AgentChunk(.error(error.failure), timestamp: now)
        do throws(RunFailure) {
            switch failure {
            // Whoever took the run over tells of it; and what the log did not take is not shown.
            case .fenced, .log: return error
            case .cancelled, .host(_, _, isOutlet: true): try await pause("cancelled")
            case .ended(let reason):
                durable?.journal.stage(.cancel(reason: reason))
                try await log([chunk], .failed(error.failure))
            default: try await log([chunk], .failed(error.failure))
            }
        } catch {
            return error.error(partial: record.result(.other))
        }
        if !failure.isOutlet { await outlet.send(error.failure, at: now) }
        return error
    }

    // MARK: Beginning

    /// Begins the run where it is kept, or takes it over.
    ///
    /// - Returns: How it ended, when it is over.
    mutating func open(_ task: RunTask) async throws(RunFailure) -> RunFold.Outcome? {
        guard let store = configuration.store else {
            if case .begin = task { return nil }
            throw .refused(.invalidRequest, "the agent \(agent.name) has no store: its runs end with their process")
        }
        let loader = RunLoader(
            store: store, now: configuration.wallClock(), instrumentation: configuration.instrumentation)
        switch task {
        case .begin(let input, let place):
            let start = RunStart(
                runID: record.id, agent: agent.name, agentID: place.agentID ?? agent.name,
                project: try StreamID(project: place.project, of: record.id), weight: place.weight,
                expectedTokens: place.expectedTokens, input: input, settings: configuration.requestSettings)
            durable = DurableRun(
                start, try await loader.begin(start), store, configuration, isTakeover: false)
        case .takeOver(let project):
            let (fold, journal) = try await loader.takeOver(
                record.id, in: try StreamID(project: project, of: record.id))
            guard let start = fold.start else { return nil }
            record = RunRecord(start, fold)
            guard let journal else { return fold.outcome }
            var run = DurableRun(start, journal, store, configuration, isTakeover: true)
            run.journal.stage(.resume(configuration.wallClock()))
            durable = run
            if fold.isCancelled { throw .ended(reason: "before it was taken over") }
        case .opened(let run): durable = run
        }
        return nil
    }

    /// Tells of a run that is over what its log says.
    private func replay(_ outcome: RunFold.Outcome) async throws(RunFailure) -> AgentResult {
        switch outcome {
        case .finished(let finish):
            let result = record.result(finish)
            let now = configuration.wallClock()
            try await outlet.send([
                AgentChunk(.usage(result.usage), timestamp: now), AgentChunk(.finish(finish), timestamp: now),
            ])
            return result
        case .failed(let failure): throw .known(failure)
        }
    }

    private func start(isTakeover: Bool) async throws(RunFailure) {
        do {
            let input = durable?.start.input ?? AgentInput(messages: record.messages, metadata: record.metadata)
            try await configuration.hooks.onStart?(
                AgentStart(runID: record.id, agent: agent.name, input: input, isTakeover: isTakeover))
        } catch {
            throw .host(error, what: "the hook onStart", isOutlet: false)
        }
    }

    // MARK: Working

    private struct Outcome {
        let record: RunRecord
        let durable: DurableRun?
        let result: Result<FinishReason, RunFailure>
        let isInterrupted: Bool

        func finish(_ control: RunControl) throws(RunFailure) -> FinishReason {
            do throws(RunFailure) {
                return try result.get()
            } catch {
                guard isInterrupted else { throw error }
                switch error {
                // An interrupted run stops by being cancelled, which must not look like a failure.
                case .cancelled:
                    if let reason = control.cancelReason { throw .ended(reason: reason) }
                    return .interrupted
                // Somebody goes on with it already, which is what interrupted runs are for.
                case .fenced where control.cancelReason == nil: return .interrupted
                default: throw error
                }
            }
        }
    }

    private func work(_ control: RunControl) async -> Outcome {
        let (agent, outlet, record, durable) = (agent, outlet, record, durable)
        var configuration = agent.configuration
        // A run keeps what it was asked with, whoever goes on with it.
        if let settings = durable?.start.settings { configuration.requestSettings = settings }
        let working = configuration
        return await agent.withInterrupt(control, durable?.start) {
            // The work is a child of its own, so that an interrupt can cancel it and not the caller's task.
            await withTaskGroup(of: AgentLoop.Ending?.self) { group in
                group.addTask {
                    var loop = AgentLoop(
                        working, record: record, outlet: outlet, jitter: agent.jitter, durable: durable)
                    let result = await loop.run()
                    return AgentLoop.Ending(record: loop.record, durable: loop.durable, result: result)
                }
                group.addTask {
                    await control.signal.wait()
                    return nil
                }
                var ending: AgentLoop.Ending?
                // Whichever ends first ends the other: the work the wait, an interrupt (or the caller's cancellation) the work.
                while let next = await group.next() {
                    ending = next ?? ending
                    group.cancelAll()
                }
                let end = ending ?? AgentLoop.Ending(record: record, durable: durable, result: .failure(.cancelled))
                return Outcome(
                    record: end.record, durable: end.durable, result: end.result, isInterrupted: control.signal.isSet)
            }
        }
    }

    // MARK: Ending

    private func complete(_ result: AgentResult) async throws(RunFailure) {
        do {
            try await configuration.hooks.onCompletion?(result)
        } catch {
            throw .host(error, what: "the hook onCompletion", isOutlet: false)
        }
    }

    private mutating func log(_ chunks: [AgentChunk], _ outcome: RunFold.Outcome) async throws(RunFailure) {
        // Progress first: readers who stop at the end have seen it.
        let now = configuration.wallClock()
        durable?.stageProgress(outcome.status, at: now)
        for chunk in chunks { durable?.journal.stage(chunk) }
        durable?.journal.stage(.end(outcome))
        try await durable?.commit(.synced)
    }

    // The run itself is not over: nothing of its end is told to the readers of the log.
    private mutating func pause(_ reason: String) async throws(RunFailure) {
        guard let start = durable?.start else { return }
        durable?.journal.stage(.pause(reason: reason))
        let now = configuration.wallClock()
        durable?.stageProgress(.paused, at: now)
        try await durable?.commit(.synced)
        agent.notePaused(start)
    }
}

extension AgentLoop {
    /// What a loop leaves.
    struct Ending: Sendable {
        let record: RunRecord
        let durable: DurableRun?
        let result: Result<FinishReason, RunFailure>
    }
}

extension RunFold.Outcome {
    /// What the run's progress says at its end.
    var status: ProgressStatus {
        switch self {
        case .finished: .completed
        case .failed(let failure): failure.kind == .cancelled ? .cancelled : .failed
        }
    }
}

extension RunFailure {
    /// Whether it was the consumer of the chunks who failed.
    fileprivate var isOutlet: Bool {
        if case .host(_, _, let isOutlet) = self { isOutlet } else { false }
    }
}
