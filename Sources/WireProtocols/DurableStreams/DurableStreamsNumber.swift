/// The whole numbers of the protocol: digits only, no sign, no leading zero, up to 2⁵³ − 1 (§5.1, §5.2.1).
enum DurableStreamsNumber {
    static let maximum: UInt64 = 1 << 53 - 1

    static func parse(_ text: String, _ field: String) throws(DurableStreamsViolation) -> UInt64 {
        let digits = text.utf8
        guard (1...16).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.count == 1 || digits.first != 0x30, let number = UInt64(text), number <= maximum
        else {
            throw DurableStreamsViolation(
                field, "it must be a whole number up to \(maximum) in plain digits, not '\(text.prefix(40))'")
        }
        return number
    }
}
