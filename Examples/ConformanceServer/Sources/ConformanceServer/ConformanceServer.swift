import ArgumentParser
import DurableLog
import NIOCore
import NIODelivery
import NIOPosix
import StreamDelivery
import WireProtocols

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One port with everything that a third-party client or suite wants to talk to.
@main
struct ConformanceServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the wire protocols of swift-agent-streams on one port, for clients and suites of others.",
        discussion: """
            GET /events/STREAM    server-sent events; POST appends its body as an event's data
            WebSocket /ws/STREAM  the same events, a message each
            /v1/stream/STREAM     Durable Streams 1.0
            /trpc                 tRPC 11 over HTTP, server-sent events and WebSocket: queries ping, mutation echo, subscriptions count, plain, fail
            WebSocket /echo       sends back what it is sent
            """)

    @Option(help: "The port on 127.0.0.1; 0 for one that is free.")
    var port = 8080

    @Option(help: "Where streams are kept: 'memory', or a directory.")
    var store = "memory"

    @Option(help: "How many threads serve connections; as many as there are processors unless given.")
    var threads: Int?

    @Option(name: .customLong("stuck-after"), help: "After how many seconds a reader that takes nothing is cut.")
    var stuckAfter: Int = 30

    func validate() throws {
        if stuckAfter < 1 { throw ValidationError("--stuck-after must be 1 or more.") }
    }

    func run() async throws {
        let log = try openLog()
        let hub = DeliveryHub(log: log)
        let procedures = TRPCService(.conformance, access: .open, connections: hub.connections)
        let router = DeliveryRouter(hub: hub, procedures: procedures)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads ?? System.coreCount)
        var pumping = PumpConfiguration()
        pumping.stuckTimeout = .seconds(Int64(stuckAfter))
        let pumps = DeliveryPumps(configuration: pumping) { hub.drain() }
        var configuration = HostConfiguration()
        // Suites send messages of 16 MiB.
        configuration.socketLimits = WebSocketLimits(messageSize: 32 << 20)
        let server = NIODeliveryServer(
            port: port, handler: router, sockets: router, configuration: configuration, pumps: pumps, group: group)
        let termination = Termination { server.beginGracefulShutdown() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await hub.run() }
            tasks.addTask { await procedures.run() }
            try await server.run { address in
                print("listening on http://127.0.0.1:\(address.port ?? 0)")
                // For whoever waits for the line in a file.
                fflush(nil)
            }
            tasks.cancelAll()
        }
        termination.cancel()
        try await group.shutdownGracefully()
    }

    private func openLog() throws -> any EventLog {
        store == "memory" ? MemoryEventLog() : try FileEventLog(directory: store)
    }
}
