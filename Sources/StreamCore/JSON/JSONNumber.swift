/// Numbers as RFC 8259 §6 writes them.
enum JSONNumber {
    /// Reads a number from `start` on: where it ends, and whether it has neither fraction nor exponent.
    ///
    /// Throws for one that no finite `Double` can hold.
    @inline(never)
    static func scan(
        _ bytes: UnsafeRawBufferPointer, from start: Int
    ) throws(JSONError) -> (end: Int, isInteger: Bool) {
        var position = start
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
            if position < bytes.count, JSONBytes.isDigit(bytes[position]) {
                throw JSONError(.invalidNumber, at: position)
            }
        } else {
            try digits(bytes, &position)
        }
        var isInteger = true
        var hasExponent = false
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits(bytes, &position)
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            hasExponent = true
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits(bytes, &position)
        }
        // Without an exponent it takes 309 digits to leave the range of a Double.
        if hasExponent || position - start > 308 {
            guard double(UnsafeRawBufferPointer(rebasing: bytes[start..<position])).isFinite else {
                throw JSONError(.numberOutOfRange, at: start)
            }
        }
        return (position, isInteger)
    }

    private static func digits(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) throws(JSONError) {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        guard JSONBytes.isDigit(bytes[position]) else { throw JSONError(.invalidNumber, at: position) }
        repeat { position += 1 } while position < bytes.count && JSONBytes.isDigit(bytes[position])
    }

    /// Whether a byte can occur in a number at all.
    static func canContain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// The value of a number that has neither fraction nor exponent, or nil when 64 bits cannot hold it.
    static func integer(_ text: UnsafeRawBufferPointer) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        var magnitude: UInt64 = 0
        for byte in text[(isNegative ? 1 : 0)...] {
            let (product, overflows) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(UInt64(byte &- UInt8(ascii: "0")))
            if overflows || carries { return nil }
            magnitude = sum
        }
        if isNegative {
            return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
        }
        return Int64(exactly: magnitude)
    }

    /// The nearest `Double` of a number, infinite when it is out of range.
    static func double(_ text: UnsafeRawBufferPointer) -> Double {
        exact(text) ?? Double(String(decoding: text, as: UTF8.self)) ?? .nan
    }

    /// The value, where it takes a single correctly rounded operation: at most 2⁵³ times or by a power of ten ≤ 10²².
    private static func exact(_ text: UnsafeRawBufferPointer) -> Double? {
        var position = 0
        let isNegative = text[0] == UInt8(ascii: "-")
        if isNegative { position = 1 }
        guard text.count - position <= 20 else { return nil }
        var mantissa: UInt64 = 0
        var exponent = 0
        var isFraction = false
        while position < text.count {
            let byte = text[position]
            if JSONBytes.isDigit(byte) {
                // No overflow: below 2⁵³ before, so below 2⁵⁷ after.
                mantissa = mantissa * 10 + UInt64(byte - UInt8(ascii: "0"))
                guard mantissa <= 1 << 53 else { return nil }
                if isFraction { exponent -= 1 }
            } else if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                break
            }
            position += 1
        }
        if position < text.count {
            position += 1
            let isBelowOne = text[position] == UInt8(ascii: "-")
            if isBelowOne || text[position] == UInt8(ascii: "+") { position += 1 }
            guard text.count - position <= 4 else { return nil }
            var written = 0
            while position < text.count {
                written = written * 10 + Int(text[position] - UInt8(ascii: "0"))
                position += 1
            }
            exponent += isBelowOne ? -written : written
        }
        guard exponent.magnitude < powers.count else { return nil }
        let power = powers[Int(exponent.magnitude)]
        let value = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
        return isNegative ? -value : value
    }

    /// The powers of ten that a `Double` holds exactly.
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
