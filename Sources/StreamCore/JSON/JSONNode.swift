/// A value within a text that a ``JSONReader`` has parsed: a view, valid only while the reader's closure runs.
///
/// Looking up members and reading numbers and short strings allocates nothing.
public struct JSONNode {
    // Unsafe, but sound while the closure runs that the node was made for: the reader holds the tape and the caller the
    // text until it returns. Every index and range comes from the parser, which has checked it.
    @usableFromInline let tape: UnsafePointer<JSONTapeEntry>
    @usableFromInline let text: UnsafeRawPointer
    @usableFromInline let index: UInt32

    @usableFromInline
    init(tape: UnsafePointer<JSONTapeEntry>, text: UnsafeRawPointer, index: UInt32 = 0) {
        self.tape = tape
        self.text = text
        self.index = index
    }

    /// What a value can be.
    public enum Kind: Sendable, Hashable {
        /// `null`.
        case null
        /// `true` or `false`.
        case bool
        /// A number without fraction and exponent.
        case integer
        /// A number with fraction or exponent.
        case number
        /// A string.
        case string
        /// An array.
        case array
        /// An object.
        case object
    }

    @inlinable
    var entry: JSONTapeEntry { tape[Int(index)] }

    @inlinable
    func node(at index: UInt32) -> JSONNode { JSONNode(tape: tape, text: text, index: index) }

    /// What the value is.
    public var kind: Kind {
        switch entry.kind {
        case .null: .null
        case .true, .false: .bool
        case .integer: .integer
        case .number: .number
        case .string, .escapedString: .string
        case .array: .array
        case .object: .object
        }
    }

    /// The value's own text, as it stands in the document; a string's without its quotes and with its escapes.
    @inlinable
    public var rawBytes: UnsafeRawBufferPointer {
        let entry = entry
        return UnsafeRawBufferPointer(start: text + Int(entry.start), count: Int(entry.end - entry.start))
    }

    /// The value's own text, as it stands in the document: JSON that can stand alone.
    public var jsonBytes: UnsafeRawBufferPointer {
        let entry = entry
        switch entry.kind {
        case .string, .escapedString:
            // A string's entry is what stands between its quotes, which the parser has seen on both sides.
            return UnsafeRawBufferPointer(start: text + Int(entry.start) - 1, count: Int(entry.end - entry.start) + 2)
        default: return rawBytes
        }
    }

    /// Whether this is `null`.
    @inlinable
    public var isNull: Bool { entry.kind == .null }

    /// The truth value, or nil when this is something else.
    public var bool: Bool? {
        switch entry.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The number, when it is a whole one that fits (`3.0` and `3e0` are 3), else nil.
    public var int: Int? {
        switch entry.kind {
        case .integer: JSONNumber.integer(rawBytes).flatMap { Int(exactly: $0) }
        case .number: Int(exactly: JSONNumber.double(rawBytes))
        default: nil
        }
    }

    /// The number, rounded to the nearest `Double`, or nil when this is something else.
    public var double: Double? {
        switch entry.kind {
        case .integer, .number: JSONNumber.double(rawBytes)
        default: nil
        }
    }

    /// The string with its escapes decoded, or nil when this is something else.
    ///
    /// Half a surrogate pair becomes U+FFFD.
    public var string: String? {
        switch entry.kind {
        case .string: String(decoding: rawBytes, as: UTF8.self)
        case .escapedString: JSONText.decode(rawBytes)
        default: nil
        }
    }

    /// The string as the next piece of a longer text, or nil when this is something else.
    ///
    /// Half a surrogate pair at the end is kept in `carry` rather than replaced, and joined to a second half at the
    /// beginning of the next piece; when something else comes first it becomes U+FFFD there.
    public func string(joining carry: inout SurrogateCarry) -> String? {
        switch entry.kind {
        case .string: JSONText.decode(rawBytes, isEscaped: false, joining: &carry)
        case .escapedString: JSONText.decode(rawBytes, isEscaped: true, joining: &carry)
        default: nil
        }
    }

    /// Whether this is the string `text`, without building it.
    public func isString(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { tape[Int(index)].isString(UnsafeRawBufferPointer($0), in: self.text) }
    }
}
