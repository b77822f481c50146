public import WireProtocols

/// A WebSocket connection from the server's side, whatever carries it: messages come in, and what goes out is pulled as of any source.
///
/// The pieces of a conversation are whole WebSocket frames, as its ``SocketFraming`` made them, so that one encoding serves many
/// connections. Pings, pongs and the closing handshake are the host's, which sends them between pieces.
public protocol DeliveryConversation: DeliverySource {
    /// Takes a message; returns at once.
    ///
    /// - Returns: Whether the host should go on reading. Where not, it reads again when `onReady` was called and the peer takes what it is sent.
    func receive(_ message: WebSocketMessage) -> Bool

    /// How the connection is to be closed when ``DeliverySource/next(maxBytes:)`` has returned ``DeliveryPull/end``.
    var closure: WebSocketClosure { get }
}

/// Makes frames of messages, as was agreed with the peer; the same for all connections that agreed on the same.
public protocol SocketFraming: Sendable {
    /// What it does, in a word: two framings of the same name make the same frames.
    var name: String { get }

    /// Adds the frame, or frames, of a message to `output`: a text, which must be UTF-8, or bytes.
    func append(_ payload: UnsafeRawBufferPointer, isText: Bool, to output: inout [UInt8])
}

/// What a request for a WebSocket is answered with.
public enum SocketAnswer: Sendable {
    /// It is refused.
    case refuse(DeliveryResponse)
    /// It is taken, and `begin` makes the conversation once it is known how messages are framed.
    case accept(subprotocol: String?, begin: @Sendable (any SocketFraming) -> any DeliveryConversation)
}

/// What answers requests for WebSockets.
public protocol SocketHandler: Sendable {
    /// Decides about a request, whose path, origin and credentials are this handler's to check; its form was checked by the host.
    func accept(_ request: DeliveryRequest) async -> SocketAnswer
}
