/// The inside of JSON strings: validation and escapes (RFC 8259 §7).
enum JSONText {
    /// Where a string's closing quote is, and whether there are escapes, reading from `start` on, which is within the
    /// string and not within an escape.
    @inline(never)
    static func end(in bytes: UnsafeRawBufferPointer, from start: Int) throws(JSONError) -> (Int, isEscaped: Bool) {
        var position = start
        var isEscaped = false
        while true {
            let run = try plainRun(in: bytes, from: position, offset: 0)
            position = run.end
            guard position < bytes.count, !run.isBroken else { throw JSONError(.unexpectedEnd, at: bytes.count) }
            if bytes[position] == UInt8(ascii: "\"") { return (position, isEscaped) }
            isEscaped = true
            position += try escapeLength(in: bytes, at: position)
        }
    }

    /// Where the text that begins at `start` meets a quote, a backslash or the end of the bytes.
    ///
    /// `isBroken` says that the bytes end within a character, which begins at `end`. Errors count from `offset` before
    /// the bytes.
    static func plainRun(
        in bytes: UnsafeRawBufferPointer, from start: Int, offset: Int
    ) throws(JSONError) -> (end: Int, isBroken: Bool) {
        var position = start
        while position < bytes.count {
            while position &+ 8 <= bytes.count {
                // In bounds: the line above says so.
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                let marks = JSONBytes.marksOfSpecials(word)
                position &+= marks == 0 ? 8 : marks.trailingZeroBitCount >> 3
                if marks != 0 { break }
            }
            guard position < bytes.count else { break }
            switch bytes[position] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): return (position, false)
            case 0..<0x20: throw JSONError(.controlCharacter, at: offset + position)
            case 0x20..<0x80: position += 1
            default:
                repeat {
                    let length = JSONBytes.sequenceLength(in: bytes, at: position)
                    guard length > 0 else {
                        if length < 0 { return (position, true) }
                        throw JSONError(.invalidUTF8, at: offset + position)
                    }
                    position += length
                } while position < bytes.count && bytes[position] >= 0x80
            }
        }
        return (position, false)
    }

    private static func escapeLength(in bytes: UnsafeRawBufferPointer, at position: Int) throws(JSONError) -> Int {
        guard position + 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
        let kind = bytes[position + 1]
        if simpleEscape(kind) != nil { return 2 }
        guard kind == UInt8(ascii: "u") else { throw JSONError(.invalidEscape, at: position) }
        for place in position + 2..<position + 6 {
            guard place < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
            guard JSONBytes.hexadecimal(bytes[place]) != nil else { throw JSONError(.invalidEscape, at: position) }
        }
        return 6
    }

    /// What a backslash and `kind` stand for, or nil when that is no escape of a single character.
    static func simpleEscape(_ kind: UInt8) -> UInt8? {
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): kind
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    /// The text of a validated string with escapes; half a surrogate pair becomes U+FFFD.
    static func decode(_ source: UnsafeRawBufferPointer) -> String {
        var carry = SurrogateCarry()
        return decode(source, isEscaped: true, joining: &carry) + carry.flush()
    }

    /// The text of a validated string, its escapes decoded; see ``JSONNode/string(joining:)`` for the carry.
    static func decode(
        _ source: UnsafeRawBufferPointer, isEscaped: Bool, joining carry: inout SurrogateCarry
    ) -> String {
        if source.isEmpty || !isEscaped && !carry.isPending { return String(decoding: source, as: UTF8.self) }
        // Enough: an escape is longer than what it stands for, and a pending half adds one U+FFFD.
        return String(unsafeUninitializedCapacity: source.count + 3) { target in
            var writer = Unescaper(target: target)
            writer.run(source, &carry)
            return writer.count
        }
    }

    private struct Unescaper {
        let target: UnsafeMutableBufferPointer<UInt8>
        var count = 0

        mutating func run(_ source: UnsafeRawBufferPointer, _ carry: inout SurrogateCarry) {
            var position = 0
            while position < source.count {
                let byte = source[position]
                guard byte == UInt8(ascii: "\\") else {
                    carry.interrupt { put($0) }
                    target[count] = byte
                    count += 1
                    position += 1
                    continue
                }
                if let plain = JSONText.simpleEscape(source[position + 1]) {
                    carry.interrupt { put($0) }
                    target[count] = plain
                    count += 1
                    position += 2
                } else {
                    var unit: UInt16 = 0
                    for digit in source[position + 2..<position + 6] {
                        unit = unit << 4 | (JSONBytes.hexadecimal(digit) ?? 0)
                    }
                    carry.take(unit) { put($0) }
                    position += 6
                }
            }
        }

        mutating func put(_ scalar: Unicode.Scalar) {
            for byte in UTF8.encode(scalar).unsafelyUnwrapped {
                target[count] = byte
                count += 1
            }
        }
    }
}
