import DurableLog
import StreamCore
import StreamDelivery
import Testing

@Suite struct FeedReaderTests {
    private let stream: StreamID = "s"

    private func numbers(_ range: ClosedRange<Int>) -> String { range.map { "\($0) " }.joined() }

    @Test func whatIsAppendedIsPulledAtOnceWithoutATask() async throws {
        // No hub runs: everything is at hand.
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let hub = DeliveryHub(log: log)
        let reader = try await hub.open(stream, format: .plain()).reader
        let waker = reader.waker()
        #expect(reader.pullAll().text == [])
        try await log.append([.number(1), .number(2)], to: stream)
        await waker.wait()
        #expect(reader.pullAll().text == ["1 2 "])
        try await log.append([.number(3)], to: stream)
        try await log.append([.number(4)], to: stream)
        #expect(reader.pullAll().text.joined() == "3 4 ")
        try await log.close(stream)
        guard case .end(.closed) = reader.pullAll().last else {
            Issue.record("not ended")
            return
        }
        reader.end()
        #expect(hub.feedCount == 0)
    }

    @Test func anEventIsEncodedOnceForAllReaders() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let hub = DeliveryHub(log: log)
        let count = Counter()
        var readers: [FeedReader] = []
        for _ in 0..<100 { readers.append(try await hub.open(stream, format: .plain(count)).reader) }
        for number in 1...10 {
            try await log.append([.number(number)], to: stream)
            if number.isMultiple(of: 3) { for reader in readers { _ = reader.pullAll() } }
        }
        for reader in readers { #expect(reader.pullAll().text.joined() == "10 ") }
        #expect(count.value == 10)
        #expect(hub.readerCount == 100)
        for reader in readers { reader.end() }
        #expect(hub.readerCount == 0)
    }

    @Test(arguments: [false, true]) func aReaderCatchesUpAndThenFollows(isDistant: Bool) async throws {
        let log: any EventLog = isDistant ? DistantLog() : MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        for start in stride(from: 1, to: 1000, by: 10) {
            try await log.append((start..<start + 10).map { .number($0) }, to: stream)
        }
        let limits = FeedLimits(windowBytes: 2000, historyPage: PageLimit(events: 64), historyPages: 2)
        let text = try await withHub(log, limits: limits) { hub in
            let reader = try await hub.open(stream, format: .plain()).reader
            let waker = reader.waker()
            let first = await reader.pull(waker, maxBytes: 100) { $0.contains(" 700 ") }
            try await log.append((1001...1100).map { .number($0) }, to: stream)
            try await log.close(stream)
            let rest = await reader.pull(waker, maxBytes: 100)
            return first.text + rest.text
        }
        #expect(text == numbers(1...1100))
    }

    @Test func aReaderResumesAnywhere() async throws {
        let log = MemoryEventLog(firstEra: 3)
        try await log.create(stream)
        let last = try await log.append((1...300).map { .number($0) }, to: stream).last
        try await log.close(stream)
        try await withHub(log, limits: FeedLimits(historyPage: PageLimit(events: 32))) { hub in
            for index in [1, 31, 32, 33, 150, 299] {
                let offset = try #require(Offset(era: last.era, index: UInt64(index)))
                let reader = try await hub.open(stream, .after(offset), format: .plain()).reader
                #expect(await reader.pull(reader.waker()).text == numbers(index + 1...300))
                #expect(reader.position == last)
            }
        }
    }

