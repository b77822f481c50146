/// Checks UTF-8 that comes in pieces, and finds a fault with the first byte that cannot be right (RFC 3629, Unicode table 3-7).
struct UTF8Validator: Sendable, Hashable {
    /// How many bytes of the present character are still to come.
    private var remaining: UInt8 = 0
    /// Between which the next of them lies.
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    /// Whether the text may end here.
    var isAtBoundary: Bool { remaining == 0 }

    /// Reads on; false when the text cannot be UTF-8, whatever follows.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var position = 0
        while position < bytes.count {
            if remaining == 0 {
                // Most text is ASCII for the most part: eight bytes at a time.
                while position + 8 <= bytes.count,
                    bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    position += 8
                }
                guard position < bytes.count else { break }
            }
            let byte = bytes[position]
            position += 1
            if remaining > 0 {
                guard byte >= lower, byte <= upper else { return false }
                remaining -= 1
                (lower, upper) = (0x80, 0xBF)
                continue
            }
            switch byte {
            case 0x00...0x7F: break
            case 0xC2...0xDF: remaining = 1
            case 0xE0: (remaining, lower) = (2, 0xA0)
            case 0xED: (remaining, upper) = (2, 0x9F)
            case 0xE1...0xEF: remaining = 2
            case 0xF0: (remaining, lower) = (3, 0x90)
            case 0xF4: (remaining, upper) = (3, 0x8F)
            case 0xF1...0xF3: remaining = 3
            default: return false
            }
        }
        return true
    }
}
