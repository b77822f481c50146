/// Why a text is not the name of a stream.
public struct StreamIDError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with a name.
    public struct Code: Sendable, Hashable {
        let text: String

        /// The name is empty.
        public static let empty = Code(text: "it is empty")
        /// The name has more than ``StreamID/maxLength`` characters.
        public static let tooLong = Code(text: "it has more than \(StreamID.maxLength) characters")
        /// A character is not one of letters, digits and `- _ . ~ : @ + = /`.
        public static let invalidCharacter = Code(
            text: "only letters, digits and - _ . ~ : @ + = are allowed, and / between segments")
        /// A segment is empty, `.` or `..`.
        public static let invalidSegment = Code(text: "a segment between / must not be empty, '.' or '..'")
    }

    /// What is wrong.
    public let code: Code
    /// The name that was refused.
    public let name: String
    /// Where, in bytes from the name's start.
    public let position: Int

    /// What is wrong, in a sentence.
    public var description: String {
        "'\(name.prefix(StreamID.maxLength))' is no stream id: \(code.text) (byte \(position))"
    }
}
