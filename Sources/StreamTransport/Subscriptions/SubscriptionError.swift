public import WireProtocols

/// Why a subscription has no connection, for now or for good, or why a call has no answer.
public struct SubscriptionError: Error, Sendable, CustomStringConvertible {
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

        /// The server answered with an error of tRPC; ``SubscriptionError/error`` is it.
        public static let refused = Code(rawValue: "refused")
        /// The server ended the connection; that alone never ends a subscription.
        public static let connectionEnded = Code(rawValue: "connectionEnded")
        /// The server asked to connect anew; that alone never ends a subscription.
        public static let moved = Code(rawValue: "moved")
        /// The transport failed; ``SubscriptionError/underlying`` is its ``TransportError``.
        public static let transport = Code(rawValue: "transport")
        /// The server was silent for too long.
        public static let stalled = Code(rawValue: "stalled")
        /// The server answered with a status, or a type of content, that is none of a subscription's.
        public static let status = Code(rawValue: "status")
        /// The server sent what is no message of tRPC, or more than the limits allow.
        public static let invalidMessage = Code(rawValue: "invalidMessage")
        /// A value is not of the type that was asked for; ``SubscriptionError/underlying`` is the decoding's error.
        public static let invalidValue = Code(rawValue: "invalidValue")
        /// The input, the URL or a header field cannot be sent; ``SubscriptionError/underlying`` says why.
        public static let invalidRequest = Code(rawValue: "invalidRequest")
        /// The connection parameters could not be had; ``SubscriptionError/underlying`` is what their closure threw.
        public static let connectionParams = Code(rawValue: "connectionParams")
        /// The consumer's task was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// What happened.
    public let code: Code
    /// What happened, where and what to do; without credentials.
    public let message: String
    /// What the server said, when it answered with an error of tRPC.
    public let error: TRPCError?
    /// The error of the layer below, when there is one.
    public let underlying: (any Error)?

    /// An error from its parts.
    public init(_ code: Code, _ message: String, error: TRPCError? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.error = error
        self.underlying = underlying
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }

    /// The same with a remark at the end of the message.
    func adding(_ remark: String) -> SubscriptionError {
        SubscriptionError(code, message + remark, error: error, underlying: underlying)
    }

    /// The server's own error.
    static func refused(_ error: TRPCError) -> SubscriptionError {
        SubscriptionError(.refused, "the server answered \(error)", error: error)
    }
}
