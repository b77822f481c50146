import AgentKitTesting
import DurableLog
import ProgressTracking
import StreamCore
import Synchronization
import Testing

@Suite("The tracker")
struct ProgressTrackerTests {
    private let clock = ManualClock()
    private let log = ArrayLog("p")
    private let store = MemoryProgressStore()

    private var options: ProgressTrackerOptions {
        var options = ProgressTrackerOptions(wallClock: { [clock] in clock.timestamp })
        options.clock = clock
        options.prices = ["m": ModelPrice(input: 1, output: 2)]
        return options
    }

    private var tracker: ProgressTracker { ProgressTracker(log: log, stream: "p", store: store, options: options) }

    private func requireStoreEqualsLog() async throws {
        var fold = ProgressFold()
        fold.advance(
            by: ProgressAdvance(
                EventPage(
                    events: log.events("p"), next: log.events("p").last?.offset ?? .start, isUpToDate: true,
                    isAtEnd: false), after: .start))
        #expect(try await store.fold(of: "p") == fold)
    }

    @Test("An update is appended, stored and in the history when the call returns")
    func published() async throws {
        let progress = tracker.reporter(for: "writer", run: "run-1", weight: 2)
        #expect(log.events("p").isEmpty)
        try await progress.start(ProgressUpdate(totalSteps: 4))
        let record = try #require(try await store.record(of: "writer", in: "p"))
        #expect(record.status == .running && record.totalSteps == 4 && record.projectID == "p" && record.weight == 2)
        #expect(record.runID == "run-1" && record.lastUpdated == clock.timestamp)
        #expect(try log.records("p") == [record])
        #expect(try await store.history(of: "writer", in: "p").count == 1)
        #expect(progress.record == record)
        try await requireStoreEqualsLog()
    }

    @Test("Ten a second for each agent, in one append for all, and the last one is published by the timer")
    func coalesced() async throws {
        let tracker = tracker
        let running = Task { try await tracker.run() }
        let agents = (0..<5).map { tracker.reporter(for: "agent-\($0)") }
        for agent in agents { try await agent.start() }
        for tick in 1...20 {
            for agent in agents { try await agent.update(ProgressUpdate(percentage: Double(tick) / 10)) }
        }
        try await clock.waitForSleepers()
        #expect(log.events("p").count == 5)
        clock.advance(by: .milliseconds(100))
        let signal = try await log.signal(for: "p").subscribe()
        while log.events("p").count < 10 { await signal.wait() }
        #expect(try log.records("p").suffix(5).map(\.percentage) == [2, 2, 2, 2, 2])
        #expect(log.state.withLock { $0.appends.count } == 6)
        running.cancel()
        try await running.value
        try await requireStoreEqualsLog()
    }

    @Test("What is left is published when the tracker's task is cancelled, though the log refuses cancelled tasks")
    func cancelled() async throws {
        let tracker = tracker
        let running = Task { try await tracker.run() }
        let agent = tracker.reporter(for: "a")
        try await agent.start()
        try await agent.update(ProgressUpdate(percentage: 50))
        try await clock.waitForSleepers()
        running.cancel()
        try await running.value
        #expect(try log.records("p").map(\.percentage) == [0, 50])
        try await requireStoreEqualsLog()
    }

    @Test("A scope publishes the last word, however it ends", arguments: [false, true])
    func scope(fails: Bool) async throws {
        struct Failure: Error {}
        do {
            let value = try await withProgressTracker(log: log, stream: "p", store: store, options: options) {
                tracker in
                let agent = tracker.reporter(for: "a")
                try await agent.start()
                try await agent.update(ProgressUpdate(percentage: 50))
                if fails { throw Failure() }
                return 7
            }
            #expect(value == 7 && !fails)
        } catch is Failure {
            #expect(fails)
        }
        #expect(try log.records("p").map(\.percentage) == [0, 50])
        try await requireStoreEqualsLog()
    }

    @Test("An end is synced at once, and ended is ended until the restart")
    func ends() async throws {
        let progress = tracker.reporter(for: "a")
        try await progress.start()
        try await progress.update(ProgressUpdate(percentage: 40, contentDelta: "x"))
        try await progress.finish(.failed)
        try await progress.update(ProgressUpdate(percentage: 90))
        try await progress.restart()
        clock.advance(by: .seconds(1))
        try await progress.finish()
        let records = try log.records("p")
        #expect(records.map(\.status) == [.running, .failed, .completed])
        #expect(records.map(\.percentage) == [0, 40, 100] && records.map(\.attempt) == [1, 1, 2])
        #expect(log.state.withLock { $0.appends.map(\.durability) } == [.buffered, .synced, .synced])
        try await requireStoreEqualsLog()
    }

