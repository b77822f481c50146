public import StreamCore

/// Why an exchange failed: a code, a message that says what happened, where and what to do, and the error below it.
public struct TransportError: Error, Sendable, CustomStringConvertible {
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

        /// No connection could be made: refused, unreachable, a name that is not found, or an end within the TLS handshake
        /// where the transport can tell (URLSession cannot: `tlsFailed`).
        public static let connectionFailed = Code(rawValue: "connectionFailed")
        /// No connection stood within ``TransportTimeouts/connect``.
        public static let connectTimeout = Code(rawValue: "connectTimeout")
        /// No head came within ``TransportTimeouts/firstByte``.
        public static let firstByteTimeout = Code(rawValue: "firstByteTimeout")
        /// Nothing of the body came for ``TransportTimeouts/idle``.
        public static let idleTimeout = Code(rawValue: "idleTimeout")
        /// The exchange was not done within ``TransportTimeouts/total``.
        public static let totalTimeout = Code(rawValue: "totalTimeout")
        /// The caller's task was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
        /// The connection broke in the midst of the exchange.
        public static let connectionLost = Code(rawValue: "connectionLost")
        /// The connection ended before the body did, by its `content-length` or its last chunk.
        public static let truncatedBody = Code(rawValue: "truncatedBody")
        /// What the server sent is not HTTP, or breaks the protocol of WebSocket.
        public static let malformedResponse = Code(rawValue: "malformedResponse")
        /// The head of the response is larger than the transport takes.
        public static let headTooLarge = Code(rawValue: "headTooLarge")
        /// The server redirects in a circle, or further than the transport follows.
        public static let tooManyRedirects = Code(rawValue: "tooManyRedirects")
        /// The body, or a message of a WebSocket, is larger than the caller allows.
        public static let responseTooLarge = Code(rawValue: "responseTooLarge")
        /// The consumer reads more slowly than the server sends, and the transport cannot hold the server back.
        public static let bufferLimitExceeded = Code(rawValue: "bufferLimitExceeded")
        /// The TLS handshake failed, or the server's certificate is not trusted.
        public static let tlsFailed = Code(rawValue: "tlsFailed")
        /// The request cannot be sent as it is.
        public static let invalidRequest = Code(rawValue: "invalidRequest")
        /// The transport cannot do what was asked.
        public static let unsupported = Code(rawValue: "unsupported")
        /// The transport was shut down.
        public static let shutDown = Code(rawValue: "shutDown")
        /// The body was read before: it has one consumer.
        public static let bodyAlreadyRead = Code(rawValue: "bodyAlreadyRead")
        /// The server did not agree to a WebSocket; the underlying error is a ``WebSocketRefusal`` with its status.
        public static let upgradeRefused = Code(rawValue: "upgradeRefused")
        /// Nothing can be sent any more: one of the ends of the WebSocket has closed it.
        public static let connectionClosed = Code(rawValue: "connectionClosed")
        /// None of the others; the underlying error says more.
        public static let other = Code(rawValue: "other")
    }

    /// What went wrong.
    public let code: Code
    /// What happened, where and what to do; without credentials.
    public let message: String
    /// The error of the stack below, when there is one.
    public let underlying: (any Error)?

    /// An error from its parts.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// Code, message and the error below.
    public var description: String {
        underlying.map { "\(code): \(message) [\($0)]" } ?? "\(code): \(message)"
    }

    /// The kind of failure that this is, by which ``/StreamCore/RetryPolicy`` decides.
    public var kind: FailureKind {
        switch code {
        case .connectTimeout, .firstByteTimeout, .idleTimeout, .totalTimeout: .timeout
        case .truncatedBody: .truncated
        case .connectionFailed, .connectionLost, .connectionClosed, .other: .transport
        case .upgradeRefused: (underlying as? WebSocketRefusal)?.kind ?? .invalidRequest
        case .cancelled: .cancelled
        case .malformedResponse, .headTooLarge: .malformedResponse
        case .responseTooLarge, .bufferLimitExceeded: .limitExceeded
        case .invalidRequest, .unsupported, .tooManyRedirects, .bodyAlreadyRead: .invalidRequest
        default: .unknown
        }
    }
}
