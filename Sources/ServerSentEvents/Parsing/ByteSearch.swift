/// Searches over raw memory that parsing is made of, sixteen bytes at a time.
enum ByteSearch {
    private typealias Block = SIMD16<UInt8>

    /// Where the first line break (CR or LF) is in `start..<end`; nil when there is none.
    ///
    /// One pass for both: two searches by `memchr` read every line twice.
    @inline(__always)
    static func lineBreak(from start: UnsafeRawPointer, to end: UnsafeRawPointer) -> UnsafeRawPointer? {
        var place = start
        guard end - start >= 16 else {
            while place < end {
                let byte = place.load(as: UInt8.self)
                if byte == 0x0A || byte == 0x0D { return place }
                place += 1
            }
            return nil
        }
        let last = end - 16
        while true {
            let block = place.loadUnaligned(as: Block.self)
            let matches = (block .== 0x0A) .| (block .== 0x0D)
            let words = unsafeBitCast(matches, to: SIMD2<UInt64>.self)
            if words[0] != 0 { return place + UInt64(littleEndian: words[0]).trailingZeroBitCount >> 3 }
            if words[1] != 0 { return place + 8 + UInt64(littleEndian: words[1]).trailingZeroBitCount >> 3 }
            if place == last { return nil }
            // The last block overlaps the one before it: what they share was searched and has no match.
            place = min(place + 16, last)
        }
    }

    /// Whether a byte occurs.
    @inline(__always)
    static func contains(_ byte: UInt8, from start: UnsafeRawPointer, count: Int) -> Bool {
        UnsafeRawBufferPointer(start: start, count: count).contains(byte)
    }

    /// Whether `count` bytes are the same at both places.
    @inline(__always)
    static func areEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int) -> Bool {
        guard count >= 8 else {
            for index in 0..<count
            where left.load(fromByteOffset: index, as: UInt8.self)
                != right.load(fromByteOffset: index, as: UInt8.self)
            {
                return false
            }
            return true
        }
        let last = count - 8
        var index = 0
        while index < last {
            if left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                != right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            {
                return false
            }
            index += 8
        }
        return left.loadUnaligned(fromByteOffset: last, as: UInt64.self)
            == right.loadUnaligned(fromByteOffset: last, as: UInt64.self)
    }
}
