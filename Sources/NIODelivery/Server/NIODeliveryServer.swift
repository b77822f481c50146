#if NIO
    public import NIOCore
    import NIOHTTP1
    public import NIOPosix
    public import StreamDelivery
    import Synchronization

    /// An HTTP/1.1 server on SwiftNIO for the endpoints of a host, and nothing else.
    ///
    ///     let server = NIODeliveryServer(port: 8080, handler: router, sockets: sockets)
    ///     try await server.run()
    ///
    /// ``beginGracefulShutdown()`` takes no more connections, ends those that there are in order, and ``run(onListening:)`` returns. Cancelling
    /// the task that runs it closes them at once.
    ///
    /// For TLS, `configureChannel` adds the handler of swift-nio-ssl; behind a proxy that speaks TLS there is no need to.
    public final class NIODeliveryServer: Sendable {
        /// What writes to the readers.
        public let pumps: DeliveryPumps
        private let host: String
        private let port: Int
        private let endpoints: ExchangeEndpoints
        private let drainTimeout: TimeAmount
        private let group: any EventLoopGroup
        private let configureChannel: @Sendable (any Channel) throws -> Void
        private let connections = ConnectionTable()

        /// A server that does not listen yet.
        ///
        /// - Parameters:
        ///   - host: The name or address to listen at; this machine's own by default.
        ///   - port: The port; 0 for one that is free.
        ///   - handler: What answers requests.
        ///   - sockets: What answers requests for WebSockets; without it they are answered as any other.
        ///   - configuration: What is taken from peers.
        ///   - pumps: What writes to the readers.
        ///   - drainTimeout: How long connections have to end at a graceful shutdown before they are closed: 10 s by default.
        ///   - group: Where connections run: by default the threads that NIO shares in the process.
        ///   - configureChannel: Called for each connection before anything is read of it, to add handlers in front of HTTP.
        public init(
            host: String = "127.0.0.1", port: Int, handler: any DeliveryHandler, sockets: (any SocketHandler)? = nil,
            configuration: HostConfiguration = HostConfiguration(), pumps: DeliveryPumps = DeliveryPumps(),
            drainTimeout: TimeAmount = .seconds(10),
            group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
            configureChannel: @escaping @Sendable (any Channel) throws -> Void = { _ in }
        ) {
            self.host = host
            self.port = port
            self.pumps = pumps
            self.drainTimeout = drainTimeout
            self.group = group
            self.configureChannel = configureChannel
            endpoints = ExchangeEndpoints(
                handler: handler, sockets: sockets, configuration: configuration, pumps: pumps,
                requests: RunningRequests())
        }

        /// Listens and serves until it is shut down.
        ///
        /// - Parameter onListening: Told the address once connections are taken.
        /// - Throws: What NIO throws when the address cannot be listened at.
        public func run(onListening: @Sendable (SocketAddress) async -> Void = { _ in }) async throws {
            let (endpoints, connections, configureChannel) = (endpoints, connections, configureChannel)
            let listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 4096)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard connections.add(channel) else { return channel.close(promise: nil) }
                        try configureChannel(channel)
                        try channel.pipeline.syncOperations.addDeliveryHandlers(endpoints)
                    }
                }
                .bind(host: host, port: port).get()
            await withTaskCancellationHandler {
                connections.listen(on: listener)
                if let address = listener.localAddress { await onListening(address) }
                try? await listener.closeFuture.get()
                // Shut down in order, unless the task was cancelled.
                pumps.drain()
                connections.quiesce()
                let deadline = group.any().scheduleTask(in: drainTimeout) { connections.closeAll() }
                await connections.allClosed()
                deadline.cancel()
                await endpoints.requests.end()
            } onCancel: {
                listener.close(promise: nil)
                connections.closeAll()
            }
        }

        /// Takes no more connections and ends those that there are: bodies and WebSockets so that their clients come again, requests once they are answered.
        ///
        /// It returns at once; ``run(onListening:)`` returns when they are gone, or after the drain timeout.
        public func beginGracefulShutdown() {
            connections.stopListening()
        }
    }

    extension ChannelPipeline.SynchronousOperations {
        /// Adds HTTP/1.1 and what answers it.
        func addDeliveryHandlers(_ endpoints: ExchangeEndpoints) throws {
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = endpoints.configuration.headerSize
            limits.maxHeaderListSize = endpoints.configuration.headerSize
            limits.maxHeaderFieldCount = endpoints.configuration.headerCount
            try addHandler(HTTPResponseEncoder())
            try addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)))
            try addHandler(ExchangeHandler(endpoints))
        }
    }
#endif
