/// Searches over bytes, eight at a time, that reading and writing JSON are made of.
enum JSONBytes {
    /// The byte in all eight places of a word.
    @inline(__always)
    static func splat(_ byte: UInt8) -> UInt64 {
        UInt64(byte) &* 0x0101_0101_0101_0101
    }

    /// Marks, with its top bit, at least the first byte of `word` that is `"`, `\`, below 0x20 or beyond ASCII.
    ///
    /// The first mark (of the lowest byte) is exact. Later ones may be false: a borrow can run into them.
    @inline(__always)
    static func marksOfSpecials(_ word: UInt64) -> UInt64 {
        marksOfEscapes(word) | word & splat(0x80)
    }

    /// As ``marksOfSpecials(_:)``, but bytes beyond ASCII are not marked, nor do they disturb their neighbours.
    @inline(__always)
    static func marksOfEscapes(_ word: UInt64) -> UInt64 {
        let quote = (word ^ splat(UInt8(ascii: "\""))) &- splat(1)
        let backslash = (word ^ splat(UInt8(ascii: "\\"))) &- splat(1)
        let control = word &- splat(0x20)
        return (quote | backslash | control) & ~word & splat(0x80)
    }

    /// Where the first byte that must be escaped is, at or after `start`; `bytes.count` when there is none.
    @inline(__always)
    static func firstToEscape(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        var position = start
        while position &+ 8 <= raw.count {
            // In bounds: the line above says so.
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let marks = marksOfEscapes(word)
            if marks != 0 { return position &+ marks.trailingZeroBitCount >> 3 }
            position &+= 8
        }
        while position < raw.count {
            let byte = raw[position]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return position }
            position &+= 1
        }
        return position
    }

    /// How many bytes the UTF-8 sequence at `position` has: 2 … 4, 0 when it is malformed, -1 when it is well-formed
    /// as far as it goes but the bytes end within it (Unicode, table 3-7).
    ///
    /// The byte at `position` must be one beyond ASCII.
    static func sequenceLength(in bytes: UnsafeRawBufferPointer, at position: Int) -> Int {
        let lead = bytes[position]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return 0
        }
        guard position + 1 < bytes.count else { return -1 }
        guard second.contains(bytes[position + 1]) else { return 0 }
        for next in position + 2..<position + length where next < bytes.count {
            guard bytes[next] & 0xC0 == 0x80 else { return 0 }
        }
        return position + length <= bytes.count ? length : -1
    }

    /// The value of a hexadecimal digit, or nil.
    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte &- UInt8(ascii: "a") &+ 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte &- UInt8(ascii: "A") &+ 10)
        default: nil
        }
    }

    /// Whether a byte is a decimal digit.
    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }

    /// Whether two places hold the same `count` bytes.
    @inline(__always)
    static func isEqual(_ one: UnsafeRawPointer, _ other: UnsafeRawPointer?, _ count: Int) -> Bool {
        guard let other else { return count == 0 }
        // In bounds: each load ends at or before `count`. Most keys are short, and a call costs more than this.
        if count >= 8 {
            var position = 0
            while position &+ 8 < count {
                guard isEqual(one, other, at: position, as: UInt64.self) else { return false }
                position &+= 8
            }
            return isEqual(one, other, at: count &- 8, as: UInt64.self)
        }
        if count >= 4 {
            return isEqual(one, other, at: 0, as: UInt32.self) && isEqual(one, other, at: count &- 4, as: UInt32.self)
        }
        var position = 0
        while position < count, isEqual(one, other, at: position, as: UInt8.self) { position &+= 1 }
        return position == count
    }

    @inline(__always)
    private static func isEqual<Word: FixedWidthInteger & BitwiseCopyable>(
        _ one: UnsafeRawPointer, _ other: UnsafeRawPointer, at position: Int, as type: Word.Type
    ) -> Bool {
        one.loadUnaligned(fromByteOffset: position, as: type) == other.loadUnaligned(fromByteOffset: position, as: type)
    }
}
