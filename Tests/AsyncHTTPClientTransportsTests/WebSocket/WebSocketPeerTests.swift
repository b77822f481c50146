#if AsyncHTTPClient
    import AgentKitTesting
    import AsyncHTTPClientTransports
    import Foundation
    import NIOSSL
    import StreamCore
    import StreamTransport
    import Testing
    import TransportTestSupport
    import WireProtocols

    extension NIOWebSocketTransport {
        static let compressing = NIOWebSocketTransport(configuration: .init(compression: PerMessageDeflatePolicy()))
    }

    extension TransportTests {
        /// Against a server of another language, Python's `websockets`.
        @Suite("WebSocket: a peer in Python", PythonPeer.trait)
        struct WebSocketPeerTests {
            let peer: PythonPeer
            let transport = NIOWebSocketTransport()

            init() throws {
                peer = try PythonPeer.shared
            }

            static let messages: [WebSocketMessage] = [
                .text(""), .text("a"), .text("é€😀"), .binary([]), .binary([0, 255]),
                .text(String(repeating: "x", count: 125)), .text(String(repeating: "y", count: 126)),
                .binary([UInt8](repeating: 7, count: 65535)), .binary([UInt8](repeating: 8, count: 65536)),
                .text(String(repeating: "words and words, é ", count: 20_000)),
                .binary((0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }),
            ]

            /// Sends messages and expects them back, one by one and then all at once.
            private func expectEchoes(
                _ transport: NIOWebSocketTransport, _ request: WebSocketRequest,
                _ check: (WebSocketConnection) -> Void = { _ in }
            ) async throws {
                try await transport.withConnection(to: request) { connection in
                    check(connection)
                    for message in WebSocketPeerTests.messages {
                        try await connection.send(message)
                        let answer = try await connection.receive()
                        #expect(answer == message, "\(message.byteCount) bytes")
                    }
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            for message in WebSocketPeerTests.messages { try await connection.send(message) }
                        }
                        for message in WebSocketPeerTests.messages {
                            let answer = try await connection.receive()
                            #expect(answer == message, "\(message.byteCount) bytes")
                        }
                        try await group.waitForAll()
                    }
                }
            }

            @Test("Messages come back as they were sent")
            func echo() async throws {
                try await expectEchoes(transport, peer.request("/echo")) { connection in
                    #expect(connection.agreement == WebSocketAgreement())
                    #expect(connection.head.status == 101)
                }
            }

            @Test("Compressed, with the window of earlier messages")
            func deflate() async throws {
                try await expectEchoes(.compressing, peer.request("/echo")) { connection in
                    #expect(connection.agreement.deflate?.serverNoContextTakeover == false)
                    #expect(connection.agreement.deflate?.clientNoContextTakeover == false)
                }
            }

            @Test("Compressed, each message for itself and with small windows")
            func deflateWithoutContext() async throws {
                try await expectEchoes(.compressing, peer.request("/echo", \.fresh)) { connection in
                    #expect(
                        connection.agreement.deflate
                            == PerMessageDeflate(
                                serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 10,
                                clientMaxWindowBits: 11))
                }
            }

            @Test("Compression that the server does not speak, and every policy of the client")
            func deflatePolicies() async throws {
                try await expectEchoes(.compressing, peer.request("/echo", \.none)) { connection in
                    #expect(connection.agreement.deflate == nil)
                }
                for policy in [
                    PerMessageDeflatePolicy(takesOverOwnContext: false),
                    PerMessageDeflatePolicy(takesOverPeerContext: false),
                    PerMessageDeflatePolicy(ownWindowBits: 9, peerWindowBits: 9),
                ] {
                    let transport = NIOWebSocketTransport(
                        configuration: .init(compression: policy, compressionThreshold: 0))
                    try await expectEchoes(transport, peer.request("/echo")) { connection in
                        #expect(connection.agreement.deflate != nil)
                    }
                }
            }

            @Test("Fragments of the server")
            func fragmentsReceived() async throws {
                for transport in [transport, .compressing] {
                    try await transport.withConnection(to: peer.request("/fragments")) { connection in
                        for message in WebSocketPeerTests.messages where message.byteCount < 70_000 {
                            try await connection.send(message)
                            let answer = try await connection.receive()
                            #expect(answer == message)
                        }
                    }
                }
            }

            @Test("Fragments of the client")
            func fragmentsSent() async throws {
                for compression in [nil, PerMessageDeflatePolicy()] {
                    let small = NIOWebSocketTransport(
                        configuration: .init(compression: compression, outgoingFrameSize: 7))
                    try await expectFrames(small, "/frames", compression == nil)
                    // The server takes no more than some thousand fragments.
                    let transport = NIOWebSocketTransport(
                        configuration: .init(compression: compression, outgoingFrameSize: 1000))
                    try await transport.withConnection(to: peer.request("/echo")) { connection in
                        for message in WebSocketPeerTests.messages where message.byteCount < 70_000 {
                            try await connection.send(message)
                            let answer = try await connection.receive()
                            #expect(answer == message, "\(String(describing: connection.closure))")
                        }
                    }
                }
            }

            private func expectFrames(_ transport: NIOWebSocketTransport, _ path: String, _ isExact: Bool) async throws
            {
                try await transport.withConnection(to: peer.request(path)) { connection in
                    for (size, frames) in [(0, 1), (6, 1), (7, 1), (8, 2), (14, 2), (700, 100)] {
                        try await connection.send(.binary([UInt8](repeating: 1, count: size)))
                        let answer = try await connection.receive()
                        if isExact { #expect(answer == .text("\(frames)")) }
                    }
                }
            }

            @Test("Pings both ways, also between fragments")
            func pings() async throws {
                try await transport.withConnection(to: peer.request("/ping?count=100")) { connection in
                    let answer = try await connection.receive()
                    #expect(answer == .text("answered"))
                }
                try await transport.withConnection(to: peer.request("/interleave")) { connection in
                    let answer = try await connection.receive()
                    #expect(answer == .text("one two three"))
                }
                try await transport.withConnection(to: peer.request("/echo")) { connection in
                    for _ in 0..<10 { try await connection.ping() }
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<50 { group.addTask { try await connection.ping() } }
                        try await group.waitForAll()
                    }
                }
            }

            @Test(
                "Every code that a server may close with",
                arguments: [
                    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
                ])
            func closedByServer(code: Int) async throws {
                let connection = try await transport.connect(
                    to: peer.request("/close?code=\(code)&reason=because%20%E2%82%AC"))
                #expect(try await connection.receive() == nil)
                #expect(
                    connection.closure == WebSocketClosure(.init(rawValue: UInt16(code)), reason: "because €"))
                #expect(try await connection.receive() == nil)
                let error = await #expect(throws: TransportError.self) { try await connection.send(.text("late")) }
                #expect(error?.code == .connectionClosed)
                await connection.close()
            }

            @Test(
                "Every code that a client may close with, and what becomes of the others",
                arguments: [
                    1000, 1001, 1003, 1007, 1008, 1009, 1010, 1011, 1014, 3000, 4999, 1005, 1004, 1006, 1015, 999, 5000,
                ])
            func closedByClient(code: Int) async throws {
                let id = "\(UUID())"
                let connection = try await transport.connect(to: peer.request("/remember?id=\(id)"))
                try await connection.send(.text("taken before the close frame"))
                await connection.close(.init(rawValue: UInt16(code)), reason: "done €")
                let expected =
                    switch code {
                    case 1005: #"[1005, ""]"#
                    case 1004, 1006, 1015, 999, 5000: #"[1011, "done \u20ac"]"#
                    default: #"[\#(code), "done \u20ac"]"#
                    }
                #expect(try await recalled(id) == .text(expected))
                #expect(try await connection.receive() == nil)
                await connection.close()
            }

            @Test("Letting go of a connection says that the client goes away")
            func abandoned() async throws {
                let id = "\(UUID())"
                do {
                    let connection = try await transport.connect(to: peer.request("/remember?id=\(id)"))
                    try await connection.ping()
                }
                #expect(try await recalled(id) == .text(#"[1001, ""]"#))
            }

            private func recalled(_ id: String) async throws -> WebSocketMessage? {
                try await transport.withConnection(to: peer.request("/recall?id=\(id)")) { try await $0.receive() }
            }

            @Test("The request has the caller's fields, subprotocols and query")
            func request() async throws {
                let request = WebSocketRequest(
                    url: peer.url("/request?connectionParams=1"),
                    headers: ["authorization": "Bearer abc", "origin": "https://example.org", "x-a": "1", "X-A": "2"],
                    subprotocols: ["unknown", "trpc"])
                try await transport.withConnection(to: request) { connection in
                    #expect(connection.subprotocol == "trpc")
                    guard case .text(let text)? = try await connection.receive() else {
                        Issue.record("no answer")
                        return
                    }
                    let value = try JSONValue(parsing: text)
                    #expect(value["path"]?.stringValue == "/request?connectionParams=1")
                    let fields = (value["headers"]?.arrayValue ?? []).map { field in
                        (field.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ": ")
                    }
                    for expected in [
                        "authorization: Bearer abc", "origin: https://example.org", "x-a: 1", "X-A: 2",
                        "sec-websocket-protocol: unknown, trpc", "host: 127.0.0.1:\(peer.ports.plain)",
                    ] {
                        #expect(fields.contains(expected))
                    }
                }
            }

            @Test("Over TLS, verified", .enabled(if: LoopbackTLS.isAvailable))
            func tls() async throws {
                let authority = try #require(peer.authority)
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8)))
                let trusting = NIOWebSocketTransport(configuration: .init(tls: tls))
                try await expectEchoes(trusting, peer.request("/echo", \.tls))
                let byName = WebSocketRequest(url: "wss://localhost:\(peer.ports.tls)/echo")
                try await expectEchoes(trusting, byName)

                let error = await #expect(throws: TransportError.self) {
                    try await transport.connect(to: peer.request("/echo", \.tls))
                }
                #expect(error?.code == .tlsFailed)
            }

            @Test("A bomb is refused before it is there, and a message at the limit is not")
            func bomb() async throws {
                let transport = NIOWebSocketTransport(
                    configuration: .init(
                        limits: WebSocketLimits(messageSize: 1 << 20), compression: PerMessageDeflatePolicy()))
                try await transport.withConnection(to: peer.request("/bomb?size=\(1 << 20)")) { connection in
                    let message = try await connection.receive()
                    #expect(message?.byteCount == 1 << 20)
                }
                let before = ProcessFigures.residentBytes
                let connection = try await transport.connect(to: peer.request("/bomb?size=\(1 << 26)"))
                let error = await #expect(throws: TransportError.self) { try await connection.receive() }
                #expect(error?.code == .responseTooLarge)
                #expect((error?.underlying as? WebSocketViolation)?.code == .messageTooBig)
                if let before, let after = ProcessFigures.residentBytes {
                    #expect(after - before < sanitizerFactor * (32 << 20))
                }
            }
        }
    }
#endif
