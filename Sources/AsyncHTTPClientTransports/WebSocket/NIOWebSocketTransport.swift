#if AsyncHTTPClient
    public import NIOCore
    public import NIOPosix
    public import NIOSSL
    import NIOWebSockets
    public import StreamTransport
    public import WireProtocols

    /// WebSocket connections over SwiftNIO, on the host's event loops or the shared ones.
    ///
    /// - **Backpressure.** The server is held back while nobody receives: some 64 KiB or 128 messages wait, then nothing is read. Senders wait
    ///   while the server does not read, beyond 64 KiB here and the same in SwiftNIO.
    /// - **Memory.** Beyond that one message of the largest size (``Configuration/limits``), however small it was compressed.
    /// - **Compression** (permessage-deflate, RFC 7692) is offered when ``Configuration/compression`` says so; the server decides.
    /// - **TLS** verifies certificates against the system's trust roots, or those of ``Configuration/tls``.
    /// - **Signs of life.** Pings are answered, and sent to a silent server, as `WebSocketTimeouts` says.
    ///
    /// Proxies are not supported. There is nothing to shut down: a connection ends with its last user.
    public struct NIOWebSocketTransport: WebSocketTransport {
        /// What a transport may be told.
        public struct Configuration: Sendable {
            /// How large frames and messages may be that are received: 16 MiB a message by default.
            public var limits: WebSocketLimits
            /// How compression is offered; nil, which is the default, offers none.
            ///
            /// It is off because sizes of compressed messages can betray secrets in them; ``/WireProtocols/PerMessageDeflatePolicy`` says when.
            /// With it a connection takes up to 300 KiB more.
            public var compression: PerMessageDeflatePolicy?
            /// Messages of fewer bytes are sent as they are though compression was agreed: 256 by default.
            public var compressionThreshold: Int
            /// The largest payload of a frame that is sent, at least 1 byte: 1 MiB by default.
            ///
            /// Longer messages are fragmented.
            public var outgoingFrameSize: Int
            /// The largest head of an answer in bytes: 64 KiB by default.
            public var headLimit: Int
            /// TLS for `wss`: verification on and the system's trust roots by default; `trustRoots` takes an authority of one's own.
            public var tls: TLSConfiguration

            /// A configuration from its parts.
            public init(
                limits: WebSocketLimits = WebSocketLimits(), compression: PerMessageDeflatePolicy? = nil,
                compressionThreshold: Int = 256, outgoingFrameSize: Int = 1 << 20, headLimit: Int = 64 << 10,
                tls: TLSConfiguration = .makeClientConfiguration()
            ) {
                self.limits = limits
                self.compression = compression
                self.compressionThreshold = max(0, compressionThreshold)
                self.outgoingFrameSize = max(1, outgoingFrameSize)
                self.headLimit = headLimit
                self.tls = tls
            }
        }

        private let eventLoopGroup: any EventLoopGroup
        private let configuration: Configuration
        private let tls: TLSContext

        /// A transport on event loops, which must outlive its connections.
        ///
        /// - Parameters:
        ///   - eventLoopGroup: Event loops of SwiftNIO's POSIX kind; the shared ones unless given.
        ///   - configuration: What the transport does.
        public init(
            eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
            configuration: Configuration = Configuration()
        ) {
            self.eventLoopGroup = eventLoopGroup
            self.configuration = configuration
            tls = TLSContext(configuration: configuration.tls)
        }

        /// Makes a connection; it returns when the server has agreed.
        ///
        /// - Throws: `TransportError` when there is no connection.
        public func connect(
            to request: WebSocketRequest, timeouts: WebSocketTimeouts
        ) async throws(TransportError) -> WebSocketConnection {
            if Task.isCancelled {
                throw TransportError(
                    .cancelled, "the task was cancelled before WebSocket \(request.redactedURL) was asked for")
            }
            let start = NIODeadline.now()
            let plan = try WebSocketPlan(request, timeouts: timeouts, configuration: configuration)
            let context = plan.url.isSecure ? try await tls.context() : nil
            let dial = WebSocketDial(plan, tls: context, eventLoop: eventLoopGroup.next(), start: start)
            let upgraded = try await dial.run()
            return WebSocketConnection(
                link: NIOWebSocketLink(socket: upgraded.socket, name: plan.name), head: upgraded.head,
                agreement: upgraded.agreement)
        }
    }
#endif
