import StreamCore
import Testing

@Suite struct JSONWriterTests {
    private func text(_ value: Double) -> String {
        var bytes: [UInt8] = []
        JSONWriter.append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func text(_ value: Int64) -> String {
        var bytes = Array("x".utf8)
        JSONWriter.append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func numbersOfFewDigitsAreTheShortestText() {
        for hundredths in 0..<200_000 {
            let value = Double(hundredths) / 100
            #expect(text(value) == value.description)
            #expect(text(-value) == (-value).description)
        }
        for hundredths in [99_999_998, 99_999_999, 100_000_000, 100_000_001, 123_456_789_012] {
            let value = Double(hundredths) / 100
            #expect(text(value) == value.description)
        }
    }

    @Test func neighboursOfNumbersOfFewDigitsKeepTheirOwnText() {
        var random = SplitMix(seed: 7)
        for _ in 0..<100_000 {
            let value = Double(Int.random(in: 1..<100_000_000, using: &random)) / 100
            for neighbour in [value.nextUp, value.nextDown, value / 10, value * 1.000001] {
                #expect(text(neighbour) == neighbour.description)
            }
        }
    }

    @Test func anyNumberIsItsShortestText() {
        var random = SplitMix(seed: 11)
        for _ in 0..<100_000 {
            let value = Double(bitPattern: random.next())
            #expect(text(value) == (value.isFinite ? value.description : "null"))
        }
        for value in [0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, 0.005, 1e-5, 1e16] {
            #expect(text(value) == (value.isFinite ? value.description : "null"))
        }
    }

    @Test func integersHaveTheirDigits() {
        var random = SplitMix(seed: 13)
        for value in [0, 1, -1, 9, 10, -10, 1_767_225_600_000, .max, .min] as [Int64] {
            #expect(text(value) == "x\(value)")
        }
        for shift in 0..<64 {
            let value = Int64(bitPattern: random.next()) >> shift
            #expect(text(value) == "x\(value)")
        }
    }
}