    @Test func filtersAndInternalEventsAreLeftOut() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        var events: [StreamEvent] = []
        for number in 1...60 {
            events.append(
                .number(number, type: number.isMultiple(of: 2) ? .progress : .content, source: "a\(number % 3)"))
            events.append(.secret())
        }
        try await log.append(events, to: stream)
        try await log.append([.number(61, type: .content, source: "a1"), .secret()], to: stream)
        try await log.close(stream)
        try await withHub(log, limits: FeedLimits(historyPage: PageLimit(events: 7))) { hub in
            func read(_ filter: EventFilter) async throws -> String {
                let reader = try await hub.open(stream, filter: filter, format: .plain()).reader
                return await reader.pull(reader.waker()).text
            }
            let all = try await read(.all)
            #expect(all == numbers(1...61))
            let progress = try await read(EventFilter(types: [.progress]))
            #expect(progress == (1...60).filter { $0.isMultiple(of: 2) }.map { "\($0) " }.joined())
            let one = try await read(EventFilter(sources: ["a1"]))
            #expect(one == (1...61).filter { $0 % 3 == 1 }.map { "\($0) " }.joined())
            let none = try await read(EventFilter(types: [.seam]))
            #expect(none == "")
        }
    }

    @Test func aFilteredReaderMovesOnWithoutEvents() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let hub = DeliveryHub(log: log)
        let reader = try await hub.open(stream, filter: EventFilter(types: [.progress]), format: .plain()).reader
        let last = try await log.append((1...50).map { .number($0) }, to: stream).last
        #expect(reader.pullAll().text == [])
        #expect(reader.position == last)
    }

    @Test func whatIsNotKeptIsToldAndTheRestFollows() async throws {
        let log = MemoryEventLog(firstEra: 1)
        _ = try await log.create(stream, options: StreamOptions(retention: Retention(maxEvents: 10)))
        let first = try await log.append([.number(1)], to: stream).last
        try await log.append((2...50).map { .number($0) }, to: stream)
        try await log.close(stream)
        try await withHub(log) { hub in
            let reader = try await hub.open(stream, .after(first), format: .plain()).reader
            let waker = reader.waker()
            guard case (let text, .gap(let gap)?) = await reader.pull(waker) else {
                Issue.record("no gap")
                return
            }
            #expect(text == "")
            #expect(gap.asked == first)
            #expect(gap.oldest?.index == 41)
            #expect(gap.newest.index == 50)
            #expect(await reader.pull(waker).text == numbers(41...50))
        }
    }

    @Test(arguments: [
        Offset(era: 1, index: 4000)!, Offset(era: 900, index: 2)!, Offset(era: Offset.maxEra, index: Offset.maxIndex)!,
    ])
    func aPlaceThatWasNeverGivenIsAGap(offset: Offset) async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        try await log.append([.number(1), .number(2)], to: stream)
        try await log.close(stream)
        try await withHub(log) { hub in
            let reader = try await hub.open(stream, .after(offset), format: .plain()).reader
            let waker = reader.waker()
            guard case (_, .gap(let gap)?) = await reader.pull(waker) else {
                Issue.record("no gap")
                return
            }
            #expect(gap.asked == offset)
            #expect(await reader.pull(waker).text == "1 2 ")
        }
    }

    @Test(arguments: [false, true]) func aDeletedStreamEndsItsReaders(isDistant: Bool) async throws {
        let log: any EventLog = isDistant ? DistantLog() : MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        try await withHub(log) { hub in
            let reader = try await hub.open(stream, format: .plain()).reader
            let waker = reader.waker()
            #expect(reader.pullAll().text == [])
            try await log.delete(stream)
            try await log.create(stream)
            try await log.append([.number(7)], to: stream)
            guard case (let text, .end(.deleted)?) = await reader.pull(waker) else {
                Issue.record("not told")
                return
            }
            #expect(text == "")
            // Who comes now reads the new one.
            let next = try await hub.open(stream, format: .plain()).reader
            #expect(await next.pull(next.waker()) { $0 == "7 " }.text == "7 ")
            #expect(hub.feedCount == 1)
        }
    }

    @Test func aLogThatFailsEndsItsReaders() async throws {
        let log = DistantLog()
        try await log.create(stream)
        try await withHub(log) { hub in
            let reader = try await hub.open(stream, format: .plain()).reader
            let waker = reader.waker()
            #expect(reader.pullAll().text == [])
            log.fail(EventLogError(.storage, stream, "disk /secret is full"))
            try await log.append([.number(1)], to: stream)
            guard case (_, .end(.failed(let error))?) = await reader.pull(waker) else {
                Issue.record("not told")
                return
            }
            #expect(error.code == .storage)
            log.fail(nil)
            let next = try await hub.open(stream, format: .plain()).reader
            #expect(await next.pull(next.waker()) { $0 == "1 " }.text == "1 ")
        }
    }

    @Test func aHubThatStopsTellsItsReaders() async throws {
        let log = DistantLog()
        try await log.create(stream)
        try await log.append([.number(1)], to: stream)
        let (reader, waker) = try await withHub(log) { hub in
            let reader = try await hub.open(stream, .tail, format: .plain()).reader
            return (reader, reader.waker())
        }
        guard case (_, .end(.failed(let error))?) = await reader.pull(waker) else {
            Issue.record("not told")
            return
        }
        #expect(error.code == .unavailable)
    }

    @Test func readersThatComeFromOnePlaceShareOneRead() async throws {
        let log = DistantLog()
        try await log.create(stream)
        try await log.append((1...500).map { .number($0) }, to: stream)
        try await log.close(stream)
        let count = Counter()
        let hub = DeliveryHub(log: log)
        var readers: [(FeedReader, Waker)] = []
        for _ in 0..<50 {
            let reader = try await hub.open(stream, format: .plain(count)).reader
            readers.append((reader, reader.waker()))
            #expect(reader.pullAll().text == [])
        }
        let before = log.reads.value
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await hub.run() }
            for (reader, waker) in readers {
                #expect(await reader.pull(waker).text == numbers(1...500))
            }
            group.cancelAll()
        }
        #expect(count.value == 500)
        // One for all, and one at the tail.
        #expect(log.reads.value - before <= 3)
    }

    @Test func aPieceIsCutBetweenEventsAndHoldsAtLeastOne() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let hub = DeliveryHub(log: log)
        let reader = try await hub.open(stream, format: .plain()).reader
        try await log.append((1...20).map { .number($0 * 1000) }, to: stream)
        let (pieces, _) = reader.pullAll(maxBytes: 15)
        #expect(pieces.allSatisfy { $0.utf8.count <= 15 && $0.hasSuffix(" ") })
        #expect(pieces.joined() == (1...20).map { "\($0 * 1000) " }.joined())
        let other = try await hub.open(stream, .after(Offset(era: 1, index: 19)!), format: .plain()).reader
        #expect(other.pullAll(maxBytes: 1).text == ["20000 "])
    }

    @Test func manyFormatsAndFiltersStayRight() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let hub = DeliveryHub(log: log)
        var readers: [(FeedReader, Int)] = []
        for number in 0..<100 {
            let format = WireFormat(name: "f\(number)") { $1 += Array("\(number):".utf8) + $0.event.payload + [32] }
            let filter = EventFilter(sources: ["a\(number)"])
            readers.append((try await hub.open(stream, filter: filter, format: format).reader, number))
        }
        try await log.append((0..<100).map { .number($0, source: "a\($0)") }, to: stream)
        for (reader, number) in readers { #expect(reader.pullAll().text == ["\(number):\(number) "]) }
    }
}
