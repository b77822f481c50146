import AgentKitTesting
import DurableLog
import StreamCore
import Testing

@Suite struct FileEventLogTests {
    @Test func appendsAreReadAfterReopening() async throws {
        try await TemporaryFolder.with { folder in
            let events = (0..<100).map {
                StreamEvent(type: .content, source: "a", payload: Array("{\"n\":\($0)}".utf8))
            }
            do {
                let log = try FileEventLog(directory: folder)
                try await log.create("s")
                for (number, event) in events.enumerated() {
                    _ = try await log.append(
                        [event], to: "s", options: AppendOptions(durability: number % 10 == 9 ? .synced : .buffered))
                }
                let page = try await log.read("s", after: .start, limit: PageLimit())
                #expect(page.events.map(\.event) == events)
                await log.shutDown()
            }
            let log = try FileEventLog(directory: folder)
            let page = try await log.read("s", after: .start, limit: PageLimit())
            #expect(page.events.map(\.event) == events)
            #expect(page.isUpToDate && !page.isAtEnd)
            let last = try await log.close("s")
            #expect(last == Offset(index: 100))
            await log.shutDown()
        }
    }
}
