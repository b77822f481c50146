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
}
