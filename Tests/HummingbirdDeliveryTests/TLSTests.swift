#if Hummingbird
    import AgentKitTesting
    import AsyncHTTPClient
    import DeliveryTestSupport
    import DurableLog
    import HummingbirdCore
    import HummingbirdDelivery
    import HummingbirdHTTP2
    import HummingbirdTLS
    import NIOCore
    import NIODelivery
    import NIOHTTP1
    import NIOSSL
    import ServerSentEvents
    import StreamCore
    import StreamDelivery
    import Testing

    @Suite(.timeLimit(.minutes(2)), .enabled(if: LoopbackTLS.isAvailable)) struct TLSTests {
        private let authority: NIOSSLCertificate
        private let server: TLSConfiguration

        /// A certificate for 127.0.0.1 of an authority that lives as long as the test.
        init() throws {
            let tls = try LoopbackTLS()
            authority = try NIOSSLCertificate(bytes: Array(tls.authority.utf8), format: .pem)
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(tls.certificate.utf8))
            let key = try NIOSSLPrivateKey(bytes: Array(tls.privateKey.utf8), format: .pem)
            server = .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        }

        /// What a client trusts: the throwaway authority alone.
        private var client: TLSConfiguration {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .certificates([authority])
            return configuration
        }

        /// Has a raw client speak TLS.
        private func add(_ context: NIOSSLContext, to channel: any Channel) throws {
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
        }

        @Test("Over TLS, events go out through the pump, and the reader is ended in order when the server goes down")
        func events() async throws {
            let site = TestApplication()
            let context = try NIOSSLContext(configuration: client)
            try await site.serve(.tls(.http1(), tlsConfiguration: server)) { port in
                _ = try await site.log.create("s")
                try await site.append("one", to: "s")
                try await RawClient.with(port: port, prepare: { try add(context, to: $0) }) { client in
                    await client.write("GET /events/s HTTP/1.1\r\nhost: x\r\n\r\n")
                    let head = try #require(await client.read(until: "data: one\n\n"))
                    #expect(head.contains("x-signed: yes\r\n"))
                    // Past the framework: by the pump, as without TLS.
                    #expect(await site.pumps.readerCount() == 1)
                    try await site.append("two", to: "s")
                    _ = try #require(await client.read(until: "data: two\n\n"))
                    await site.beginShutdown()
                    #expect(await client.readToEnd().hasSuffix("0\r\n\r\n"))
                }
            }
        }

        @Test("Over TLS, WebSockets go to the endpoint, all others to the router")
        func sockets() async throws {
            let site = TestApplication()
            let context = try NIOSSLContext(configuration: client)
            let http = HTTPServerBuilder.http1WithSockets(EchoSockets(path: "/echo"), pumps: site.pumps)
            try await site.serve(.tls(http, tlsConfiguration: server)) { port in
                try await RawClient.with(port: port, prepare: { try add(context, to: $0) }) { client in
                    await client.write("GET /plain HTTP/1.1\r\nhost: x\r\n\r\n")
                    _ = try #require(await client.read(until: "\r\n\r\nplain"))
                    client.forget()
                    await client.write(
                        "GET /echo HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                            + "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                    _ = try #require(await client.read(until: "\r\n\r\n"))
                    // "hello", masked with zeros.
                    await client.write([0x81, 0x85, 0, 0, 0, 0] + Array("hello".utf8))
                    _ = try #require(await client.read(until: "\u{05}hello"))
                    await site.beginShutdown()
                    #expect(await client.readToEnd().utf8.count > 4)
                }
            }
        }

        @Test("Over HTTP/2, event streams share a connection, go on side by side, and end when the server goes down")
        func http2() async throws {
            let site = TestApplication()
            var configuration = HTTPClient.Configuration(tlsConfiguration: client)
            configuration.httpVersion = .automatic
            let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            try await site.serve(try .http2Upgrade(tlsConfiguration: server)) { port in
                let first = try await http.execute(
                    HTTPClientRequest(url: "https://127.0.0.1:\(port)/events/first"), timeout: .seconds(60))
                let second = try await http.execute(
                    HTTPClientRequest(url: "https://127.0.0.1:\(port)/events/second"), timeout: .seconds(60))
                #expect(first.version == .http2 && second.version == .http2)
                #expect(first.headers["content-type"].first?.hasPrefix("text/event-stream") == true)
                #expect(first.headers["x-signed"] == ["yes"])
                try await withThrowingTaskGroup(of: Void.self) { group in
                    var texts = events(of: first.body, in: &group).makeAsyncIterator()
                    var others = events(of: second.body, in: &group).makeAsyncIterator()
                    for number in 0..<20 {
                        try await site.append("a\(number)", to: "first")
                        try await site.append("b\(number)", to: "second")
                        #expect(await texts.next() == "a\(number)")
                        #expect(await others.next() == "b\(number)")
                    }
                    // One stream ends, the other stays until the server goes.
                    _ = try await site.log.close("first")
                    #expect(await texts.next() == nil)
                    try await site.append("last", to: "second")
                    #expect(await others.next() == "last")
                    await site.beginShutdown()
                    #expect(await others.next() == nil)
                    try await group.waitForAll()
                }
            }
            try await http.shutdown()
        }

        /// The events of a response's body, as a task reads them; it holds a few.
        private func events(
            of body: HTTPClientResponse.Body, in group: inout ThrowingTaskGroup<Void, any Error>
        ) -> AsyncStream<String> {
            let (stream, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(64))
            group.addTask {
                defer { continuation.finish() }
                var parser = ServerSentEventParser()
                for try await bytes in body {
                    var events: [ServerSentEvent] = []
                    try parser.parse(Array(bytes.readableBytesView), into: &events)
                    for event in events { continuation.yield(event.data) }
                }
            }
            return stream
        }
    }
#endif
