import AgentKitTesting
import DurableLog
import StreamCore
import Synchronization
import Testing

@Suite struct MemoryEventLogTests {
    func event(_ number: Int) -> StreamEvent {
        StreamEvent(type: .content, payload: Array("\(number)".utf8))
    }

    @Test func readersCatchUpThenTail() async throws {
        let log = MemoryEventLog()
        try await log.create("s")
        try await log.append((0..<100).map(event), to: "s")
        try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<10 {
                group.addTask {
                    var seen: [String] = []
                    for try await logged in log.cursor(over: "s", pageLimit: PageLimit(events: 7)) {
                        seen.append(String(decoding: logged.event.payload, as: UTF8.self))
                    }
                    return seen
                }
            }
            for number in 100..<300 { try await log.append([event(number)], to: "s") }
            try await log.close("s")
            for try await seen in group { #expect(seen == (0..<300).map { "\($0)" }) }
        }
    }

    @Test func whatIsNotKeptIsAGap() async throws {
        let log = MemoryEventLog(firstEra: 1)
        _ = try await log.create("s", options: StreamOptions(retention: Retention(maxEvents: 10)))
        for number in 1...100 { try await log.append([event(number)], to: "s") }
        let oldest = try #require(try await log.info("s").oldest)
        #expect(oldest.index == 91)
        #expect(try await log.read("s", after: .start, limit: PageLimit()).events.count == 10)
        await #expect { _ = try await log.read("s", after: Offset(era: 1, index: 89)!, limit: PageLimit()) } throws: {
            error in
            (error as? EventLogError)?.code == .gap && (error as? EventLogError)?.kept?.oldest == oldest
        }
    }

    @Test func aStreamMadeAgainGivesOtherOffsets() async throws {
        let log = MemoryEventLog()
        try await log.create("s")
        let first = try await log.append([event(1)], to: "s").last
        try await log.delete("s")
        try await log.create("s")
        let second = try await log.append([event(1)], to: "s").last
        #expect(first < second && first.index == second.index)
        await #expect(throws: EventLogError.self) { _ = try await log.read("s", after: first, limit: PageLimit()) }
    }

    @Test func theWholeLogIsBounded() async throws {
        let log = MemoryEventLog(limits: .init(bytes: 10_000, streamBytes: 4_000))
        let event = StreamEvent(type: .init(rawValue: "x"), payload: [UInt8](repeating: 1, count: 935))
        for name: StreamID in ["a", "b", "c"] { try await log.create(name) }
        // A stream's own limit takes its oldest events, as a retention does.
        for _ in 0..<10 { try await log.append([event], to: "a") }
        #expect(log.storedBytes == 4_000)
        for _ in 0..<4 { try await log.append([event], to: "b") }
        for _ in 0..<2 { try await log.append([event], to: "c") }
        let error = await #expect(throws: EventLogError.self) { try await log.append([event], to: "c") }
        #expect(error?.code == .storage)
        #expect(try await log.read("c", after: .start, limit: PageLimit()).events.count == 2)
        try await log.delete("a")
        #expect(log.storedBytes == 6_000)
        try await log.append([event], to: "c")
        _ = try await log.create("d", options: StreamOptions(fork: ForkPoint(source: "c")))
        #expect(log.storedBytes == 10_000)
        for name: StreamID in ["b", "c", "d"] { try await log.delete(name) }
        #expect(log.storedBytes == 0)
    }

    @Test func instancesDrawTheirErasApart() async throws {
        func era(_ seed: UInt64) async throws -> UInt32 {
            var generator = SeededRandom(seed: seed)
            let log = MemoryEventLog(drawingEraFrom: &generator)
            try await log.create("s")
            return try await log.append([event(1)], to: "s").last.era
        }
        var eras: Set<UInt32> = []
        for seed: UInt64 in 0..<20 { eras.insert(try await era(seed)) }
        #expect(eras.count == 20)
        #expect(try await era(7) == era(7))
        #expect(!eras.contains(0))
    }

    @Test func manyNamesThatAreUsedOnceLeaveLittle() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create("first")
        let first = try await log.append([event(1)], to: "first").last
        try await log.delete("first")
        for number in 0..<25_000 {
            let name = try StreamID("s/\(number)")
            try await log.create(name)
            try await log.append([event(number)], to: name)
            try await log.delete(name)
        }
        // The name is forgotten, and its offsets are not given again.
        try await log.create("first")
        let again = try await log.append([event(1)], to: "first").last
        #expect(again.era > first.era && again.era < 10)
    }

    @Test func whoWaitsForAStreamWhoseTimeIsOverIsTold() async throws {
        let clock = ManualClock()
        let log = MemoryEventLog(wallClock: { clock.timestamp })
        _ = try await log.create("s", options: StreamOptions(lifetime: .sliding(.seconds(5))))
        let signal = try await log.signal(for: "s")
        async let code = { () async -> EventLogError.Code? in
            var cursor = log.cursor(over: "s").makeAsyncIterator()
            do throws(EventLogError) { _ = try await cursor.next() } catch { return error.code }
            return nil
        }()
        while signal.subscriberCount == 0 { await Task.yield() }
        clock.advance(by: .seconds(4))
        log.removeExpired()
        #expect(try await log.list(prefix: "", after: nil, limit: 1) == ["s"])
        clock.advance(by: .seconds(60))
        log.removeExpired()
        #expect(await code == .notFound)
    }

    @Test func aSignalEndsWithItsSubscriptions() {
        let signal = AppendSignal()
        let calls = Atomic(0)
        var subscriptions = (0..<5).map { _ in signal.subscribe { calls.add(1, ordering: .relaxed) } }
        signal.notify()
        #expect(calls.load(ordering: .relaxed) == 5)
        for count in [4, 3, 2, 1, 0] {
            subscriptions.remove(at: count / 2)
            #expect(signal.subscriberCount == count)
            signal.notify()
        }
        #expect(calls.load(ordering: .relaxed) == 5 + 4 + 3 + 2 + 1)
    }

    @Test func notificationsBeforeTheWaitCount() async {
        let signal = AppendSignal()
        let subscription = signal.subscribe()
        signal.notify()
        signal.notify()
        await subscription.wait()
        let waiter = Task { await subscription.wait() }
        waiter.cancel()
        await waiter.value
    }
}
