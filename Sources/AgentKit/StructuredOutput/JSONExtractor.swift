/// Finds the JSON value in what a model wrote around it: a code fence, a remark before, one after.
///
/// Models that are not made to keep to a schema like to do so. A value that is an array or an object is passed on piece by
/// piece; where it ends is told by its brackets. A value byte automaton, the same for every cutting of the text.
struct JSONExtractor: Sendable {
    private enum State {
        case before, within, after
    }

    private var state = State.before
    // Bytes since the start of the line, as far as a fence needs: whether the line holds nothing but white space yet.
    private var isLineStart = true
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// Whether the value's last bracket was seen.
    var isComplete: Bool { state == .after }
    /// Whether the value's first bracket was seen.
    var hasBegun: Bool { state != .before }

    /// The part of a piece of text that belongs to the value; nil when none does.
    mutating func append(_ piece: String) -> Substring? {
        var start: String.Index?
        var index = piece.startIndex
        while index < piece.endIndex, state != .after {
            let byte = piece.utf8[index]
            let next = piece.utf8.index(after: index)
            if state == .before, begins(byte) {
                state = .within
                start = index
            } else if state == .within, start == nil {
                start = index
            }
            if state == .within { take(byte) }
            index = next
        }
        return start.map { piece[$0..<index] }
    }

    // A value begins with a bracket at the start of a line: a remark may have brackets of its own within.
    private mutating func begins(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return isLineStart
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"): isLineStart = true
        case UInt8(ascii: " "), UInt8(ascii: "\t"): break
        default: isLineStart = false
        }
        return false
    }

    private mutating func take(_ byte: UInt8) {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            if depth == 0 { state = .after }
        default: break
        }
    }
}
