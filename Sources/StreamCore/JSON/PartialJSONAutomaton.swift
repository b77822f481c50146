/// The state of a JSON text that is read piece by piece: a stack of open containers, and the token that is being read.
struct PartialJSONAutomaton: Sendable {
    /// What may come next.
    enum State: Sendable {
        case value, valueOrEnd, key, keyOrEnd, colon, separator, end
        case string, escape, unit, number, literal
    }

    private(set) var state = State.value
    /// How many bytes have been read.
    private(set) var offset = 0

    private var frames: [PartialJSONFrame] = []
    /// The value at the root, once it is complete.
    private var root: JSONValue?

    // The token that is being read.
    private var isKey = false
    private var text = ""
    private var carry = SurrogateCarry()
    /// Where the number, literal or escape began.
    private var tokenStart = 0
    /// The bytes of a number, or of a character that the last piece broke off.
    private var held: [UInt8] = []
    private var literal: (word: StaticString, value: JSONValue) = ("null", .null)
    private var unit: UInt16 = 0

    // MARK: The tree

    /// Takes the snapshot apart: each open container into its frame, an open string into `text`.
    mutating func takeApart(_ snapshot: consuming JSONValue?) {
        guard state != .end else {
            root = snapshot
            return
        }
        var open = snapshot
        for index in frames.indices {
            guard let container = open.take() else { return }
            frames[index].restore(container)
            open = frames[index].takeOpen()
        }
        if case .string(let string) = open.take() { text = string }
    }

    /// Puts the snapshot together again, from the innermost open value to the root.
    mutating func putTogether() -> JSONValue? {
        if state == .end { return root.take() }
        var open = isInValueString ? JSONValue.string(text) : nil
        if isInValueString { text = "" }
        for index in frames.indices.reversed() {
            if let value = open.take() { frames[index].put(value) }
            open = frames[index].takeContainer()
        }
        return open
    }

    private var isInValueString: Bool {
        !isKey && (state == .string || state == .escape || state == .unit)
    }

    private mutating func complete(_ value: JSONValue) {
        guard !frames.isEmpty else {
            root = value
            state = .end
            return
        }
        frames[frames.count - 1].putComplete(value)
        state = .separator
    }

    // MARK: Reading

    mutating func read(_ piece: UnsafeRawBufferPointer, _ limits: JSONLimits) throws(JSONError) {
        guard piece.count <= limits.maxBytes - offset else { throw JSONError(.tooLarge, at: limits.maxBytes) }
        let start = offset
        var position = 0
        while position < piece.count {
            offset = start + position
            switch state {
            case .string: position = try readString(piece, from: position)
            case .number where JSONNumber.canContain(piece[position]):
                held.append(piece[position])
                position += 1
            case .number: try completeNumber(isCut: false)
            default:
                try readByte(piece[position], limits)
                position += 1
            }
        }
        offset = start + piece.count
    }

    mutating func finish() throws(JSONError) {
        if state == .number { try completeNumber(isCut: true) }
        guard state == .end else { throw JSONError(.unexpectedEnd, at: offset) }
    }

