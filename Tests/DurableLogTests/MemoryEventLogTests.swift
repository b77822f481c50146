import DurableLog
import StreamCore
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
}
