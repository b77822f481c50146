#if NIO
    package import NIOCore
    import NIOHTTP1
    package import StreamDelivery

    /// What answers the WebSocket requests of another server's HTTP/1.1 connections, and takes those connections over.
    package struct SocketUpgrades: Sendable {
        private let endpoints: ExchangeEndpoints

        package init(_ sockets: any SocketHandler, pumps: DeliveryPumps, configuration: HostConfiguration) {
            endpoints = ExchangeEndpoints(
                handler: nil, sockets: sockets, configuration: configuration, pumps: pumps, requests: RunningRequests())
        }

        /// Stands between the HTTP/1.1 decoder of a channel and what serves it; to be called on its event loop, before anything was read.
        ///
        /// Requests that ask for no WebSocket pass through.
        package func add(to channel: any Channel) throws {
            let operations = channel.pipeline.syncOperations
            let decoder = try operations.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try operations.addHandler(ExchangeHandler(endpoints), position: .after(decoder.handler))
        }
    }
#endif
