/// Validates a JSON text in one pass and records its values on a tape.
///
/// It keeps no stack of its own: the tape's open containers are linked through their entries. When the tape is full it
/// stops before a value, and goes on when it is given a longer one.
struct JSONParser {
    private typealias Kind = JSONTapeEntry.Kind

    /// How far the text is read.
    private var position = 0
    /// How many entries are in use.
    private var used = 0
    /// The innermost open container, or `JSONParser.none`.
    private var open = JSONParser.none
    private var depth = 0
    /// Whether an object's next key must follow, rather than a value.
    private var expectsKey = false

    private static let none = Int(UInt32.max)

    /// Reads on; true when the text is complete, false when the tape is full.
    ///
    /// The text is the same in every call, the tape the same or a longer one that begins with what was recorded.
    mutating func run(
        _ bytes: UnsafeRawBufferPointer, _ tape: UnsafeMutableBufferPointer<JSONTapeEntry>, maxDepth: Int
    ) throws(JSONError) -> Bool {
        // Locals, so that they live in registers; for the same reason nothing below that is not inlined takes them inout.
        var (position, used, open, depth, expectsKey) = (position, used, open, depth, expectsKey)
        let count = bytes.count
        // Unsafe, and checked here: `bytes` is read only below `count` (tested before each access), `tape` is written
        // only at `used`, once in each turn of the loop, whose first line makes room, and at `open`, which is below.
        guard let base = bytes.baseAddress, let entries = tape.baseAddress else {
            if bytes.isEmpty { throw JSONError(.unexpectedEnd, at: 0) }
            return false
        }
        values: while true {
            guard used < tape.count else {
                (self.position, self.used, self.open, self.depth) = (position, used, open, depth)
                self.expectsKey = expectsKey
                return false
            }
            let byte = try JSONParser.nextByte(base, count, &position)
            if byte == UInt8(ascii: "\"") {
                let start = position &+ 1
                let (end, isEscaped) = try JSONParser.endOfString(base, count, from: start)
                entries[used] = JSONTapeEntry(
                    start: start, end: end, next: used &+ 1, kind: isEscaped ? .escapedString : .string)
                position = end &+ 1
                used &+= 1
                if expectsKey {
                    guard try JSONParser.nextByte(base, count, &position) == UInt8(ascii: ":") else {
                        throw JSONError(.unexpectedByte, at: position)
                    }
                    position &+= 1
                    expectsKey = false
                    continue values
                }
            } else if expectsKey {
                throw JSONError(.unexpectedByte, at: position)
            } else if byte | 0x20 == UInt8(ascii: "{") {
                // `{` and `[` differ in one bit, and so do their counterparts, which are two further.
                guard depth < maxDepth else { throw JSONError(.tooDeep, at: position) }
                let isObject = byte == UInt8(ascii: "{")
                entries[used] = JSONTapeEntry(start: position, end: 0, next: open, kind: isObject ? .object : .array)
                open = used
                depth &+= 1
                used &+= 1
                position &+= 1
                if try JSONParser.nextByte(base, count, &position) != byte &+ 2 {
                    expectsKey = isObject
                    continue values
                }
                JSONParser.close(entries, &position, used, &open, &depth)
            } else if byte == UInt8(ascii: "-") || JSONBytes.isDigit(byte) {
                let (end, isInteger) = try JSONNumber.scan(bytes, from: position)
                entries[used] = JSONTapeEntry(
                    start: position, end: end, next: used &+ 1, kind: isInteger ? .integer : .number)
                position = end
                used &+= 1
            } else {
                let (end, kind) = try JSONParser.literal(bytes, from: position)
                entries[used] = JSONTapeEntry(start: position, end: end, next: used &+ 1, kind: kind)
                position = end
                used &+= 1
            }
            // A value is complete; what follows depends on the container that it is in.
            while open != JSONParser.none {
                let byte = try JSONParser.nextByte(base, count, &position)
                let isObject = entries[open].kind == .object
                if byte == UInt8(ascii: ",") {
                    position &+= 1
                    expectsKey = isObject
                    continue values
                }
                guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONError(.unexpectedByte, at: position)
                }
                JSONParser.close(entries, &position, used, &open, &depth)
            }
            break values
        }
        while position < count {
            guard JSONParser.isSpace(base.load(fromByteOffset: position, as: UInt8.self)) else {
                throw JSONError(.trailingData, at: position)
            }
            position &+= 1
        }
        return true
    }

    /// Closes the innermost container at `position`, where its last bracket is.
    @inline(__always)
    private static func close(
        _ entries: UnsafeMutablePointer<JSONTapeEntry>, _ position: inout Int, _ used: Int, _ open: inout Int,
        _ depth: inout Int
    ) {
        position &+= 1
        depth &-= 1
        let outer = Int(entries[open].next)
        entries[open].end = UInt32(truncatingIfNeeded: position)
        entries[open].next = UInt32(truncatingIfNeeded: used)
        open = outer
    }

    @inline(__always)
    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// The next byte that is no white space, which `position` then is at.
    @inline(__always)
    private static func nextByte(
        _ base: UnsafeRawPointer, _ count: Int, _ position: inout Int
    ) throws(JSONError) -> UInt8 {
        if position < count {
            let byte = base.load(fromByteOffset: position, as: UInt8.self)
            if byte > 0x20 { return byte }
        }
        position = try skipSpace(base, count, from: position)
        return base.load(fromByteOffset: position, as: UInt8.self)
    }

    /// Where the next byte is that is no white space, below `count`.
    @inline(never)
    private static func skipSpace(
        _ base: UnsafeRawPointer, _ count: Int, from start: Int
    ) throws(JSONError) -> Int {
        var position = start
        while position < count {
            guard isSpace(base.load(fromByteOffset: position, as: UInt8.self)) else { return position }
            position &+= 1
        }
        throw JSONError(.unexpectedEnd, at: count)
    }

    /// Where the closing quote of a string is that begins at `start`, and whether there are escapes.
    @inline(__always)
    private static func endOfString(
        _ base: UnsafeRawPointer, _ count: Int, from start: Int
    ) throws(JSONError) -> (Int, isEscaped: Bool) {
        var end = start
        // Most strings are short and plain: this is the way they take.
        while end &+ 8 <= count {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: end, as: UInt64.self))
            let marks = JSONBytes.marksOfSpecials(word)
            guard marks != 0 else {
                end &+= 8
                continue
            }
            end &+= marks.trailingZeroBitCount &>> 3
            if base.load(fromByteOffset: end, as: UInt8.self) == UInt8(ascii: "\"") { return (end, false) }
            break
        }
        return try JSONText.end(in: UnsafeRawBufferPointer(start: base, count: count), from: end)
    }

    @inline(never)
    private static func literal(
        _ bytes: UnsafeRawBufferPointer, from start: Int
    ) throws(JSONError) -> (end: Int, Kind) {
        let word: StaticString
        let kind: Kind
        switch bytes[start] {
        case UInt8(ascii: "t"): (word, kind) = ("true", .true)
        case UInt8(ascii: "f"): (word, kind) = ("false", .false)
        case UInt8(ascii: "n"): (word, kind) = ("null", .null)
        default: throw JSONError(.unexpectedByte, at: start)
        }
        for place in 0..<word.utf8CodeUnitCount {
            guard start + place < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
            guard bytes[start + place] == word.utf8Start[place] else {
                throw JSONError(.unexpectedByte, at: start + place)
            }
        }
        return (start + word.utf8CodeUnitCount, kind)
    }
}
