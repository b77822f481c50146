#if Hummingbird
    import DurableLog
    import Hummingbird
    import HummingbirdCore
    import HummingbirdDelivery
    import Logging
    import NIOCore
    import NIODelivery
    import ServiceLifecycle
    import StreamCore
    import StreamDelivery
    import Synchronization
    import WireProtocols

    /// A site on a log in memory: its streams as server-sent events under `/events/`, what its middleware says on `/who`.
    final class TestApplication: Sendable {
        let log = MemoryEventLog()
        let hub: DeliveryHub
        let pumps: DeliveryPumps
        private let running = Mutex<ServiceGroup?>(nil)

        /// As a SIGTERM does.
        func beginShutdown() async { await running.withLock { $0 }?.triggerGracefulShutdown() }

        init() {
            let hub = DeliveryHub(log: log)
            self.hub = hub
            pumps = DeliveryPumps(drainDelay: .zero) { hub.drain() }
        }

        func append(_ text: String, to stream: StreamID) async throws {
            let event = StreamEvent(type: StreamEvent.EventType(rawValue: "message"), payload: Array(text.utf8))
            _ = try await log.append([event], to: stream)
        }

        private func router<Context: RequestContext>(_ context: Context.Type) -> Router<Context> {
            let router = Router(context: context)
            router.add(middleware: Signature())
            router.get("plain") { _, _ in "plain" }
            router.deliver(
                "events/**", pumps: pumps,
                to: ServerSentEventsEndpoint(
                    hub: hub, address: .path(after: "/events/"), missing: .create(StreamOptions())))
            return router
        }

        /// Serves for as long as `body` takes, which is told the port, and then shuts down in order as at a SIGTERM.
        func serve<Context: RequestContext>(
            _ server: HTTPServerBuilder = .http1(), context: Context.Type = BasicDeliveryRequestContext.self,
            _ body: @escaping @Sendable (Int) async throws -> Void
        ) async throws where Context.Source == ApplicationRequestContextSource {
            let (ports, continuation) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
            let application = Application(
                router: router(context), server: server,
                configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
                onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) },
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            let services = ServiceGroup(
                configuration: ServiceGroupConfiguration(services: [application], logger: application.logger))
            running.withLock { $0 = services }
            let hub = hub
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await hub.run() }
                group.addTask {
                    let result: Result<Void, any Error>
                    do {
                        var first: Int?
                        for await port in ports {
                            first = port
                            break
                        }
                        guard let port = first else { throw ChannelError.alreadyClosed }
                        result = .success(try await body(port))
                    } catch {
                        result = .failure(error)
                    }
                    await services.triggerGracefulShutdown()
                    try result.get()
                }
                // Returns when every connection has ended.
                try await services.run()
                continuation.finish()
                // The body's result; the hub has no end of its own.
                _ = try await group.next()
                group.cancelAll()
            }
        }
    }

    /// Marks every response of the router.
    struct Signature<Context: RequestContext>: RouterMiddleware {
        func handle(
            _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
        ) async throws -> Response {
            var response = try await next(request, context)
            response.headers[.init("x-signed")!] = "yes"
            return response
        }
    }
#endif
