#if NIO
    import NIOCore
    import NIODelivery
    import StreamDelivery

    /// Runs a server on a free port for as long as `body` takes, and shuts it down in order.
    func withServer<Result: Sendable>(
        _ handler: any DeliveryHandler, sockets: (any SocketHandler)? = nil,
        configuration: HostConfiguration = HostConfiguration(), pumps: DeliveryPumps = DeliveryPumps(drainDelay: .zero),
        _ body: @escaping @Sendable (NIODeliveryServer, Int) async throws -> Result
    ) async throws -> Result {
        let server = NIODeliveryServer(
            port: 0, handler: handler, sockets: sockets, configuration: configuration, pumps: pumps)
        let ports = Mailbox<Int?>()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { ports.put(nil) }
                try await server.run { ports.put($0.port) }
            }
            guard let port = await ports.next() else {
                try await group.waitForAll()
                throw ChannelError.inappropriateOperationForState
            }
            defer { server.beginGracefulShutdown() }
            return try await body(server, port)
        }
    }

    /// Answers by a closure.
    struct ClosureHandler: DeliveryHandler {
        let body: @Sendable (DeliveryRequest) async -> DeliveryResponse

        init(_ body: @escaping @Sendable (DeliveryRequest) async -> DeliveryResponse) { self.body = body }
        func respond(to request: DeliveryRequest) async -> DeliveryResponse { await body(request) }
    }
#endif
