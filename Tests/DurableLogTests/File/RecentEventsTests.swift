import AgentKitTesting
import StreamCore
import Testing

@testable import DurableLog

@Suite struct RecentEventsTests {
    private let unlimited = PageLimit(events: .max, bytes: .max)

    private func event(_ index: UInt64, bytes: Int) throws -> LoggedEvent {
        LoggedEvent(
            offset: try #require(Offset(index: index)), timestamp: Timestamp(millisecondsSince1970: 0),
            event: StreamEvent(type: .content, payload: [UInt8](repeating: 1, count: bytes)))
    }

    /// Whatever comes, what is kept is the end of it without a gap, within the limit, and the newest is there while it fits.
    @Test(arguments: [0, 1000, 5000, 100_000])
    func whatIsKeptIsTheEndOfAll(maxBytes: Int) throws {
        var random = SeededRandom(seed: UInt64(maxBytes))
        let overhead = 128
        var recent = RecentEvents(floor: .start, maxBytes: maxBytes)
        var all: [LoggedEvent] = []
        for index in UInt64(1)...2000 {
            let size = Int.random(in: 0..<8, using: &random) == 0 ? Int.random(in: 0..<9000, using: &random) : 60
            all.append(try event(index, bytes: size))
            recent.append(all[all.count - 1])
            let page = recent.page(after: recent.floor, limit: unlimited)
            let kept = try #require(page)
            #expect(kept == Array(all.suffix(kept.count)))
            #expect(recent.floor == (all.count > kept.count ? all[all.count - kept.count - 1].offset : .start))
            #expect(kept.reduce(0) { $0 + $1.event.payload.count + overhead } <= maxBytes)
            #expect(!kept.isEmpty || size + overhead > maxBytes)
        }
    }

    @Test func roomIsMadeByAQuarter() throws {
        // Sixteen of these fill it.
        var recent = RecentEvents(floor: .start, maxBytes: 16 * 256)
        for index in UInt64(1)...16 { recent.append(try event(index, bytes: 128)) }
        #expect(recent.floor == .start)
        recent.append(try event(17, bytes: 128))
        #expect(recent.floor.index == 5)
        recent.drop(through: try #require(Offset(index: 9)))
        #expect(recent.floor.index == 9)
        let rest = recent.page(after: recent.floor, limit: unlimited)
        #expect(rest?.map(\.offset.index) == Array(10...17))
        let gone = recent.page(after: try #require(Offset(index: 8)), limit: unlimited)
        #expect(gone == nil)
    }
}
