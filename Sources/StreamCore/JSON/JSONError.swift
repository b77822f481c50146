/// Why bytes are not a JSON text, or not one that the limits allow.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong; codes may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name, stable.
        public let description: String

        /// The text ends before the value does, or holds no value at all.
        public static let unexpectedEnd = Code(description: "unexpectedEnd")
        /// A byte that cannot stand where it stands: a missing comma, an unquoted key, a misspelt literal.
        public static let unexpectedByte = Code(description: "unexpectedByte")
        /// A number that RFC 8259 §6 does not allow, such as `01`, `1.` or `.5`.
        public static let invalidNumber = Code(description: "invalidNumber")
        /// A number whose magnitude is beyond the largest finite `Double`.
        public static let numberOutOfRange = Code(description: "numberOutOfRange")
        /// A byte below 0x20 in a string, which must be escaped (RFC 8259 §7).
        public static let controlCharacter = Code(description: "controlCharacter")
        /// A backslash followed by something that RFC 8259 §7 does not list.
        public static let invalidEscape = Code(description: "invalidEscape")
        /// A string that is not UTF-8 (RFC 8259 §8.1; Unicode, table 3-7).
        public static let invalidUTF8 = Code(description: "invalidUTF8")
        /// Something other than white space follows the value.
        public static let trailingData = Code(description: "trailingData")
        /// Arrays and objects are nested deeper than ``JSONLimits/maxDepth``.
        public static let tooDeep = Code(description: "tooDeep")
        /// The text is longer than ``JSONLimits/maxBytes``.
        public static let tooLarge = Code(description: "tooLarge")

        @usableFromInline
        init(description: String) {
            self.description = description
        }
    }

    /// What is wrong.
    public let code: Code
    /// Where, in bytes from the start of the text.
    public let offset: Int

    /// An error from its parts.
    public init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }

    /// What is wrong and where, in a sentence.
    public var description: String { "\(reason) (\(code), byte \(offset))" }

    private var reason: String {
        switch code {
        case .unexpectedEnd: "the JSON text ends too early: it may have been cut off"
        case .unexpectedByte: "no JSON value, key or separator that fits here"
        case .invalidNumber: "no JSON number"
        case .numberOutOfRange: "a number that no Double can hold"
        case .controlCharacter: "a control character in a string must be escaped"
        case .invalidEscape: "an escape that JSON does not know"
        case .invalidUTF8: "the string is not UTF-8"
        case .trailingData: "something follows the JSON value"
        case .tooDeep: "the JSON text is nested too deeply: raise JSONLimits.maxDepth if it is meant to be"
        case .tooLarge: "the JSON text is too long: raise JSONLimits.maxBytes if it is meant to be"
        default: "no valid JSON text"
        }
    }
}
