#if NIO
    import DurableLog
    import Foundation
    import NIOCore
    import NIODelivery
    import StreamCore
    import StreamDelivery
    import Testing

    @Suite(.timeLimit(.minutes(3))) struct DeployTests {
        @Test("A deploy in the midst of a thousand live readers: nobody misses an event or sees one twice")
        func deploy() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("deploy-\(UUID())").path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try allowDescriptors(4096)
            let ports = ServerPorts()
            let areThere = Milestone(1000)
            let areDone = Milestone(1000)
            let readers = (0..<1000).map { ReconnectingReader($0 % 2 == 0 ? .events : .socket, first: areThere) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for reader in readers {
                    group.addTask {
                        await reader.run(ports, until: 300)
                        areDone.reach()
                    }
                }
                defer { ports.finish() }
                try await serve(folder, ports) { log, server in
                    try await append(0..<1, to: log)
                    await areThere.wait()
                    try await append(1..<100, to: log)
                    // What comes while the server goes down reaches some of them before it, and the others after.
                    server.beginGracefulShutdown()
                    try await append(100..<200, to: log)
                }
                try await serve(folder, ports) { log, _ in
                    try await append(200..<300, to: log)
                    // The stream's end, at which the server ends their connections.
                    _ = try await log.close("live")
                    await areDone.wait()
                }
            }
            #expect(readers.flatMap(\.faults) == [])
            #expect(readers.allSatisfy { $0.eventCount == 300 })
            // They were cut off, all of them, and each came again once.
            #expect(readers.allSatisfy { $0.connectionCount == 2 })
        }

        /// Serves the log in a folder for as long as `body` takes, and goes down in order, as at SIGTERM.
        private func serve(
            _ folder: String, _ ports: ServerPorts,
            _ body: (FileEventLog, NIODeliveryServer) async throws -> Void
        ) async throws {
            let log = try FileEventLog(directory: folder)
            _ = try await log.create("live", options: StreamOptions(contentType: "text/plain"))
            let hub = DeliveryHub(log: log)
            var router = DeliveryRouter()
            router.add("/events/*", ServerSentEventsEndpoint(hub: hub, address: .path(after: "/events/")))
            router.addSocket("/ws/*", StreamSocketEndpoint(hub: hub, address: .path(after: "/ws/")))
            let server = NIODeliveryServer(
                port: 0, handler: router, sockets: router, pumps: DeliveryPumps { hub.drain() })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await server.run { address in ports.open(address.port ?? 0) }
                }
                group.addTask { await hub.run() }
                defer { group.cancelAll() }
                try await body(log, server)
                server.beginGracefulShutdown()
                // The server ends; the hub does not by itself.
                try await group.next()
            }
            #expect(hub.connections.count == 0)
            await log.shutDown()
        }

        private func append(_ numbers: Range<Int>, to log: FileEventLog) async throws {
            for number in numbers {
                let event = StreamEvent(
                    type: StreamEvent.EventType(rawValue: "message"), payload: Array("\(number)".utf8))
                _ = try await log.append([event], to: "live", options: AppendOptions(durability: .buffered))
            }
        }
    }
#endif
