public import WireProtocols

/// Makes WebSocket connections (RFC 6455): a request in; a connection whose messages are pulled and pushed.
///
/// **Callers** use any transport the same way, in a scope that closes the connection (``withConnection(to:timeouts:_:)``) or for as long as
/// they hold it (``connect(to:timeouts:)``). There are no reconnects here: an error or the end of a connection is for the caller to judge.
///
/// **Implementers** make the handshake with `WebSocketClientHandshake` and run the connection with `WebSocketMachine`, both of
/// `WireProtocols`, or have a stack that does as much. They give a ``WebSocketLink`` and promise:
///
/// - *Typed failures of the handshake.* A URL, header field or subprotocol that cannot be sent, or a field that belongs to the handshake:
///   ``TransportError/Code/invalidRequest``. No connection: ``TransportError/Code/connectionFailed``; none in time:
///   ``TransportError/Code/connectTimeout``; TLS, or a certificate that is not trusted: ``TransportError/Code/tlsFailed``. No
///   answer in time: ``TransportError/Code/firstByteTimeout``. An answer other than 101: ``TransportError/Code/upgradeRefused`` with a
///   ``WebSocketRefusal`` below it; redirects are not followed. An answer that is none (`sec-websocket-accept`, subprotocols and extensions that were
///   not offered), or no HTTP: ``TransportError/Code/malformedResponse``; a head without end: ``TransportError/Code/headTooLarge``; an end in its
///   midst: ``TransportError/Code/connectionLost``.
/// - *Typed failures of the connection.* Cut without a close frame: ``TransportError/Code/connectionLost``. The peer breaks the protocol, or sends text
///   that is not UTF-8: ``TransportError/Code/malformedResponse``; a message beyond the limit, also when it is so only once decompressed:
///   ``TransportError/Code/responseTooLarge``; each after a close frame with 1002, 1007 or 1009, with the `WebSocketViolation` below it.
///   A ping that stays without any sign of life: ``TransportError/Code/idleTimeout``.
/// - *Bounded memory.* Read from the socket only while the consumer pulls, with a small, fixed buffer; hold back who sends while the peer does not
///   read; never more than one message of the largest size beyond that, whatever is announced or compressed.
/// - *Cancellation.* A cancelled call throws ``TransportError/Code/cancelled`` at once. Of a cancelled
///   ``connect(to:timeouts:)`` nothing is left behind: no descriptor, thread, task or timer. A cancelled receive, send or ping leaves the
///   connection as it is: no message is lost, and a message whose sending was cancelled is not sent, not even in part.
/// - *Nothing kept, nothing made up.* No cookies; no header fields but those of the handshake, `host`, and a `user-agent` when the caller gave none.
/// - *Concurrency.* Any number of connections at a time, from any task.
public protocol WebSocketTransport: Sendable {
    /// Makes a connection; it returns when the server has agreed.
    ///
    /// - Parameters:
    ///   - request: What to ask for.
    ///   - timeouts: How long each phase may take.
    /// - Throws: ``TransportError`` when there is no connection.
    func connect(
        to request: WebSocketRequest, timeouts: WebSocketTimeouts
    ) async throws(TransportError) -> WebSocketConnection
}

extension WebSocketTransport {
    /// Makes a connection with the default timeouts.
    ///
    /// - Throws: ``TransportError`` when there is no connection.
    public func connect(to request: WebSocketRequest) async throws(TransportError) -> WebSocketConnection {
        try await connect(to: request, timeouts: WebSocketTimeouts())
    }

    /// Makes a connection for the time of a closure.
    ///
    /// When the closure returns, the connection is closed in order, with 1000; when it throws, at once.
    ///
    /// - Parameters:
    ///   - request: What to ask for.
    ///   - timeouts: How long each phase may take.
    ///   - body: Uses the connection.
    /// - Returns: What the closure returns.
    /// - Throws: ``TransportError`` when there is no connection, and what the closure throws.
    public func withConnection<Result>(
        to request: WebSocketRequest, timeouts: WebSocketTimeouts = WebSocketTimeouts(),
        _ body: (WebSocketConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await connect(to: request, timeouts: timeouts)
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            connection.abort()
            throw error
        }
    }
}
