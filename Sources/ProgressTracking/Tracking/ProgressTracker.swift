public import DurableLog
public import StreamCore
import Synchronization

/// Publishes the progress of a project's agents: what they say goes to the project's stream, at most ten times a second each, and into the store.
///
/// Agents speak through a ``ProgressReporter`` each. A record that is due is appended to the log, which is its publication, then folded into the store and its history;
/// what several agents have to say at the same time is one append. ``withProgressTracker(log:stream:store:options:_:)`` runs a tracker for as long as a closure takes;
/// a host that owns its tasks calls ``run()`` itself, which publishes what falls due later (one timer for all agents), and ``flush()`` or ``finish(unfinished:)`` at the end.
///
/// An error of the log means that nothing was lost: the records are published with the next. An error of the store, too: the log has the records,
/// and the store catches up with the next.
public final class ProgressTracker: Sendable {
    let log: any EventLog
    /// The project's stream.
    public let stream: StreamID
    let store: (any ProgressStore)?
    /// How it works.
    public let options: ProgressTrackerOptions
    private let elapsed: @Sendable () -> Duration
    private let state = Mutex(Outbox())
    private let turns = TurnTaking()
    // Tells run() that there is something to wait for.
    private let wakeUp = AppendSignal()

    /// A tracker for one project.
    ///
    /// - Parameters:
    ///   - log: The log, which has the stream.
    ///   - stream: The project's stream.
    ///   - store: Where records are kept; nil for the log alone.
    ///   - options: How it works.
    public init(
        log: any EventLog, stream: StreamID, store: (any ProgressStore)?,
        options: ProgressTrackerOptions = ProgressTrackerOptions()
    ) {
        self.log = log
        self.stream = stream
        self.store = store
        self.options = options
        elapsed = stopwatch(on: options.clock)
    }

    /// Where an agent reports its progress; it says nothing by itself.
    ///
    /// - Parameters:
    ///   - agent: The agent's id, at most ``AgentProgress/maxAgentBytes``: readers refuse a longer one.
    ///   - run: The run; another run of an agent that was here before begins anew.
    ///   - weight: How much the agent counts in the project's overall percentage.
    ///   - previous: The agent's newest record, from a store, when a run goes on that another process began.
    public func reporter(
        for agent: String, run: String = "", weight: Double = 1, after previous: AgentProgress? = nil
    ) -> ProgressReporter {
        let origin = ChunkOrigin(projectID: options.projectID ?? stream.description, agentID: agent, runID: run)
        state.withLock {
            $0.add(
                ProgressCoalescer(
                    origin: origin, weight: weight, prices: options.prices, interval: options.interval,
                    after: previous))
        }
        return ProgressReporter(tracker: self, origin: origin)
    }

    /// Publishes what falls due, until the task is cancelled; then publishes what is left, and returns.
    ///
    /// What cannot be published is tried again, at first after an interval, then less and less often, and last at the end.
    ///
    /// - Throws: What ``flush()`` throws, at the end.
    public func run() async throws(ProgressError) {
        let subscription = wakeUp.subscribe()
        var patience = Duration.zero
        while !Task.isCancelled {
            guard let due = state.withLock({ $0.nextDue }) else {
                await subscription.wait()
                continue
            }
            let delay = max(due - elapsed(), patience)
            // Ends early only when the task is cancelled, which comes next.
            if delay > .zero { try? await options.clock.sleep(for: delay) }
            if Task.isCancelled { break }
            do throws(ProgressError) {
                try await publish()
                patience = .zero
            } catch {
                patience = min(max(patience * 2, .milliseconds(100)), .seconds(10))
            }
        }
        // A log refuses a cancelled task; what is left has to get there all the same.
        let rest = Task { () async -> ProgressError? in
            do throws(ProgressError) { try await flush() } catch { return error }
            return nil
        }
        if let error = await rest.value { throw error }
    }

    /// Publishes everything that was said and is not published yet.
    ///
    /// - Throws: `log`, and what the store throws.
    public func flush() async throws(ProgressError) {
        let now = elapsed()
        state.withLock { $0.flush(at: now) }
        try await publish()
    }

    /// Ends the project: publishes what is left, and closes the stream for good.
    ///
    /// - Parameter unfinished: What becomes of this tracker's agents that have not ended.
    /// - Returns: The project as the store has it; without a store, as far as this tracker knows it.
    /// - Throws: `log`, and what the store throws.
    @discardableResult
    public func finish(unfinished: ProgressStatus = .cancelled) async throws(ProgressError) -> ProjectProgress {
        let (now, timestamp) = (elapsed(), options.wallClock())
        state.withLock { $0.end(unfinished, at: now, timestamp: timestamp) }
        try await publish(closing: true)
        return try await project()
    }

    /// The project as the store has it; without a store, as far as this tracker knows it.
    public func project() async throws(ProgressError) -> ProjectProgress {
        guard let store else { return ProjectProgress(state.withLock { $0.records }) }
        return try await store.project(stream)
    }

    // MARK: For reporters

    func record(of origin: ChunkOrigin) -> AgentProgress? {
        state.withLock { state in
            let agent = state.agents[origin.agentID]
            return agent?.origin == origin ? agent?.record : nil
        }
    }

    func change(
        _ origin: ChunkOrigin, _ change: (inout ProgressCoalescer, Duration, Timestamp?) -> ProgressCoalescer.Action
    ) async throws(ProgressError) {
        let (now, timestamp) = (elapsed(), options.wallClock())
        let outcome = state.withLock { state in
            // Who has another run by now speaks through another reporter.
            state.agents[origin.agentID]?.origin == origin
                ? state.change(origin.agentID) { change(&$0, now, timestamp) } : .none
        }
        switch outcome {
        case .emit: try await publish()
        case .wait: wakeUp.notify()
        case .none: break
        }
    }

    // One at a time, so that the records of an agent stand in the log in their order.
    private func publish(closing: Bool = false) async throws(ProgressError) {
        await turns.take()
        defer { turns.pass() }
        let now = elapsed()
        let records = state.withLock { $0.take(at: now) }
        if records.isEmpty, !closing { return }
        let events = records.map { StreamEvent($0) }
        let isLast = closing || records.contains { $0.status.isTerminal }
        var appending = AppendOptions(durability: isLast ? options.finishDurability : options.durability)
        appending.closes = closing
        let last: Offset
        do throws(EventLogError) {
            last = try await log.append(events, to: stream, options: appending).last
        } catch {
            state.withLock { $0.putBack(records) }
            throw ProgressError(.log, "progress could not be appended to \(stream)", underlying: error)
        }
        if let store { try await store.fold(appended: events, last: last, to: stream, of: log) }
    }
}

/// How a ``ProgressTracker`` works.
public struct ProgressTrackerOptions: Sendable {
    /// What `projectId` says in records; nil for the stream's name.
    public var projectID: String?
    /// The shortest time between two records of an agent: a tenth of a second.
    public var interval = Duration.milliseconds(100)
    /// What models cost.
    public var prices = PriceTable.empty
    /// What a record must survive before a call returns: the process.
    public var durability = Durability.buffered
    /// The same for records with a terminal status, and for the stream's end: the machine.
    public var finishDurability = Durability.synced
    /// The clock of intervals.
    public var clock: any Clock<Duration> = ContinuousClock()
    /// What time of day it is; nil leaves the last one.
    public var wallClock: @Sendable () -> Timestamp?

    /// Options, which can be set.
    public init(wallClock: @escaping @Sendable () -> Timestamp? = ProgressTrackerOptions.systemTime) {
        self.wallClock = wallClock
    }
}
