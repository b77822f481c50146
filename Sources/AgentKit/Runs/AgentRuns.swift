import DurableLog
import ProgressTracking
public import StreamCore

/// Owns the runs of a process: they go on while their readers come and go, and after the process itself.
///
///     let runs = AgentRuns(store: store, agents: [writer, critic])
///     // In the host's task group, for as long as the program runs:
///     group.addTask { await runs.run() }
///     _ = try await runs.recoverAll()
///     // In an endpoint:
///     let handle = try await runs.start("writer", AgentInput(prompt), id: request.id)
///     for try await event in runs.events(of: handle) { … }
///
/// All work happens in child tasks of ``run()``. A reader that leaves cancels nothing; ``cancel(_:in:reason:)`` does, and is durable.
public final class AgentRuns: Sendable {
    /// Where the runs are kept.
    public let store: RunStore

    let agents: [String: StreamingAgent]
    let table = RunTable()
    let now: @Sendable () -> Timestamp?
    private let limit: Int
    private let clock: any Clock<Duration>
    private let queue = BatchChannel<RunTable.Entry>(capacity: 1024)
    private let onChange: (@Sendable (ActiveRun) -> Void)?

    /// The runs of a process.
    ///
    /// - Parameters:
    ///   - store: Where the runs are kept; in place of the agents' own stores.
    ///   - agents: The agents that runs may name; of those with the same name the last one counts.
    ///   - limit: How many runs are worked on at a time; the others wait. At least 1.
    ///   - clock: The clock of ``drain(within:)``.
    ///   - wallClock: What time of day it is, for checkpoints and ``recoverAll(quietFor:)``.
    ///   - onChange: Called whenever a run has changed its state; it must return soon and must not block.
    public init(
        store: RunStore, agents: [StreamingAgent], limit: Int = .max, clock: any Clock<Duration> = ContinuousClock(),
        wallClock: @escaping @Sendable () -> Timestamp? = AgentConfiguration.systemTime,
        onChange: (@Sendable (ActiveRun) -> Void)? = nil
    ) {
        self.store = store
        self.agents = Dictionary(agents.map { ($0.name, $0.derived { $0.store = store }) }) { _, last in last }
        self.limit = max(1, limit)
        self.clock = clock
        now = wallClock
        self.onChange = onChange
    }

    /// The runs that are queued or worked on, by project and name.
    public var active: [ActiveRun] { table.runs }

