/// How long the phases of a WebSocket connection may take; nil means without limit.
public struct WebSocketTimeouts: Sendable, Hashable {
    /// From the start until a connection stands, name lookup and TLS included: 10 seconds by default.
    ///
    /// Throws ``TransportError/Code/connectTimeout``.
    public var connect: Duration?
    /// From the start until the server has agreed, connecting included: 30 seconds by default.
    ///
    /// Throws ``TransportError/Code/firstByteTimeout``.
    public var handshake: Duration?
    /// How long the peer may be silent before it is sent a ping: 20 seconds by default; nil sends none.
    ///
    /// The time in which the consumer leaves messages waiting, and so nothing is read, does not count.
    public var pingInterval: Duration?
    /// From a ping until any sign of life of the peer, a pong or a part of a message: 20 seconds by default.
    ///
    /// Throws ``TransportError/Code/idleTimeout``. A peer that is alive and slow must get through in this time what was sent before the ping.
    public var pong: Duration?
    /// From this end's close frame until the peer has closed; then the connection is cut: 5 seconds by default.
    public var close: Duration?

    /// Timeouts from their parts.
    public init(
        connect: Duration? = .seconds(10), handshake: Duration? = .seconds(30), pingInterval: Duration? = .seconds(20),
        pong: Duration? = .seconds(20), close: Duration? = .seconds(5)
    ) {
        self.connect = connect
        self.handshake = handshake
        self.pingInterval = pingInterval
        self.pong = pong
        self.close = close
    }

    /// No limits at all, and no pings.
    public static let none = WebSocketTimeouts(connect: nil, handshake: nil, pingInterval: nil, pong: nil, close: nil)
}
