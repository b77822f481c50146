/// The state of a JSON text that is read piece by piece: a stack of open containers, and the token that is being read.
struct PartialJSONAutomaton: Sendable {
    /// What may come next.
    enum State: Sendable {
        case value, valueOrEnd, key, keyOrEnd, colon, separator, end
        case string, escape, unit, number, literal
    }

    var state = State.value
    /// How many bytes have been read.
    private(set) var offset = 0

    var frames: [PartialJSONFrame] = []
    /// The value at the root, once it is complete.
    private var root: JSONValue?

    // The token that is being read.
    var isKey = false
    var text = ""
    var carry = SurrogateCarry()
    /// Where the number, literal or escape began.
    var tokenStart = 0
    /// The bytes of a number, or of a character that the last piece broke off.
    var held: [UInt8] = []
    var literal: (word: StaticString, value: JSONValue) = ("null", .null)
    var unit: UInt16 = 0

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

    mutating func complete(_ value: JSONValue) {
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
}
