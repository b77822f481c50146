/// Appends JSON to bytes: what hot paths use, which encode one event per token.
///
/// Nothing here ever writes a raw line break, so that a value fits one line of an event stream.
package enum JSONWriter {
    /// Appends text that is JSON already, such as `{"type":`.
    @inlinable
    package static func append(raw text: StaticString, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a string in quotes; escapes quotes, backslashes and what is below 0x20 (RFC 8259 §7), nothing else.
    package static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { append(unquoted: $0, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends the inside of a string, with escapes, from bytes that are UTF-8.
    package static func append(unquoted text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        var start = 0
        while true {
            let stop = JSONBytes.firstToEscape(in: text, from: start)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<stop]))
            guard stop < text.count else { return }
            escape(text[stop], to: &bytes)
            start = stop + 1
        }
    }

    /// Appends an integer.
    package static func append(_ value: Int64, to bytes: inout [UInt8]) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        // The digits come from the last to the first, into room for as many as a number can have, and are appended in one go.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var magnitude = value.magnitude
            var first = digits.count
            repeat {
                let (rest, digit) = magnitude.quotientAndRemainder(dividingBy: 10)
                first -= 1
                digits.initializeElement(at: first, to: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
                magnitude = rest
            } while magnitude > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[first...]))
        }
    }

    /// Appends an integer.
    package static func append(_ value: Int, to bytes: inout [UInt8]) {
        append(Int64(value), to: &bytes)
    }

    /// Appends the shortest text that reads back as the same number, always with a fraction or an exponent (`1.0`);
    /// `null` for one that is not finite.
    package static func append(_ value: Double, to bytes: inout [UInt8]) {
        guard value.isFinite else {
            append(raw: "null", to: &bytes)
            return
        }
        if appendHundredths(value, to: &bytes) { return }
        bytes.append(contentsOf: value.description.utf8)
    }

    // Most numbers here are ratios of two digits, which need no search for the shortest text: a quotient is rounded as a decimal text is, and no
    // shorter decimal than one of so few digits reads back as the same number.
    private static func appendHundredths(_ value: Double, to bytes: inout [UInt8]) -> Bool {
        guard value > 0, value < 1_000_000, (value * 100).rounded() / 100 == value else { return false }
        let (whole, hundredths) = Int64((value * 100).rounded()).quotientAndRemainder(dividingBy: 100)
        append(whole, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: hundredths / 10))
        if hundredths % 10 > 0 { bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: hundredths % 10)) }
        return true
    }

    /// Appends `true` or `false`.
    package static func append(_ value: Bool, to bytes: inout [UInt8]) {
        append(raw: value ? "true" : "false", to: &bytes)
    }

    private static func escape(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): append(raw: #"\""#, to: &bytes)
        case UInt8(ascii: "\\"): append(raw: #"\\"#, to: &bytes)
        case 0x08: append(raw: #"\b"#, to: &bytes)
        case 0x09: append(raw: #"\t"#, to: &bytes)
        case 0x0A: append(raw: #"\n"#, to: &bytes)
        case 0x0C: append(raw: #"\f"#, to: &bytes)
        case 0x0D: append(raw: #"\r"#, to: &bytes)
        default:
            append(raw: #"\u00"#, to: &bytes)
            bytes.append(UInt8(ascii: "0") + byte >> 4)
            bytes.append(hexadecimalDigits[Int(byte & 15)])
        }
    }

    private static let hexadecimalDigits = Array("0123456789abcdef".utf8)
}
