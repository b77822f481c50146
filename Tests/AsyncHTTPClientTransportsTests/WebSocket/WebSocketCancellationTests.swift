#if AsyncHTTPClient
    import AgentKitTesting
    import AsyncHTTPClientTransports
    import StreamTransport
    import Testing
    import TransportTestSupport
    import WireProtocols

    extension TransportTests {
        @Suite("WebSocket: cancellation", .timeLimit(.minutes(10)))
        struct WebSocketCancellationTests {
            let transport = NIOWebSocketTransport()

            private static func agree(_ request: LoopbackRequest, _ steps: [LoopbackResponse.Step]) -> LoopbackResponse
            {
                do throws(WebSocketHandshakeError) {
                    let handshake = try WebSocketServerHandshake(method: request.method, headers: request.headers)
                    return LoopbackResponse([.head(101, handshake.headers)] + steps)
                } catch {
                    return .text("\(error)", status: error.status)
                }
            }

            /// Cancels a call that does not come back by itself.
            private func expectCancelled(
                _ body: sending @escaping @isolated(any) () async throws -> Void
            ) async {
                let task = Task { try await body() }
                task.cancel()
                let error = await #expect(throws: TransportError.self) { try await task.value }
                #expect(error?.code == .cancelled)
            }

            @Test("A cancelled receive or ping leaves the connection as it is, and loses nothing")
            func receive() async throws {
                let gate = Gate()
                try await withLoopbackServer {
                    WebSocketCancellationTests.agree($0, [.wait(gate), .bytes([0x81, 1, 0x61]), .stall])
                } body: { server in
                    let connection = try await transport.connect(to: WebSocketRequest(url: server.url))
                    for _ in 0..<100 {
                        await expectCancelled { _ = try await connection.receive() }
                        await expectCancelled { try await connection.ping() }
                    }
                    gate.open()
                    let message = try await connection.receive()
                    #expect(message == .text("a"))
                }
            }

            @Test("A send that waits for room and is cancelled is not sent, not even in part", PythonPeer.trait)
            func send() async throws {
                // It begins to count when it has been told to, and reads nothing before.
                let peer = try PythonPeer.shared
                let connection = try await transport.connect(to: peer.request("/later", \.none))
                let size = 1 << 20
                // More at a time than the buffers of both sides take: most of them wait.
                let tasks = (0..<64).map { _ in
                    Task { try await connection.send(.binary([UInt8](repeating: 1, count: size))) }
                }
                // It is answered when what was sent before it has been read, so never; hence the first message tells that the server runs.
                let hello = try await connection.receive()
                #expect(hello == .text("hello"))
                for task in tasks { task.cancel() }
                var sent = 0
                for task in tasks {
                    switch await task.result {
                    case .success: sent += 1
                    case .failure(let error): #expect((error as? TransportError)?.code == .cancelled)
                    }
                }
                try await transport.withConnection(to: peer.request("/release", \.none)) { _ = try await $0.receive() }
                try await connection.send(.text("how many?"))
                let count = try await connection.receive()
                #expect(count == .text("\(sent * size)"))
                await connection.close()
            }

            @Test("A connect that is cancelled at any moment leaves nothing behind")
            func connect() async throws {
                try await warmUp()
                let before = ProcessFigures.openDescriptors
                try await withLoopbackServer { _ in
                    LoopbackResponse([.stall])
                } body: { server in
                    for round in 0..<1000 {
                        let count = server.exchanges.count
                        let task = Task { try await transport.connect(to: WebSocketRequest(url: server.url)) }
                        // Some before they begin, some on their way, some when the server has their request.
                        if round % 3 == 0 {
                            await Task.yield()
                        } else if round % 3 == 1 {
                            _ = try await server.exchange(count)
                        }
                        task.cancel()
                        let error = await #expect(throws: TransportError.self) { try await task.value }
                        #expect(error?.code == .cancelled)
                    }
                    for exchange in server.exchanges { try await exchange.waitUntilEnded() }
                }
                try await expectDescriptors(before)
            }

            @Test("1,000 connections whose receivers are cancelled or let go: no descriptor stays")
            func rounds() async throws {
                try await warmUp()
                let before = ProcessFigures.openDescriptors
                let threads = ProcessFigures.threads
                try await withLoopbackServer {
                    WebSocketCancellationTests.agree($0, [.stall])
                } body: { server in
                    for round in 0..<1000 {
                        let task = Task { [transport] in
                            try await transport.withConnection(to: WebSocketRequest(url: server.url)) { connection in
                                if round % 2 == 0 { _ = try await connection.receive() }
                            }
                        }
                        _ = try await server.exchange(round)
                        task.cancel()
                        _ = await task.result
                    }
                    for exchange in server.exchanges { try await exchange.waitUntilEnded() }
                }
                try await expectDescriptors(before)
                // One that is left behind each time makes 1,000; the runtime may begin some meanwhile.
                if let threads, let now = ProcessFigures.threads { #expect(now <= threads + 20) }
            }

            /// Event loops and pools that come into being with the first connection are no leak.
            private func warmUp() async throws {
                try await withLoopbackServer {
                    WebSocketCancellationTests.agree($0, [.stall])
                } body: { server in
                    _ = try await transport.connect(to: WebSocketRequest(url: server.url))
                    try await server.exchange(0).waitUntilEnded()
                }
            }

            /// Descriptors close on the event loop, shortly after the other side has seen the end.
            private func expectDescriptors(_ before: Int) async throws {
                // At its first report, also one that is suppressed, a sanitizer starts a program that names functions for it: two pipes.
                let count = before + (sanitizerFactor == 1 ? 0 : 2)
                for _ in 0..<100_000 where ProcessFigures.openDescriptors > count { await Task.yield() }
                #expect(ProcessFigures.openDescriptors <= count)
            }

            @Test("Closing is cut short when its task is cancelled")
            func close() async throws {
                try await withLoopbackServer {
                    WebSocketCancellationTests.agree($0, [.stall])
                } body: { server in
                    let connection = try await transport.connect(
                        to: WebSocketRequest(url: server.url), timeouts: .none)
                    let task = Task { await connection.close() }
                    task.cancel()
                    await task.value
                    try await server.exchange(0).waitUntilEnded()
                }
            }

            @Test("The scope of a connection closes it in order, or cuts it when it throws")
            func scope() async throws {
                struct Stop: Error {}
                try await withLoopbackServer {
                    WebSocketCancellationTests.agree($0, [.stall])
                } body: { server in
                    await #expect(throws: Stop.self) {
                        try await transport.withConnection(to: WebSocketRequest(url: server.url)) { _ in throw Stop() }
                    }
                    let isByClient = try await server.exchange(0).waitUntilEnded()
                    #expect(isByClient)
                }
            }

            @Test("Two tasks may not receive at a time")
            func concurrentReceive() async throws {
                let gate = Gate()
                try await withLoopbackServer {
                    WebSocketCancellationTests.agree($0, [.wait(gate), .bytes([0x81, 1, 0x61]), .stall])
                } body: { server in
                    let connection = try await transport.connect(to: WebSocketRequest(url: server.url))
                    try await withThrowingTaskGroup(of: TransportError.Code?.self) { group in
                        for _ in 0..<2 {
                            group.addTask {
                                do throws(TransportError) {
                                    _ = try await connection.receive()
                                    return nil
                                } catch {
                                    return error.code
                                }
                            }
                        }
                        // One fails at once, whichever it is; the other gets what comes.
                        let first = try await group.next()
                        #expect(first == .invalidRequest)
                        gate.open()
                        let second = try await group.next()
                        #expect(second == .some(nil))
                    }
                }
            }
        }
    }
#endif