    private mutating func readByte(_ byte: UInt8, _ limits: JSONLimits) throws(JSONError) {
        switch state {
        case .escape: return try readEscape(byte)
        case .unit: return try readUnit(byte)
        case .literal: return try readLiteral(byte)
        default: break
        }
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09: return
        case UInt8(ascii: ",") where state == .separator:
            state = frames.last?.isObject == true ? .key : .value
        case UInt8(ascii: ":") where state == .colon: state = .value
        case UInt8(ascii: "]") where state == .valueOrEnd: close()
        case UInt8(ascii: "}") where state == .keyOrEnd: close()
        case UInt8(ascii: "]") where state == .separator && frames.last?.isObject == false: close()
        case UInt8(ascii: "}") where state == .separator && frames.last?.isObject == true: close()
        case UInt8(ascii: "\"") where state == .key || state == .keyOrEnd: openString(isKey: true)
        default:
            guard state == .value || state == .valueOrEnd else {
                throw JSONError(state == .end ? .trailingData : .unexpectedByte, at: offset)
            }
            try beginValue(byte, limits)
        }
    }

    private mutating func beginValue(_ byte: UInt8, _ limits: JSONLimits) throws(JSONError) {
        tokenStart = offset
        switch byte {
        case UInt8(ascii: "\""): openString(isKey: false)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard frames.count < limits.maxDepth else { throw JSONError(.tooDeep, at: offset) }
            let isObject = byte == UInt8(ascii: "{")
            frames.append(PartialJSONFrame(isObject: isObject))
            state = isObject ? .keyOrEnd : .valueOrEnd
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            held.append(byte)
            state = .number
        case UInt8(ascii: "t"): openLiteral("true", true)
        case UInt8(ascii: "f"): openLiteral("false", false)
        case UInt8(ascii: "n"): openLiteral("null", .null)
        default: throw JSONError(.unexpectedByte, at: offset)
        }
    }

    private mutating func close() {
        guard var frame = frames.popLast() else { return }
        complete(frame.takeContainer())
    }

    // MARK: Numbers and literals

    /// Ends a number: `isCut` tells the end of the text from a byte that cannot go on with it.
    private mutating func completeNumber(isCut: Bool) throws(JSONError) {
        let isRoot = frames.isEmpty
        let start = tokenStart
        let number = try held.withUnsafeBufferPointer { (digits) throws(JSONError) -> JSONValue in
            let digits = UnsafeRawBufferPointer(digits)
            var position = 0
            let isInteger: Bool
            do throws(JSONError) {
                isInteger = try JSONNumber.scan(digits, &position)
            } catch {
                let isCode = error.code == .unexpectedEnd && !isCut
                throw JSONError(isCode ? .invalidNumber : error.code, at: start + error.offset)
            }
            guard position == digits.count else {
                throw JSONError(isRoot ? .trailingData : .unexpectedByte, at: start + position)
            }
            return isInteger ? JSONValue(integer: digits) : .number(JSONNumber.double(digits))
        }
        held.removeAll(keepingCapacity: true)
        complete(number)
    }

    private mutating func openLiteral(_ word: StaticString, _ value: JSONValue) {
        literal = (word, value)
        state = .literal
    }

    private mutating func readLiteral(_ byte: UInt8) throws(JSONError) {
        let place = offset - tokenStart
        let (isRight, isLast) = literal.word.withUTF8Buffer { (byte == $0[place], place == $0.count - 1) }
        guard isRight else { throw JSONError(.unexpectedByte, at: offset) }
        if isLast { complete(literal.value) }
    }

    // MARK: Strings

    private mutating func openString(isKey: Bool) {
        self.isKey = isKey
        text = ""
        state = .string
    }

    /// Reads on within a string, at most to its end or to an escape, and says how far.
    private mutating func readString(_ piece: UnsafeRawBufferPointer, from start: Int) throws(JSONError) -> Int {
        if !held.isEmpty { return try completeCharacter(piece[start], start) }
        let (end, isBroken) = try JSONText.plainRun(in: piece, from: start, offset: offset - start)
        if end > start {
            carry.interrupt { text.unicodeScalars.append($0) }
            text.append(String(decoding: piece[start..<end], as: UTF8.self))
        }
        if isBroken {
            held.append(contentsOf: piece[end...])
            return piece.count
        }
        guard end < piece.count else { return end }
        if piece[end] == UInt8(ascii: "\\") {
            tokenStart = offset + end - start
            state = .escape
        } else {
            closeString()
        }
        return end + 1
    }

    /// Reads on in a character that the last piece broke off.
    private mutating func completeCharacter(_ byte: UInt8, _ position: Int) throws(JSONError) -> Int {
        held.append(byte)
        let length = held.withUnsafeBytes { JSONBytes.sequenceLength(in: $0, at: 0) }
        guard length != 0 else { throw JSONError(.invalidUTF8, at: offset + 1 - held.count) }
        if length > 0 {
            carry.interrupt { text.unicodeScalars.append($0) }
            text.append(String(decoding: held, as: UTF8.self))
            held.removeAll(keepingCapacity: true)
        }
        return position + 1
    }

    private mutating func closeString() {
        text += carry.flush()
        let string = text
        text = ""
        if isKey {
            frames[frames.count - 1].key = string
            state = .colon
        } else {
            complete(.string(string))
        }
    }

    private mutating func readEscape(_ byte: UInt8) throws(JSONError) {
        if byte == UInt8(ascii: "u") {
            unit = 0
            state = .unit
        } else if let plain = JSONText.simpleEscape(byte) {
            carry.interrupt { text.unicodeScalars.append($0) }
            text.unicodeScalars.append(Unicode.Scalar(plain))
            state = .string
        } else {
            throw JSONError(.invalidEscape, at: tokenStart)
        }
    }

    private mutating func readUnit(_ byte: UInt8) throws(JSONError) {
        guard let digit = JSONBytes.hexadecimal(byte) else { throw JSONError(.invalidEscape, at: tokenStart) }
        unit = unit << 4 | digit
        guard offset - tokenStart == 5 else { return }
        carry.take(unit) { text.unicodeScalars.append($0) }
        state = .string
    }
}
