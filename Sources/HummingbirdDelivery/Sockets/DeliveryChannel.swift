#if Hummingbird
    public import HummingbirdCore
    public import Logging
    public import NIOCore
    public import NIODelivery
    public import StreamDelivery

    /// An HTTP/1.1 connection of Hummingbird's whose WebSocket requests are answered by an endpoint; everything else goes to the router.
    public struct DeliveryChannel: ServerChildChannel, HTTPChannelHandler {
        /// What Hummingbird's own channel has.
        public typealias Value = HTTP1Channel.Value

        private let base: HTTP1Channel
        private let upgrades: SocketUpgrades

        /// A channel for connections to a server.
        ///
        /// - Parameters:
        ///   - responder: What answers other requests.
        ///   - sockets: What answers requests for WebSockets; paths, origins and credentials are its to check.
        ///   - pumps: What writes to the readers.
        ///   - configuration: What is taken from WebSocket peers.
        ///   - http: How HTTP is spoken. An idle timeout would also cut WebSockets: they look idle to Hummingbird.
        public init(
            responder: @escaping HTTPChannelHandler.Responder, sockets: any SocketHandler, pumps: DeliveryPumps,
            configuration: HostConfiguration = HostConfiguration(), http: HTTP1Channel.Configuration = .init()
        ) {
            base = HTTP1Channel(responder: responder, configuration: http)
            upgrades = SocketUpgrades(sockets, pumps: pumps, configuration: configuration)
        }

        /// What answers requests that ask for no WebSocket.
        public var responder: HTTPChannelHandler.Responder { base.responder }

        /// Puts the channel's handlers into its pipeline.
        public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
            let upgrades = upgrades
            return base.setup(channel: channel, logger: logger).flatMapThrowing { value in
                try upgrades.add(to: channel)
                return value
            }
        }

        /// Serves a connection until it ends.
        public func handle(value: Value, logger: Logger) async {
            await base.handle(value: value, logger: logger)
        }
    }

    extension HTTPServerBuilder {
        /// HTTP/1.1 with WebSockets that an endpoint answers.
        ///
        ///     let app = Application(router: router, server: .http1WithSockets(sockets, pumps: pumps))
        ///
        /// With TLS: `.tls(.http1WithSockets(sockets, pumps: pumps), tlsConfiguration: …)` of HummingbirdTLS.
        public static func http1WithSockets(
            _ sockets: any SocketHandler, pumps: DeliveryPumps,
            configuration: HostConfiguration = HostConfiguration(), http: HTTP1Channel.Configuration = .init()
        ) -> HTTPServerBuilder {
            HTTPServerBuilder { responder in
                DeliveryChannel(
                    responder: responder, sockets: sockets, pumps: pumps, configuration: configuration, http: http)
            }
        }
    }
#endif
