#if NIO
    import NIOCore
    import NIODelivery
    import NIOPosix
    import StreamDelivery

    /// Runs a server on a free port for as long as `body` takes, and shuts it down in order.
    func withServer<Result: Sendable>(
        _ handler: any DeliveryHandler, sockets: (any SocketHandler)? = nil,
        configuration: HostConfiguration = HostConfiguration(), pumps: DeliveryPumps = DeliveryPumps(drainDelay: .zero),
        _ body: @escaping @Sendable (NIODeliveryServer, Int) async throws -> Result
    ) async throws -> Result {
        let server = NIODeliveryServer(
            port: 0, handler: handler, sockets: sockets, configuration: configuration, pumps: pumps)
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await server.run { continuation.yield($0.port ?? 0) }
            }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else {
                try await group.waitForAll()
                throw ChannelError.inappropriateOperationForState
            }
            defer { server.beginGracefulShutdown() }
            return try await body(server, port)
        }
    }

    /// A client that says what it likes, byte by byte.
    struct RawClient: Sendable {
        private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

        /// Connects for as long as `body` takes.
        static func with<Result: Sendable>(
            port: Int, _ body: (inout Reader, NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws -> Result
        ) async throws -> Result {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            return try await channel.executeThenClose { inbound, outbound in
                var reader = Reader(iterator: inbound.makeAsyncIterator())
                return try await body(&reader, outbound)
            }
        }

        /// What comes of the server.
        struct Reader {
            fileprivate var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
            private(set) var text = ""

            fileprivate init(iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) {
                self.iterator = iterator
            }

            /// Reads until all that came contains `part`; nil when the server ends before.
            mutating func read(until part: String) async throws -> String? {
                while !text.contains(part) {
                    guard let buffer = try await iterator.next() else { return nil }
                    text += String(decoding: buffer.readableBytesView, as: UTF8.self)
                }
                return text
            }

            /// Reads until the server ends the connection; a reset is an end as well.
            mutating func readToEnd() async -> String {
                while let buffer = try? await iterator.next() {
                    text += String(decoding: buffer.readableBytesView, as: UTF8.self)
                }
                return text
            }

            mutating func forget() { text = "" }
        }
    }

    extension NIOAsyncChannelOutboundWriter<ByteBuffer> {
        func write(_ text: String) async throws { try await write(ByteBuffer(string: text)) }
    }

    /// Answers by a closure.
    struct ClosureHandler: DeliveryHandler {
        let body: @Sendable (DeliveryRequest) async -> DeliveryResponse

        init(_ body: @escaping @Sendable (DeliveryRequest) async -> DeliveryResponse) { self.body = body }
        func respond(to request: DeliveryRequest) async -> DeliveryResponse { await body(request) }
    }
#endif
