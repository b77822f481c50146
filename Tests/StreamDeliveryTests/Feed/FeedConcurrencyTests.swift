import AgentKitTesting
import DurableLog
import StreamCore
import StreamDelivery
import Testing

@Suite struct FeedConcurrencyTests {
    private let stream: StreamID = "s"

    /// Readers that come at different times, with and without filters, while somebody appends: each gets everything, once and in order.
    @Test(arguments: [false, true]) func readersOnManyThreadsMissNothing(isDistant: Bool) async throws {
        let log: any EventLog = isDistant ? DistantLog() : MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let count = 1500
        let limits = FeedLimits(
            windowBytes: 4000, tailPage: PageLimit(events: 20), historyPage: PageLimit(events: 50), historyPages: 2)
        try await withHub(log, limits: limits) { hub in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        for _ in 0..<number { await Task.yield() }
                        let isFiltered = number.isMultiple(of: 3)
                        let filter = isFiltered ? EventFilter(types: [.progress]) : .public
                        let reader = try await hub.open(stream, filter: filter, format: .plain()).reader
                        let (text, last) = await reader.pull(reader.waker(), maxBytes: 30 + number * 10)
                        let expected = (1...count).filter { !isFiltered || $0.isMultiple(of: 5) }
                        #expect(text == expected.map { "\($0) " }.joined())
                        guard case .end(.closed)? = last else {
                            Issue.record("reader \(number) ended with \(String(describing: last))")
                            return
                        }
                        reader.end()
                    }
                }
                group.addTask {
                    var random = SeededRandom(seed: 3)
                    var next = 1
                    while next <= count {
                        let end = min(count, next + Int.random(in: 0...12, using: &random))
                        try await log.append(
                            (next...end).map { .number($0, type: $0.isMultiple(of: 5) ? .progress : .content) },
                            to: stream)
                        next = end + 1
                        if Bool.random(using: &random) { await Task.yield() }
                    }
                    try await log.close(stream)
                }
                try await group.waitForAll()
            }
            #expect(hub.feedCount == 0)
            #expect(hub.readerCount == 0)
        }
    }

    /// Readers that connect and leave while the stream is deleted and made again: none is told of events of two streams, and none is left behind.
    @Test(arguments: [false, true]) func streamsThatComeAndGoAreKeptApart(isDistant: Bool) async throws {
        let log: any EventLog = isDistant ? DistantLog() : MemoryEventLog(firstEra: 1)
        try await withHub(log) { hub in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for life in 1...40 {
                        try await log.create(stream)
                        for number in 0..<5 {
                            try await log.append([.number(life * 100 + number)], to: stream)
                            await Task.yield()
                        }
                        try await log.delete(stream)
                    }
                    try await log.create(stream)
                    try await log.close(stream)
                }
                for _ in 0..<8 {
                    group.addTask {
                        while true {
                            do throws(EventLogError) {
                                let reader = try await hub.open(stream, format: .plain()).reader
                                let (text, last) = await reader.pull(reader.waker())
                                reader.end()
                                let lives = Set(text.split(separator: " ").map { $0.dropLast(2) })
                                #expect(lives.count <= 1, "\(text)")
                                if case .end(.closed)? = last { return }
                            } catch {
                                guard error.code == .notFound || error.code == .unavailable else { throw error }
                                await Task.yield()
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(hub.readerCount == 0)
            #expect(hub.feedCount == 0)
        }
    }
}
