/// How long the phases of an exchange may take; nil means without limit.
///
/// The defaults suit streams of language models: a server answers within two minutes, or is not going to, and is never silent
/// for two minutes within an answer; a whole answer may take as long as it takes.
public struct TransportTimeouts: Sendable, Hashable {
    /// From the start of the exchange until a connection stands, name lookup and TLS included: 10 seconds by default.
    ///
    /// Throws ``TransportError/Code/connectTimeout``.
    public var connect: Duration?
    /// From the start of the exchange until the final response's head is there, connecting and redirects included:
    /// 120 seconds by default.
    ///
    /// Throws ``TransportError/Code/firstByteTimeout``.
    public var firstByte: Duration?
    /// Between two pieces of the body from the server: 120 seconds by default.
    ///
    /// The time in which the consumer does not ask for the next chunk does not count. Throws ``TransportError/Code/idleTimeout``.
    public var idle: Duration?
    /// From the start of the exchange until the end of the body: without limit by default.
    ///
    /// Throws ``TransportError/Code/totalTimeout``.
    public var total: Duration?

    /// Timeouts from their parts.
    public init(
        connect: Duration? = .seconds(10), firstByte: Duration? = .seconds(120), idle: Duration? = .seconds(120),
        total: Duration? = nil
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
    }

    /// No limits at all.
    public static let none = TransportTimeouts(connect: nil, firstByte: nil, idle: nil, total: nil)
}