    @Test("A reporter speaks of its own run alone")
    func runs() async throws {
        let tracker = tracker
        let old = tracker.reporter(for: "a", run: "1")
        try await old.start(ProgressUpdate(percentage: 90))
        let new = tracker.reporter(for: "a", run: "2")
        try await new.start()
        try await old.finish(.failed)
        #expect(old.record == nil && new.record?.status == .running && new.record?.percentage == 0)
        #expect(try log.records("p").map(\.runID) == ["1", "2"])
    }

    @Test("When an append fails, the record comes with the next, and none is lost")
    func appendFails() async throws {
        let (tracker, log) = (tracker, log)
        let progress = tracker.reporter(for: "a")
        log.failAppends(2)
        for _ in 0..<2 {
            let error = await #expect(throws: ProgressError.self) { try await progress.finish(.completed) }
            // The second time there is nothing new to say, and nothing fails.
            #expect(error?.code == .log && (error?.underlying as? EventLogError)?.code == .storage)
            break
        }
        await #expect(throws: ProgressError.self) { try await tracker.flush() }
        #expect(log.events("p").isEmpty)
        try await tracker.flush()
        #expect(try log.records("p").map(\.status) == [.completed])
        try await requireStoreEqualsLog()
    }

    @Test("The timer tries again what the log refused")
    func timerRetries() async throws {
        let tracker = tracker
        let running = Task { try await tracker.run() }
        let agent = tracker.reporter(for: "a")
        try await agent.start()
        try await agent.update(ProgressUpdate(percentage: 50))
        log.failAppends(3)
        let signal = try await log.signal(for: "p").subscribe()
        // In time, then three times later and later.
        for delay in [100, 100, 200, 400] {
            try await clock.waitForSleepers()
            #expect(log.events("p").count == 1)
            #expect(clock.advanceToNextDeadline() == .milliseconds(delay))
        }
        while log.events("p").count < 2 { await signal.wait() }
        running.cancel()
        try await running.value
        #expect(try log.records("p").map(\.percentage) == [0, 50])
        try await requireStoreEqualsLog()
    }

    @Test("Others' events between the records are read from the log, and folded")
    func others() async throws {
        let one = ProgressTracker(log: log, stream: "p", store: store, options: options)
        let other = ProgressTracker(log: log, stream: "p", store: nil, options: options)
        let chunk = StreamEvent(AgentChunk(.content("x")), from: writer)
        for round in 0..<20 {
            try await other.reporter(for: "other", run: "\(round)").finish()
            try await log.append([chunk, chunk, chunk], to: "p")
            try await one.reporter(for: "one", run: "\(round)").finish()
            try await requireStoreEqualsLog()
        }
        // Alone, nothing is read.
        let reads = log.state.withLock { $0.reads }
        for round in 20..<30 { try await one.reporter(for: "one", run: "\(round)").finish() }
        #expect(log.state.withLock { $0.reads } == reads)
    }

    @Test("The records of an agent stand in the log in their order, whoever calls")
    func concurrent() async throws {
        var options = options
        options.interval = .zero
        let tracker = ProgressTracker(log: log, stream: "p", store: store, options: options)
        let said = Counter()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let progress = tracker.reporter(for: "agent-\(task % 3)", run: "run")
                    for _ in 0..<50 {
                        let next = said.next()
                        do {
                            try await progress.update(ProgressUpdate(percentage: Double(next) / 10))
                        } catch {
                            Issue.record(error)
                        }
                    }
                }
            }
        }
        for agent in 0..<3 {
            let records = try log.records("p").filter { $0.agentID == "agent-\(agent)" }
            #expect(zip(records, records.dropFirst()).allSatisfy { $0.percentage <= $1.percentage })
            #expect(records.last == tracker.reporter(for: "agent-\(agent)", run: "run").record)
        }
        try await requireStoreEqualsLog()
    }

    @Test("Finishing a project ends its agents and closes the stream, once")
    func finish() async throws {
        let tracker = tracker
        try await tracker.reporter(for: "done").finish()
        try await tracker.reporter(for: "open").start()
        let project = try await tracker.finish()
        #expect(project.status == .completed && project.statuses == [.completed: 1, .cancelled: 1])
        #expect(try await log.info("p").isClosed)
        try await tracker.finish()
        await #expect(throws: ProgressError.self) { try await tracker.reporter(for: "late").start() }
        try await requireStoreEqualsLog()
    }

    @Test("Without a store, the log alone has the records, and the project is what the tracker knows")
    func noStore() async throws {
        let tracker = ProgressTracker(log: log, stream: "p", store: nil, options: options)
        var meter = UsageMeter()
        meter.add(Usage(input: 1_000_000), of: "m")
        try await tracker.reporter(for: "a").start(ProgressUpdate(percentage: 50, usage: meter))
        let project = try await tracker.project()
        #expect(project.percentage == 50 && project.cost == 1 && project.tokensUsed == 1_000_000)
        #expect(log.events("p").count == 1)
    }
}
