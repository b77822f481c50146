/// Why bytes are no acceptable event stream, or why an event cannot be written as one.
public struct ServerSentEventError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong; codes may be added, so a switch over it needs a default.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The code in text, in lower camel case.
        public let rawValue: String

        /// A code from its text.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The code in text.
        public var description: String { rawValue }

        /// A value of `data`, `event` or `id` is longer than ``ServerSentEventLimits/line``.
        public static let lineTooLong = Code(rawValue: "lineTooLong")
        /// The payload of an event is larger than ``ServerSentEventLimits/event``.
        public static let eventTooLarge = Code(rawValue: "eventTooLarge")
        /// An event's name to be written has a line break.
        public static let invalidType = Code(rawValue: "invalidType")
        /// An id to be written has a line break or a NUL.
        public static let invalidID = Code(rawValue: "invalidID")
        /// A reconnection time to be written is negative.
        public static let invalidRetry = Code(rawValue: "invalidRetry")
    }

    /// What went wrong.
    public let code: Code
    /// What happened, where and what to do.
    public let message: String
    /// The limit that was passed, in bytes; nil when the error is not about a limit.
    public let limit: Int?
    /// Where it happened: for a limit the offset in the stream, in bytes and the same for every chunking, of the first byte beyond it; in
    /// a text to be written the offset of the byte in its UTF-8.
    public let position: Int64?

    /// An error from its parts.
    public init(_ code: Code, _ message: String, limit: Int? = nil, position: Int64? = nil) {
        self.code = code
        self.message = message
        self.limit = limit
        self.position = position
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }

    static func lineTooLong(limit: Int, position: Int64) -> Self {
        Self(
            .lineTooLong,
            "a line's value goes beyond \(limit) bytes at byte \(position) of the event stream: raise the limit `line` if the server is right",
            limit: limit, position: position)
    }

    static func eventTooLarge(limit: Int, position: Int64) -> Self {
        Self(
            .eventTooLarge,
            "an event's data goes beyond \(limit) bytes at byte \(position) of the event stream: raise the limit `event` if the server is right",
            limit: limit, position: position)
    }
}
