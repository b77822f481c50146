public import StreamCore
public import WireProtocols

/// Why a Durable Streams server did not do what it was asked, or could not be asked.
public struct DurableStreamsClientError: Error, Sendable, CustomStringConvertible {
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

        /// There is no such stream.
        public static let notFound = Code(rawValue: "notFound")
        /// What is asked for is not kept any more, or the stream was deleted.
        public static let gone = Code(rawValue: "gone")
        /// The stream is there with another configuration, holds another type, or the sequence does not rise.
        public static let conflict = Code(rawValue: "conflict")
        /// The stream is closed; ``DurableStreamsClientError/offset`` is its end.
        public static let closed = Code(rawValue: "closed")
        /// A newer life of the producer exists, ``DurableStreamsClientError/epoch``: somebody took over.
        public static let staleEpoch = Code(rawValue: "staleEpoch")
        /// The producer left numbers out; ``DurableStreamsClientError/expectedSequence`` comes next.
        public static let producerGap = Code(rawValue: "producerGap")
        /// The server refuses the request for another reason; ``DurableStreamsClientError/response`` is its head.
        public static let refused = Code(rawValue: "refused")
        /// The server is asked too much, or cannot answer for the time being.
        public static let unavailable = Code(rawValue: "unavailable")
        /// What the server answers is none of the protocol.
        public static let malformedResponse = Code(rawValue: "malformedResponse")
        /// The transport failed; ``DurableStreamsClientError/underlying`` is its ``TransportError``.
        public static let transport = Code(rawValue: "transport")
        /// The caller's task was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// What happened.
    public var code: Code
    /// What happened, where and what to do; without credentials.
    public var message: String
    /// The head of the answer, when there was one.
    public var response: ExchangeResponseHead?
    /// The error of the transport.
    public var underlying: TransportError?
    /// The end of a `closed` stream.
    public var offset: String?
    /// The producer's newest life, for `staleEpoch`.
    public var epoch: UInt64?
    /// The number that comes next, for `producerGap`.
    public var expectedSequence: UInt64?

    /// An error from what every error has.
    public init(
        _ code: Code, _ message: String, response: ExchangeResponseHead? = nil, underlying: TransportError? = nil
    ) {
        self.code = code
        self.message = message
        self.response = response
        self.underlying = underlying
    }

    init(_ error: TransportError) {
        self.init(error.code == .cancelled ? .cancelled : .transport, error.message, underlying: error)
    }

    /// What an answer that is no success says (§5).
    init(_ head: ExchangeResponseHead, _ body: [UInt8], to request: ExchangeRequest) {
        let said = String(decoding: body.prefix(200), as: UTF8.self)
        let text = "\(request.method) \(request.redactedURL) was answered with \(head.status): \(said)"
        let isClosed = head.headers.isTrue(DurableStreamsField.closed)
        let expected = head.headers[DurableStreamsField.expectedSequence].flatMap { UInt64($0) }
        let code: Code =
            switch head.status {
            case 404: .notFound
            case 410: .gone
            case 403 where head.headers.contains(name: DurableStreamsField.producerEpoch): .staleEpoch
            case 409 where isClosed: .closed
            case 409 where expected != nil: .producerGap
            case 409: .conflict
            case 429, 500...: .unavailable
            default: .refused
            }
        self.init(code, text, response: head)
        offset = head.headers[DurableStreamsField.nextOffset]
        epoch = head.headers[DurableStreamsField.producerEpoch].flatMap { UInt64($0) }
        expectedSequence = expected
    }

    /// The kind of failure that this is, by which ``/StreamCore/RetryPolicy`` decides.
    public var kind: FailureKind {
        switch code {
        case .transport: underlying?.kind ?? .transport
        case .cancelled: .cancelled
        case .unavailable: response?.failureKind ?? .server
        case .malformedResponse: .malformedResponse
        default: .invalidRequest
        }
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }
}
