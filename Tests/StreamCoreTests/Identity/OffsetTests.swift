import AgentKitTesting
import StreamCore
import Testing

@Suite struct OffsetTests {
    @Test func textHasFifteenDigits() throws {
        #expect(Offset.start.description == "000000000000000")
        #expect(try #require(Offset(era: 1, index: 33)).description == "000100000000011")
        let last = try #require(Offset(era: Offset.maxEra, index: Offset.maxIndex))
        #expect(last.description == "vvvvvvvvvvvvvvv")
        #expect(last.successor == nil)
    }

    @Test func partsOutOfRangeAreRefused() {
        #expect(Offset(era: Offset.maxEra + 1, index: 0) == nil)
        #expect(Offset(index: Offset.maxIndex + 1) == nil)
    }

    @Test(arguments: [
        "", "-1", "now", "00000000000000", "0000000000000000", "00000000000000w", "00000000000000A", "0000000000000é",
    ])
    func otherTextsAreRefused(_ text: String) {
        #expect(Offset(text) == nil)
    }

    @Test func textsSortAsOffsetsDo() throws {
        var random = SeededRandom(seed: 1)
        for _ in 0..<2_000 {
            let pair = try (0..<2).map { _ in
                let era =
                    UInt32.random(in: 0...Offset.maxEra, using: &random) >> UInt32.random(in: 0...20, using: &random)
                let index =
                    UInt64.random(in: 0...Offset.maxIndex, using: &random) >> UInt64.random(in: 0...55, using: &random)
                return try #require(Offset(era: era, index: index))
            }
            #expect((pair[0] < pair[1]) == (pair[0].description < pair[1].description))
            #expect(Offset(pair[0].description) == pair[0])
        }
    }

    @Test func successorIsDense() throws {
        let offset = try #require(Offset(era: 7, index: 31))
        #expect(offset.successor?.description == "000700000000010")
    }
}
