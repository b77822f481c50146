/// Why a WebSocket connection was closed: a number, of which applications may use some for themselves (RFC 6455 §7.4).
public struct WebSocketCloseCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The number.
    public let rawValue: UInt16

    /// A code from its number; whether it may stand in a frame is another question: ``mayBeSent``.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The number in text.
    public var description: String { String(rawValue) }

    /// 1000: the purpose of the connection is fulfilled.
    public static let normalClosure = WebSocketCloseCode(rawValue: 1000)
    /// 1001: the server goes down, or the visitor has left the page.
    public static let goingAway = WebSocketCloseCode(rawValue: 1001)
    /// 1002: the peer broke the protocol.
    public static let protocolError = WebSocketCloseCode(rawValue: 1002)
    /// 1003: a type of message that this end does not take, binary for example.
    public static let unsupportedData = WebSocketCloseCode(rawValue: 1003)
    /// 1005: the close frame had no code; never in a frame.
    public static let noStatusReceived = WebSocketCloseCode(rawValue: 1005)
    /// 1006: the connection ended without a close frame; never in a frame.
    public static let abnormalClosure = WebSocketCloseCode(rawValue: 1006)
    /// 1007: the content does not fit the type of the message: text that is not UTF-8, data that cannot be decompressed.
    public static let invalidPayload = WebSocketCloseCode(rawValue: 1007)
    /// 1008: a message that this end's policy does not allow.
    public static let policyViolation = WebSocketCloseCode(rawValue: 1008)
    /// 1009: a message that is larger than this end takes.
    public static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
    /// 1010: the server did not agree to an extension that the client needs.
    public static let mandatoryExtension = WebSocketCloseCode(rawValue: 1010)
    /// 1011: this end failed.
    public static let internalError = WebSocketCloseCode(rawValue: 1011)
    /// 1012: the service restarts; come again after a random time (IANA registry).
    public static let serviceRestart = WebSocketCloseCode(rawValue: 1012)
    /// 1013: the server is overloaded; come again later (IANA registry).
    public static let tryAgainLater = WebSocketCloseCode(rawValue: 1013)
    /// 1014: a gateway got no valid answer from the server behind it (IANA registry).
    public static let badGateway = WebSocketCloseCode(rawValue: 1014)
    /// 1015: the TLS handshake failed; never in a frame.
    public static let tlsHandshakeFailed = WebSocketCloseCode(rawValue: 1015)

    /// Whether the code may stand in a close frame, sent or received.
    ///
    /// True for 1000 … 1003 and 1007 … 1014, which RFC 6455 §7.4.1 and IANA's registry define, and for 3000 … 4999, which §7.4.2
    /// leaves to libraries and applications. Any other code in a frame is an error of the protocol.
    public var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
