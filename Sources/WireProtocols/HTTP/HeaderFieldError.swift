/// Why a name and a value are no header field; it never holds the value, which may be a secret.
public struct HeaderFieldError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with a field; codes may be added.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The code in text.
        public let rawValue: String

        /// A code from its text.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The name is empty.
        public static let emptyName = Code(rawValue: "emptyName")
        /// The name has a character that is not allowed in a token (RFC 9110 §5.6.2).
        public static let invalidName = Code(rawValue: "invalidName")
        /// The value has a CR, LF or NUL (RFC 9110 §5.5).
        public static let invalidValue = Code(rawValue: "invalidValue")
    }

    /// What is wrong.
    public let code: Code
    /// The field's name.
    public let name: String
    /// Where, in bytes from the start of the name or value.
    public let position: Int

    /// What is wrong, in a sentence, without the value.
    public var description: String {
        let shown = String(name.prefix(80).map { $0.isASCII && !$0.isNewline && $0 != "\0" ? $0 : "?" })
        switch code {
        case .emptyName: return "a header field needs a name"
        case .invalidName:
            return "'\(shown)' is no name of a header field: the byte at \(position) is not allowed in a token"
        default:
            return
                "the value of header field '\(shown)' has a CR, LF or NUL at byte \(position): take it out or encode it"
        }
    }
}
