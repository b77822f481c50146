import Testing

@testable import WireProtocols

@Suite struct UTF8ValidatorTests {
    /// Bytes around every border of the table of well-formed sequences.
    static let borders: [UInt8] = [
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
        0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]

    private func verdict(_ bytes: [UInt8]) -> (isPossible: Bool, isWhole: Bool) {
        var validator = UTF8Validator()
        let isPossible = bytes.withUnsafeBytes { validator.accept($0) }
        return (isPossible, isPossible && validator.isAtBoundary)
    }

    @Test("It agrees with the standard library on all short sequences of border bytes")
    func itAgreesWithTheStandardLibraryOnAllShortSequencesOfBorderBytes() {
        let borders = UTF8ValidatorTests.borders
        var sequences: [[UInt8]] = [[]]
        for _ in 0..<3 {
            sequences = sequences.flatMap { start in borders.map { start + [$0] } }
            for bytes in sequences {
                let isValid = String(validating: bytes, as: UTF8.self) != nil
                if verdict(bytes).isWhole != isValid { Issue.record("\(bytes): \(isValid)") }
            }
        }
        for first in [0xF0, 0xF1, 0xF3, 0xF4] as [UInt8] {
            for rest in sequences
            where verdict([first] + rest).isWhole
                != (String(validating: [first] + rest, as: UTF8.self) != nil)
            {
                Issue.record("\([first] + rest)")
            }
        }
    }

    @Test("It refuses with the first byte that cannot be right") func itRefusesWithTheFirstByteThatCannotBeRight() {
        // What is possible can be completed; what is not cannot.
        let tails: [[UInt8]] = [[], [0x80], [0x80, 0x80], [0x80, 0x80, 0x80], [0xA0, 0x80], [0x90, 0x80, 0x80]]
        for first in UInt8.min...UInt8.max {
            for bytes in [[first]] + UTF8ValidatorTests.borders.map({ [first, $0] }) {
                let canBeCompleted = tails.contains { String(validating: bytes + $0, as: UTF8.self) != nil }
                if verdict(bytes).isPossible != canBeCompleted { Issue.record("\(bytes): \(canBeCompleted)") }
            }
        }
    }

    @Test("Long ASCII with one other byte anywhere") func longASCIIWithOneOtherByteAnywhere() {
        for position in 0..<40 {
            var bytes = [UInt8](repeating: 0x61, count: 40)
            bytes[position] = 0xFF
            #expect(!verdict(bytes).isPossible)
        }
    }
}
