#if AsyncHTTPClient
    import AgentKitTesting
    import AsyncHTTPClientTransports
    import NIOSSL
    import StreamCore
    import StreamTransport
    import Testing
    import TransportTestSupport
    import WireProtocols

    /// The server's half of a handshake with the loopback server, and frames as a test wants them.
    private func agree(
        _ request: LoopbackRequest, _ steps: [LoopbackResponse.Step], deflate: PerMessageDeflatePolicy? = nil
    ) -> LoopbackResponse {
        do throws(WebSocketHandshakeError) {
            let handshake = try WebSocketServerHandshake(
                method: request.method, headers: request.headers, deflate: deflate)
            return LoopbackResponse([.head(101, handshake.headers)] + steps)
        } catch {
            return .text("\(error)", status: error.status)
        }
    }

    private func frame(_ opcode: UInt8, _ payload: [UInt8] = [], fin: Bool = true, rsv: UInt8 = 0) -> [UInt8] {
        [(fin ? 0x80 : 0) | rsv << 4 | opcode, UInt8(payload.count)] + payload
    }

    extension TransportTests {
        /// Servers that break the protocol in every way, byte for byte.
        @Suite("WebSocket: hostile servers")
        struct WebSocketHostileTests {
            let transport = NIOWebSocketTransport(
                configuration: .init(
                    limits: WebSocketLimits(messageSize: 1 << 20), compression: PerMessageDeflatePolicy()))

            /// Connects to a server that plays the steps behind its agreement.
            private func withServer(
                _ steps: [LoopbackResponse.Step], deflate: PerMessageDeflatePolicy? = nil,
                _ timeouts: WebSocketTimeouts = WebSocketTimeouts(),
                _ body: (WebSocketConnection, LoopbackServer) async throws -> Void
            ) async throws {
                try await withLoopbackServer {
                    agree($0, steps, deflate: deflate)
                } body: { server in
                    let connection = try await transport.connect(
                        to: WebSocketRequest(url: server.url), timeouts: timeouts)
                    try await body(connection, server)
                }
            }

            /// Receives until an error comes, which is returned with the messages before.
            private func drain(
                _ connection: WebSocketConnection
            ) async -> (messages: [WebSocketMessage], error: TransportError?) {
                var messages: [WebSocketMessage] = []
                do throws(TransportError) {
                    while let message = try await connection.receive() { messages.append(message) }
                    return (messages, nil)
                } catch {
                    return (messages, error)
                }
            }

            /// The client closes the connection though the server does nothing about it.
            private func expectCut(_ server: LoopbackServer) async throws {
                let isByClient = try await server.exchange(0).waitUntilEnded()
                #expect(isByClient)
            }

            static let violations: [(what: String, bytes: [UInt8], code: TransportError.Code, close: UInt16)] = [
                ("a masked frame", [0x81, 0x81, 1, 2, 3, 4, 5], .malformedResponse, 1002),
                ("a reserved opcode", [0x83, 0], .malformedResponse, 1002),
                ("a reserved bit", frame(1, [0x61], rsv: 1), .malformedResponse, 1002),
                ("RSV1 without compression", frame(1, [0x61], rsv: 4), .malformedResponse, 1002),
                ("a fragmented ping", frame(9, fin: false), .malformedResponse, 1002),
                ("a long ping", [0x89, 126, 0, 200], .malformedResponse, 1002),
                ("a continuation of nothing", frame(0), .malformedResponse, 1002),
                ("text within text", frame(1, fin: false) + frame(1), .malformedResponse, 1002),
                ("bad UTF-8", frame(1, [0xC3, 0x28]), .malformedResponse, 1007),
                ("bad UTF-8 at once", [0x81, 126, 0xFF, 0xFF, 0xFF], .malformedResponse, 1007),
                ("a length with its highest bit", [0x82, 127, 255, 0, 0, 0, 0, 0, 0, 0], .malformedResponse, 1002),
                ("an oversize frame", [0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 1], .responseTooLarge, 1009),
                ("a bad close code", frame(8, [3, 237]), .malformedResponse, 1002),
                ("a close of one byte", frame(8, [3]), .malformedResponse, 1002),
                ("a bad reason", frame(8, [3, 232, 0xFF]), .malformedResponse, 1007),
            ]

            @Test("What breaks the protocol is an error, and the server is told why", arguments: violations.indices)
            func violation(index: Int) async throws {
                let violation = WebSocketHostileTests.violations[index]
                let steps: [LoopbackResponse.Step] = [.bytes(frame(1, [0x61]) + violation.bytes), .stall]
                var timeouts = WebSocketTimeouts()
                timeouts.close = .milliseconds(20)
                try await withServer(steps, timeouts) { connection, server in
                    let (messages, error) = await drain(connection)
                    #expect(messages == [.text("a")], "\(violation.what)")
                    #expect(error?.code == violation.code, "\(violation.what)")
                    #expect((error?.underlying as? WebSocketViolation)?.code.rawValue == violation.close)
                    let late = await #expect(throws: TransportError.self) { try await connection.send(.text("late")) }
                    #expect(late?.code == violation.code)
                    try await expectCut(server)
                }
            }

            @Test("A server that ends or resets the connection, anywhere", arguments: [0, 1, 2, 4, 8, 9])
            func cut(count: Int) async throws {
                let bytes = Array((frame(1, [0x61]) + frame(2, [1, 2, 3, 4])).prefix(count))
                for end in [LoopbackResponse.Step.close, .reset] {
                    try await withServer([.bytes(bytes), end]) { connection, _ in
                        let (messages, error) = await drain(connection)
                        #expect(error?.code == .connectionLost)
                        #expect(connection.closure == nil)
                        // A reset may overtake what was sent before it.
                        let expected: [WebSocketMessage] =
                            count < 3 ? [] : count < 9 ? [.text("a")] : [.text("a"), .binary([1, 2, 3, 4])]
                        #expect(expected.starts(with: messages))
                        let late = await #expect(throws: TransportError.self) {
                            for _ in 0..<1000 { try await connection.send(.text("late")) }
                        }
                        #expect(late?.code == .connectionLost)
                    }
                }
            }

            @Test("Messages right behind the head, byte by byte and in one piece, and an empty close frame")
            func behindTheHead() async throws {
                let bytes = frame(1, [0x61]) + frame(9) + frame(2, [1]) + frame(8)
                for steps in [[LoopbackResponse.Step.bytes(bytes)], bytes.map { .bytes([$0]) }] {
                    try await withServer(steps + [.stall]) { connection, _ in
                        let (messages, error) = await drain(connection)
                        #expect(messages == [.text("a"), .binary([1])])
                        #expect(error == nil)
                        #expect(connection.closure == WebSocketClosure(.noStatusReceived))
                    }
                }
            }

            @Test("Bombs: the memory does not grow with what comes out")
            func bombs() async throws {
                // A block of fixed codes: a zero, and then again and again 258 bytes like the one before, in 13 bits each; 104 bits are
                // 13 bytes, with which it goes on.
                var bits = [false, true, false, false, false, true, true, false, false, false, false]
                for _ in 0..<80 {
                    bits += [true, true, false, false, false, true, false, true] + [false, false, false, false, false]
                }
                let bytes = stride(from: 0, to: bits.count - 7, by: 8).map { start in
                    (0..<8).reduce(UInt8(0)) { $0 | (bits[start + $1] ? 1 << UInt8($1) : 0) }
                }
                let begin = frame(2, Array(bytes[..<15]), fin: false, rsv: 4)
                let more = (0..<1000).flatMap { _ in frame(0, Array(bytes[15..<119]), fin: false) }
                let before = ProcessFigures.residentBytes
                try await withServer(
                    [.bytes(begin), .endlessly(more)], deflate: PerMessageDeflatePolicy()
                ) { connection, _ in
                    let (messages, error) = await drain(connection)
                    #expect(messages.isEmpty)
                    #expect(error?.code == .responseTooLarge, "\(String(describing: error))")
                }
                if let before, let after = ProcessFigures.residentBytes {
                    #expect(after - before < sanitizerFactor * (64 << 20))
                }
            }

            @Test(
                "Compressed data that is none, or ends within a block",
                arguments: [
                    [0xFF, 0xFF, 0xFF], [0x04], [0x4A, 0xCC],
                ] as [[UInt8]])
            func brokenCompression(payload: [UInt8]) async throws {
                let steps: [LoopbackResponse.Step] = [.bytes(frame(2, payload, rsv: 4)), .stall]
                try await withServer(steps, deflate: PerMessageDeflatePolicy()) { connection, _ in
                    let (messages, error) = await drain(connection)
                    #expect(messages.isEmpty)
                    #expect((error?.underlying as? WebSocketViolation)?.code == .invalidPayload)
                }
            }

            @Test("The examples of RFC 7692 section 7.2.3")
            func rfc7692() async throws {
                let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
                var bytes = frame(1, hello, rsv: 4)
                bytes += frame(1, Array(hello[..<3]), fin: false, rsv: 4) + frame(0, Array(hello[3...]))
                // With the window of the message before; a stored block; a final block; two blocks.
                bytes += frame(1, [0xF2, 0x00, 0x11, 0x00, 0x00], rsv: 4)
                bytes += frame(1, [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00], rsv: 4)
                bytes += frame(1, [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00], rsv: 4)
                bytes += frame(
                    1, [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00], rsv: 4)
                try await withServer([.bytes(bytes + frame(8, [3, 232])), .stall], deflate: PerMessageDeflatePolicy()) {
                    connection, _ in
                    let (messages, error) = await drain(connection)
                    #expect(error == nil)
                    #expect(messages == [WebSocketMessage](repeating: .text("Hello"), count: 6))
                }
            }

            @Test("A flood of pings to a client whose pongs nobody reads")
            func pingFlood() async throws {
                let before = ProcessFigures.residentBytes
                try await withServer(
                    [.bytes((0..<200_000).flatMap { _ in frame(9, [1, 2, 3]) } + frame(1, [0x61])), .stall]
                ) { connection, _ in
                    let message = try await connection.receive()
                    #expect(message == .text("a"))
                }
                if let before, let after = ProcessFigures.residentBytes {
                    #expect(after - before < sanitizerFactor * (64 << 20))
                }
            }

            @Test("A server that is silent and answers no ping counts as gone")
            func deaf() async throws {
                var timeouts = WebSocketTimeouts()
                (timeouts.pingInterval, timeouts.pong) = (.milliseconds(20), .milliseconds(50))
                try await withServer([.stall], timeouts) { connection, server in
                    let (_, error) = await drain(connection)
                    #expect(error?.code == .idleTimeout)
                    let ping = await #expect(throws: TransportError.self) { try await connection.ping() }
                    #expect(ping?.code == .idleTimeout)
                    try await expectCut(server)
                }
            }

            @Test("A server that does not answer a close frame is cut in time")
            func deafToClose() async throws {
                var timeouts = WebSocketTimeouts()
                timeouts.close = .milliseconds(50)
                try await withServer([.stall], timeouts) { connection, server in
                    await connection.close()
                    let message = try await connection.receive()
                    #expect(message == nil)
                    try await expectCut(server)
                }
            }

            static let refusals: [(status: Int, kind: String)] = [
                (200, "invalidRequest"), (302, "invalidRequest"), (401, "authentication"), (403, "permission"),
                (404, "notFound"), (429, "rateLimited"), (503, "overloaded"),
            ]

            @Test("A server that answers HTTP", arguments: refusals)
            func refused(status: Int, kind: String) async throws {
                try await withLoopbackServer { _ in
                    LoopbackResponse(
                        status: status, headers: ["retry-after": "7", "location": "/other"], body: Array("no".utf8))
                } body: { server in
                    let error = await #expect(throws: TransportError.self) {
                        try await transport.connect(to: WebSocketRequest(url: server.url + "/?token=geheim"))
                    }
                    #expect(error?.code == .upgradeRefused)
                    #expect(error?.kind.rawValue == kind)
                    let refusal = error?.underlying as? WebSocketRefusal
                    #expect(refusal?.head.status == status)
                    #expect(refusal?.head.headers.retryAfter() == .seconds(7))
                    #expect(refusal?.body == Array("no".utf8))
                    #expect("\(String(describing: error))".contains("HTTP \(status)"))
                    #expect(!"\(String(describing: error))".contains("geheim"))
                    #expect(server.connectionCount == 1)
                }
            }

            @Test("Refusals whose body is long, never ends, or never comes")
            func longRefusals() async throws {
                for steps: [LoopbackResponse.Step] in [
                    [.head(500, ["content-length": "100000"]), .pattern(100_000)],
                    [.head(500), .endlessly([UInt8](repeating: 0x61, count: 1000))],
                    [.head(500, ["content-length": "10"]), .text("ab"), .stall],
                    [.head(500), .text("ab"), .close], [.head(500, ["content-length": "10"]), .text("ab"), .reset],
                ] {
                    try await withLoopbackServer { _ in
                        LoopbackResponse(steps)
                    } body: { server in
                        let error = await #expect(throws: TransportError.self) {
                            try await transport.connect(to: WebSocketRequest(url: server.url))
                        }
                        #expect(error?.code == .upgradeRefused)
                        let body = (error?.underlying as? WebSocketRefusal)?.body ?? []
                        #expect(!body.isEmpty && body.count <= WebSocketRefusal.bodyLimit)
                        try await server.exchange(0).waitUntilEnded()
                    }
                }
            }

            static let badAnswers: [(steps: [LoopbackResponse.Step], code: TransportError.Code)] = [
                ([.text("HTTP/1.1 101 Switching Protocols\r\n\r\n"), .stall], .malformedResponse),
                (
                    [
                        .head(
                            101,
                            ["upgrade": "websocket", "connection": "upgrade", "sec-websocket-accept": "wrong"]), .stall,
                    ], .malformedResponse
                ),
                ([.text("SSH-2.0-OpenSSH_9.6\r\n"), .stall], .malformedResponse),
                ([.text("HTTP/1.1 101 Switching"), .close], .connectionLost), ([.close], .connectionLost),
                ([.reset], .connectionLost),
                (
                    [
                        .text("HTTP/1.1 101 A\r\n"),
                        .endlessly(Array("x-filler: \(String(repeating: "y", count: 100))\r\n".utf8)),
                    ], .headTooLarge
                ),
                (
                    [.text("HTTP/1.1 101 A\r\nx-filler: "), .endlessly([UInt8](repeating: 0x79, count: 1000))],
                    .headTooLarge
                ),
            ]

            @Test("Answers that are none", arguments: badAnswers.indices)
            func badAnswer(index: Int) async throws {
                let (steps, code) = WebSocketHostileTests.badAnswers[index]
                try await withLoopbackServer { _ in
                    LoopbackResponse(steps)
                } body: { server in
                    let error = await #expect(throws: TransportError.self) {
                        try await transport.connect(to: WebSocketRequest(url: server.url))
                    }
                    #expect(error?.code == code, "\(String(describing: error))")
                    // It is cut where the server would go on.
                    let isByClient = try await server.exchange(0).waitUntilEnded()
                    #expect(isByClient || [3, 4, 5].contains(index))
                }
            }

            @Test("An extension or subprotocol that nobody asked for")
            func unasked() async throws {
                for (name, value) in [
                    ("sec-websocket-extensions", "permessage-bzip2"), ("sec-websocket-protocol", "unasked"),
                    ("sec-websocket-extensions", "permessage-deflate; server_max_window_bits=99"),
                ] {
                    try await withLoopbackServer { request in
                        guard
                            var fields = try? WebSocketServerHandshake(method: "GET", headers: request.headers).headers,
                            (try? fields.set(name, value)) != nil
                        else { return .text("", status: 400) }
                        return LoopbackResponse([.head(101, fields), .stall])
                    } body: { server in
                        let error = await #expect(throws: TransportError.self) {
                            try await transport.connect(to: WebSocketRequest(url: server.url))
                        }
                        #expect(error?.code == .malformedResponse)
                    }
                }
            }

            @Test("A server that does not answer, and one that is not there")
            func timeouts() async throws {
                var timeouts = WebSocketTimeouts()
                timeouts.handshake = .milliseconds(500)
                try await withLoopbackServer { _ in
                    LoopbackResponse([.stall])
                } body: { server in
                    let error = await #expect(throws: TransportError.self) {
                        try await transport.connect(to: WebSocketRequest(url: server.url), timeouts: timeouts)
                    }
                    #expect(error?.code == .firstByteTimeout)
                    // On a machine that stood still the time may have been over before there was a request.
                    if !server.exchanges.isEmpty { try await expectCut(server) }
                }
                try await withUnresponsivePort { url in
                    timeouts.connect = .milliseconds(100)
                    timeouts.handshake = .seconds(60)
                    let error = await #expect(throws: TransportError.self) {
                        try await transport.connect(
                            to: WebSocketRequest(url: url), timeouts: timeouts)
                    }
                    #expect(error?.code == .connectTimeout)
                }
                // A label of 64 characters is none (RFC 1035 §2.3.4): no name server is asked, which there may not be.
                for url in ["ws://127.0.0.1:1", "ws://\(String(repeating: "a", count: 64)).invalid"] {
                    let error = await #expect(throws: TransportError.self) {
                        try await transport.connect(to: WebSocketRequest(url: url))
                    }
                    #expect(error?.code == .connectionFailed)
                }
            }

            @Test("A server that speaks no TLS and waits for a request: there is no connection before TLS stands")
            func noTLS() async throws {
                var timeouts = WebSocketTimeouts()
                timeouts.connect = .milliseconds(100)
                try await withLoopbackServer { _ in
                    .text("")
                } body: { server in
                    let error = await #expect(throws: TransportError.self) {
                        try await transport.connect(
                            to: WebSocketRequest(url: "wss://127.0.0.1:\(server.port)"), timeouts: timeouts)
                    }
                    #expect(error?.code == .connectTimeout)
                }
            }

            @Test("A connection that ends within the TLS handshake could not be made: that may pass")
            func cutHandshake() async throws {
                let attempt = try await withLoopbackServer { _ in
                    .text("")
                } body: { server in
                    let request = WebSocketRequest(url: "wss://127.0.0.1:\(server.port)")
                    let attempt = Task { _ = try await transport.connect(to: request) }
                    while server.connectionCount == 0 { await Task.yield() }
                    return attempt
                }
                let error = await #expect(throws: TransportError.self) { try await attempt.value }
                #expect(error?.code == .connectionFailed)
                #expect(error?.kind.isTransient == true)
            }

            @Test("Certificates for another name, and expired ones", .enabled(if: LoopbackTLS.isAvailable))
            func badCertificates() async throws {
                let good = try LoopbackTLS()
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(good.authority.utf8)))
                let transport = NIOWebSocketTransport(configuration: .init(tls: tls))
                for bad in [try good.sibling(names: ["example.org"]), try good.sibling(lifetime: .seconds(-60))] {
                    try await withLoopbackServer(over: bad) { _ in
                        .text("")
                    } body: { server in
                        for host in ["127.0.0.1", "localhost"] {
                            let error = await #expect(throws: TransportError.self) {
                                try await transport.connect(
                                    to: WebSocketRequest(url: "wss://\(host):\(server.port)"))
                            }
                            #expect(error?.code == .tlsFailed)
                        }
                    }
                }
                try await withLoopbackServer(over: good) {
                    agree($0, [.bytes(frame(1, [0x61])), .stall])
                } body: { server in
                    let connection = try await transport.connect(
                        to: WebSocketRequest(url: "wss://localhost:\(server.port)"))
                    let message = try await connection.receive()
                    #expect(message == .text("a"))
                }
            }

            @Test("What cannot be asked for")
            func invalidRequests() async throws {
                let requests = [
                    WebSocketRequest(url: "ftp://127.0.0.1"), WebSocketRequest(url: "ws://a:geheim@127.0.0.1"),
                    WebSocketRequest(url: "ws://127.0.0.1", headers: ["sec-websocket-key": "a"]),
                    WebSocketRequest(url: "ws://127.0.0.1", headers: ["Host": "a"]),
                    WebSocketRequest(url: "ws://127.0.0.1", headers: ["upgrade": "h2c"]),
                    WebSocketRequest(url: "ws://127.0.0.1", subprotocols: ["a b"]),
                    WebSocketRequest(url: "ws://127.0.0.1", subprotocols: ["a", "a"]),
                ]
                for request in requests {
                    let error = await #expect(throws: TransportError.self) { try await transport.connect(to: request) }
                    #expect(error?.code == .invalidRequest)
                    #expect(error?.message.contains("geheim") == false)
                }
            }
        }
    }
#endif
