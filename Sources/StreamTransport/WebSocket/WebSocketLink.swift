public import WireProtocols

/// What a transport gives to a ``WebSocketConnection``, whose comments and those of ``WebSocketTransport`` say what is promised.
public protocol WebSocketLink: Sendable {
    /// Returns the next message, or nil when the peer has closed in order, or this end has.
    ///
    /// It is never called by two tasks at a time, nor again after nil or an error other than ``TransportError/Code/cancelled``.
    ///
    /// - Throws: ``TransportError``.
    func receive() async throws(TransportError) -> WebSocketMessage?

    /// Sends a message behind those before; it returns when there is room for more.
    ///
    /// - Throws: ``TransportError``, ``TransportError/Code/connectionClosed`` when either end has closed.
    func send(_ message: WebSocketMessage) async throws(TransportError)

    /// Sends a ping and returns when its pong comes.
    ///
    /// - Throws: As ``send(_:)``.
    func ping() async throws(TransportError)

    /// Sends what was taken to be sent and a close frame, and returns when the connection is gone: the peer has closed too, the
    /// time is up, or the task is cancelled. Messages that come meanwhile are dropped.
    func close(_ closure: WebSocketClosure) async

    /// Cuts the connection, if it is still there; does not wait. It is called at least once, at the latest when nobody holds the connection any more.
    func abort()

    /// What the peer's close frame said, once it has come.
    var closure: WebSocketClosure? { get }
}
