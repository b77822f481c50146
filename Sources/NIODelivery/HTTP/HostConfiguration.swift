#if NIO
    public import NIOCore
    public import WireProtocols

    /// What a host takes from its peers; whoever goes beyond is refused.
    public struct HostConfiguration: Sendable {
        /// The most bytes of a request's header section, and of its target: 16 KiB by default; beyond: 431.
        public var headerSize = 16 << 10
        /// The most header fields: 100 by default; beyond: 431.
        public var headerCount = 100
        /// The most bytes of a request's body: 1 MiB by default; beyond: 413.
        public var bodySize = 1 << 20
        /// How long a request may take to come, from its connection or the answer before it, or from its head to its body's end: 15 s by default.
        ///
        /// Then the connection is closed, also where a byte comes now and then.
        public var requestTimeout = TimeAmount.seconds(15)
        /// How long a connection may stay open between two requests: 60 s by default.
        public var idleTimeout = TimeAmount.seconds(60)
        /// From the close frame of a WebSocket, or the end of a body after which the connection ends, until it is cut: 2 s by default.
        public var closeTimeout = TimeAmount.seconds(2)
        /// How large WebSocket frames and messages may be, decompressed: 1 MiB by default; beyond: 1009.
        public var socketLimits = WebSocketLimits(messageSize: 1 << 20)
        /// Whether WebSocket messages may be compressed where the client offers it: true by default.
        ///
        /// Never with the help of earlier messages, so that a message is compressed once for all its readers. An attacker who can put text of
        /// his own beside a secret into one message may learn the secret from its size: turn it off for streams that carry secrets.
        public var compressesSockets = true

        /// The defaults.
        public init() {}
    }
#endif
