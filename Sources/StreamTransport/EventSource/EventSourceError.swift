public import WireProtocols

/// Why an event source has no connection, for now or for good.
public struct EventSourceError: Error, Sendable, CustomStringConvertible {
    /// What happened; codes may be added, so a switch over it needs a default.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The code in text, in lower camel case.
        public let rawValue: String

        /// A code from its text.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The code in text.
        public var description: String { rawValue }

        /// The server ended the connection; that alone never ends the source.
        public static let connectionEnded = Code(rawValue: "connectionEnded")
        /// The transport failed; ``EventSourceError/underlying`` is its ``TransportError``.
        public static let transport = Code(rawValue: "transport")
        /// The server was silent for longer than the idle timeout.
        public static let stalled = Code(rawValue: "stalled")
        /// The server answered with a status that is not 200; ``EventSourceError/response`` is its head.
        public static let status = Code(rawValue: "status")
        /// The server answered with another type of content than `text/event-stream`.
        public static let contentType = Code(rawValue: "contentType")
        /// The server answered 204, it has no more to say: the sequence ends without an error.
        public static let stopped = Code(rawValue: "stopped")
        /// A line or an event is larger than the limits allow; ``EventSourceError/underlying`` is the parser's error.
        public static let limitExceeded = Code(rawValue: "limitExceeded")
        /// The request cannot be sent as it is.
        public static let invalidRequest = Code(rawValue: "invalidRequest")
        /// The consumer's task was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// What happened.
    public let code: Code
    /// What happened, where and what to do; without credentials.
    public let message: String
    /// The head of the response, when there was one that was not accepted.
    public let response: ExchangeResponseHead?
    /// The first bytes of the body of that response, 16 KiB at most.
    public let body: [UInt8]
    /// The error of the layer below, when there is one.
    public let underlying: (any Error)?

    /// An error from its parts.
    public init(
        _ code: Code, _ message: String, response: ExchangeResponseHead? = nil, body: [UInt8] = [],
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.response = response
        self.body = body
        self.underlying = underlying
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }

    /// The same with a remark at the end of the message.
    func adding(_ remark: String) -> EventSourceError {
        EventSourceError(code, message + remark, response: response, body: body, underlying: underlying)
    }

    /// The same with the beginning of the response's body.
    func adding(body: [UInt8]) -> EventSourceError {
        EventSourceError(code, message, response: response, body: body, underlying: underlying)
    }
}