    /// Works on the runs, until it is drained or its task is cancelled, which interrupts them so that they can be recovered.
    ///
    /// To be called once.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            var count = 0
            var storage: [RunTable.Entry] = []
            while let entries = await queue.next(reusing: &storage) {
                for entry in entries {
                    if count >= limit, await group.next() != nil { count -= 1 }
                    count += 1
                    group.addTask { await self.work(on: entry) }
                }
            }
        }
        // Nobody works on what may still be queued: it is in the log.
        queue.close()
        for entry in table.entries { end(entry, .failure(entry.refusal(.cancelled)), .interrupted) }
    }

    /// Begins a run, and returns when its request is in the log, synced; the work begins when ``run()`` has room for it.
    ///
    /// - Parameters:
    ///   - agent: The name of a registered agent.
    ///   - input: What the agent is asked.
    ///   - id: The run's identity; nil makes a random one. A run that has begun before, here or elsewhere, is not begun again, and not taken over.
    ///   - place: The project that the run belongs to.
    /// - Throws: ``AgentError``: of kind `notFound` when no such agent is registered, `draining`, `storage`, `invalidRequest`.
    public func start(
        _ agent: String, _ input: AgentInput, id: String? = nil, in place: RunPlace = .own
    ) async throws(AgentError) -> RunHandle {
        guard let agent = agents[agent] else {
            throw refusal(.notFound, "no agent named \(agent) is registered", id ?? "")
        }
        guard !table.isDraining else { throw refusal(.draining, "the process stops and takes no more runs", id ?? "") }
        let id = id ?? agent.jitter.makeRunID()
        var execution = RunExecution(
            agent: agent, outlet: .none, record: RunRecord(id: id, input: input))
        do throws(RunFailure) {
            let project = try StreamID(project: place.project, of: id)
            if table[RunTable.Key(project: project, runID: id)] != nil { return RunHandle(runID: id, project: project) }
            do throws(RunFailure) {
                _ = try await execution.open(.begin(input, place))
            } catch {
                guard case .refused(.duplicateRun, _) = error else { throw error }
                return RunHandle(runID: id, project: project)
            }
            guard var durable = execution.durable else { throw .cancelled }
            let offset = durable.fold.offset
            durable.stageProgress(.queued, at: now())
            try await durable.commit()
            try await enqueue(agent, .opened(durable), RunTable.Key(project: project, runID: id))
            return RunHandle(runID: id, project: project, start: offset, isNew: true)
        } catch {
            throw error.error(partial: execution.record.result(.other))
        }
    }

    /// Stops a run for good, and returns when that is in the log, synced; a run that is over stays as it is.
    ///
    /// A run that another process works on is taken from it.
    ///
    /// - Parameters:
    ///   - id: The run.
    ///   - project: The project that it belongs to; nil for a run in a project of its own.
    ///   - reason: Why, for the run's readers.
    /// - Throws: ``AgentError``: of kind `notFound`, or `storage`.
    public func cancel(
        _ id: String, in project: StreamID? = nil, reason: String = "it was asked to stop"
    ) async throws(AgentError) {
        do throws(RunFailure) {
            let project = try StreamID(project: project, of: id)
            if let entry = table[RunTable.Key(project: project, runID: id)] {
                entry.control.cancel(reason: reason)
                await entry.ended.wait()
                if Task.isCancelled { return }
            }
            let loader = RunLoader(store: store, now: now())
            guard case (let fold, var journal?) = try await loader.takeOver(id, in: project) else { return }
            let failure = RunFailure.ended(reason: reason).error(partial: RunRecord(id: id, input: "").result(.other))
            if !fold.isCancelled { journal.stage(.cancel(reason: reason)) }
            stageCancelled(&journal, fold)
            journal.stage(AgentChunk(.error(failure.failure), timestamp: now()))
            journal.stage(.end(.failed(failure.failure)))
            _ = try await journal.commit(.synced)
        } catch {
            throw error.error(partial: RunRecord(id: id, input: "").result(.other))
        }
    }

    /// Takes no more runs, gives those under way some time to end, interrupts the rest so that they can be recovered, and returns when
    /// none is left; ``run()`` then returns as well.
    public func drain(within grace: Duration) async {
        let empty = table.drain()
        queue.finish()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await empty.wait() }
            group.addTask { [clock] in try? await clock.sleep(for: grace) }
            await group.next()
            group.cancelAll()
        }
        for entry in table.entries { entry.control.interrupt() }
        await empty.wait()
    }

    private func stageCancelled(_ journal: inout RunJournal, _ fold: RunFold) {
        guard let options = store.progress, let start = fold.start else { return }
        var progress = RunProgress(start, options, after: fold.progress)
        if let record = progress.say(ProgressUpdate(status: .cancelled), at: .zero, now()) { journal.stage(record) }
    }

    // MARK: Working

    func enqueue(_ agent: StreamingAgent, _ task: RunTask, _ key: RunTable.Key) async throws(RunFailure) {
        let entry = RunTable.Entry(key, agent, task)
        guard table.add(entry) === entry else { return }
        onChange?(entry.active(.queued))
        do throws(ReaderGone) {
            try await queue.send([entry])
        } catch {
            end(entry, .failure(entry.refusal(.cancelled)), .interrupted)
            throw .refused(.draining, "nobody works on the runs any more; the run can be recovered")
        }
    }

    private func work(on entry: RunTable.Entry) async {
        table.begin(entry)
        onChange?(entry.active(.running))
        do throws(AgentError) {
            let result = try await entry.agent.perform(
                entry.task, id: entry.key.runID, control: entry.control, emit: { _ in })
            end(entry, .success(result), result.finish == .interrupted ? .interrupted : .finished)
        } catch {
            end(entry, .failure(error), ActiveRun.State(endOf: error, entry.control))
        }
    }

    private func end(_ entry: RunTable.Entry, _ result: Result<AgentResult, AgentError>, _ state: ActiveRun.State) {
        entry.end(result)
        table.remove(entry)
        onChange?(entry.active(state))
    }

    func refusal(_ kind: FailureKind, _ message: String, _ id: String) -> AgentError {
        RunFailure.refused(kind, message).error(partial: RunRecord(id: id, input: "").result(.other))
    }
}

extension RunTable.Entry {
    fileprivate func refusal(_ failure: RunFailure) -> AgentError {
        failure.error(partial: RunRecord(id: key.runID, input: task.input).result(.other))
    }
}

extension ActiveRun.State {
    fileprivate init(endOf error: AgentError, _ control: RunControl) {
        switch error.kind {
        case .cancelled: self = control.cancelReason == nil ? .interrupted : .cancelled
        case .fenced, .storage: self = .interrupted
        default: self = .failed
        }
    }
}
