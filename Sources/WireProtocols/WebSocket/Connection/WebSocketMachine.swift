/// One end of a WebSocket connection after its handshake (RFC 6455 §5 to §7): bytes in, events out, and the headers of the frames to send.
///
/// It does no I/O and knows no time: who drives it sends what it says and closes the connection when it says so.
///
///     var machine = WebSocketMachine(role: .client)
///     while let event = try machine.next(from: &bytes) {
///         switch event {
///         case .message(let message): deliver(message)
///         case .ping(let payload): send(machine.controlFrame(.pong, payload, using: &random))
///         case .pong: break
///         case .close(let closure): send(machine.closeFrame(closure, using: &random))
///         }
///     }
///
/// What it gives does not depend on where the bytes are cut (but for which of several faults of a compressed text it names).
/// Control frames come between the fragments of a message. A fault is found with the byte that is wrong: a header before its
/// payload, text that is not UTF-8 within a fragment, a message that is too large before it is there. It throws then: send
/// ``closeFrame(_:using:)`` with the violation's code and close the connection.
///
/// It holds the fragments of one message, at most ``WebSocketLimits/messageSize`` bytes, and grows with what has come, not with what was announced.
public struct WebSocketMachine: ~Copyable {
    /// What the peer has sent.
    public enum Event: Sendable, Hashable {
        /// A whole message.
        case message(WebSocketMessage)
        /// A ping, to be answered with a pong of the same payload (RFC 6455 §5.5.2); of several only the last need be answered.
        case ping([UInt8])
        /// A pong.
        case pong([UInt8])
        /// A close frame, the last that counts: answer with a close frame, if none was sent, and close the connection.
        case close(WebSocketClosure)
    }

    /// Which end this is.
    public let role: WebSocketRole
    /// How large frames and messages may be.
    public let limits: WebSocketLimits
    /// What the peer's close frame said, once it has come.
    public internal(set) var received: WebSocketClosure?
    /// Whether the peer broke the protocol or a limit; nothing more is read.
    public internal(set) var hasFailed = false
    /// Whether this end has sent its close frame, after which nothing more is sent.
    public internal(set) var hasSentClose = false

    // Sending.
    /// Whether the last data frame that was sent left its message open.
    var isSendingMessage = false

    // The frame that is being read.
    /// The bytes of a header that was cut.
    var partialHeader: [UInt8] = []
    var frame: WebSocketFrameHeader?
    /// How many bytes of its payload have been read.
    var position = 0
    var control: [UInt8] = []

    // The message that is being read.
    var message: PartialMessage?
    let decompressor: (any WebSocketDecompressor)?

    /// A message of which some fragments have come.
    struct PartialMessage {
        let isText: Bool
        let isCompressed: Bool
        /// How much of it there is, decompressed.
        var bytes: [UInt8] = []
        /// How many bytes of compressed payload its frames have.
        var compressedCount = 0
        var validator = UTF8Validator()
    }

    /// A connection that has just been made.
    ///
    /// - Parameters:
    ///   - role: Which end this is.
    ///   - limits: How large frames and messages may be.
    ///   - decompressor: What undoes the compression, when permessage-deflate was agreed; without it a compressed message is an
    ///     error of the protocol.
    public init(
        role: WebSocketRole, limits: WebSocketLimits = WebSocketLimits(),
        decompressor: (any WebSocketDecompressor)? = nil
    ) {
        self.role = role
        self.limits = limits
        self.decompressor = decompressor
    }

    /// Whether messages may still be sent: neither end has said that it closes.
    public var maySend: Bool { !hasSentClose && received == nil && !hasFailed }

    /// Whether both ends have said that they close: the connection can go.
    public var isClosed: Bool { hasSentClose && (received != nil || hasFailed) }
}
