#if AsyncHTTPClient
    import AgentKitTesting
    import AsyncHTTPClientTransports
    import StreamTransport
    import Testing
    import TransportTestSupport
    import WireProtocols

    private let memory = sanitizerFactor * (64 << 20)

    /// The largest growth of the process' memory that was seen.
    private struct PeakGrowth {
        private let start = ProcessFigures.residentBytes ?? 0
        private(set) var bytes = 0

        mutating func look() {
            bytes = max(bytes, (ProcessFigures.residentBytes ?? 0) - start)
        }
    }

    extension TransportTests {
        @Suite("WebSocket: volume", PythonPeer.trait)
        struct WebSocketVolumeTests {
            let peer: PythonPeer
            let transport = NIOWebSocketTransport()

            init() throws {
                peer = try PythonPeer.shared
            }

            @Test("1 GB comes through in flat memory", .timeLimit(.minutes(10)), arguments: [1 << 20, 1 << 14])
            func receive(size: Int) async throws {
                let count = (1 << 30) / size
                try await transport.withConnection(to: peer.request("/flood?count=\(count)&size=\(size)", \.none)) {
                    connection in
                    var growth = PeakGrowth()
                    var number = 0
                    while case .binary(let bytes)? = try await connection.receive() {
                        let isRight =
                            bytes.count == size && bytes.prefix(8).reduce(0) { $0 << 8 | Int($1) } == number
                        if !isRight { Issue.record("message \(number) is another") }
                        number += 1
                        if number % 64 == 0 { growth.look() }
                    }
                    #expect(number == count)
                    #expect(connection.closure?.code == .normalClosure)
                    #expect(growth.bytes < memory, "\(growth.bytes >> 20) MiB")
                }
            }

            @Test("1 GB goes out in flat memory", .timeLimit(.minutes(10)))
            func send() async throws {
                try await transport.withConnection(to: peer.request("/sink", \.none)) { connection in
                    let message = WebSocketMessage.binary([UInt8](repeating: 1, count: 1 << 20))
                    var growth = PeakGrowth()
                    for _ in 0..<1024 {
                        try await connection.send(message)
                        growth.look()
                    }
                    try await connection.send(.text("how many?"))
                    let answer = try await connection.receive()
                    #expect(answer == .text("\(1 << 30)"))
                    #expect(growth.bytes < memory, "\(growth.bytes >> 20) MiB")
                }
            }

            @Test("A server that never reads holds the sender back, until it counts as gone")
            func neverReads() async throws {
                var timeouts = WebSocketTimeouts.none
                (timeouts.pingInterval, timeouts.pong) = (.milliseconds(200), .seconds(1))
                let connection = try await transport.connect(to: peer.request("/ignore", \.none), timeouts: timeouts)
                let message = WebSocketMessage.binary([UInt8](repeating: 1, count: 1 << 20))
                var growth = PeakGrowth()
                var sent = 0
                let error = await #expect(throws: TransportError.self) {
                    while sent < 1024 {
                        try await connection.send(message)
                        sent += 1
                        growth.look()
                    }
                }
                #expect(error?.code == .idleTimeout)
                // The sockets' buffers take some megabytes.
                #expect(sent < 64)
                #expect(growth.bytes < memory, "\(growth.bytes >> 20) MiB")
                let received = await #expect(throws: TransportError.self) { try await connection.receive() }
                #expect(received?.code == .idleTimeout)
            }

            @Test("A consumer that pauses holds the server back, and loses nothing")
            func paused() async throws {
                try await transport.withConnection(to: peer.request("/flood?count=200&size=1048576", \.none)) {
                    connection in
                    var growth = PeakGrowth()
                    let other = try await transport.connect(to: peer.request("/echo"))
                    for number in 0..<200 {
                        // Long enough for the server to send what it is let: it does everything on one thread.
                        if number % 50 == 0 { for _ in 0..<200 { try await other.ping() } }
                        growth.look()
                        guard case .binary(let bytes)? = try await connection.receive() else {
                            Issue.record("no message \(number)")
                            return
                        }
                        #expect(bytes.prefix(8).reduce(0) { $0 << 8 | Int($1) } == number)
                    }
                    #expect(try await connection.receive() == nil)
                    #expect(growth.bytes < memory, "\(growth.bytes >> 20) MiB")
                }
            }
        }
    }
#endif
