/// Searches over raw memory that parsing is made of, sixteen bytes at a time.
enum ByteSearch {
    private typealias Block = SIMD16<UInt8>

    /// Where the first line break (CR or LF) is in `start..<end`; nil when there is none.
    ///
    /// One pass for both: two searches by `memchr` read every line twice.
    @inline(__always)
    static func lineBreak(from start: UnsafeRawPointer, to end: UnsafeRawPointer) -> UnsafeRawPointer? {
        var place = start
        while end - place >= 32 {
            let first = matches(at: place)
            let second = matches(at: place + 16)
            let either = first | second
            if either[0] | either[1] != 0 {
                return firstMatch(in: first, at: place) ?? firstMatch(in: second, at: place + 16)
            }
            place += 32
        }
        if end - place >= 16 {
            if let found = firstMatch(in: matches(at: place), at: place) { return found }
            place += 16
        }
        if end - start >= 16 {
            // The last block overlaps the one before it: what they share was searched and has no match.
            return place == end ? nil : firstMatch(in: matches(at: end - 16), at: end - 16)
        }
        while place < end {
            let byte = place.load(as: UInt8.self)
            if byte == 0x0A || byte == 0x0D { return place }
            place += 1
        }
        return nil
    }

    /// For each of sixteen bytes, all ones when it is a line break, else zeros.
    @inline(__always)
    private static func matches(at place: UnsafeRawPointer) -> SIMD2<UInt64> {
        let block = place.loadUnaligned(as: Block.self)
        // Comparing with a vector is one instruction; the operators that take a scalar are loops over the lanes.
        let matches = (block .== Block(repeating: 0x0A)) .| (block .== Block(repeating: 0x0D))
        return unsafeBitCast(matches, to: SIMD2<UInt64>.self)
    }

    @inline(__always)
    private static func firstMatch(in words: SIMD2<UInt64>, at place: UnsafeRawPointer) -> UnsafeRawPointer? {
        if words[0] != 0 { return place + UInt64(littleEndian: words[0]).trailingZeroBitCount >> 3 }
        if words[1] != 0 { return place + 8 + UInt64(littleEndian: words[1]).trailingZeroBitCount >> 3 }
        return nil
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
