#if AsyncHTTPClient
    import AgentKitTesting
    import AsyncHTTPClient
    import NIOCore
    import StreamCore
    import StreamTransport
    import Testing
    import TransportTestSupport
    import WireProtocols

    @testable import AsyncHTTPClientTransports

    extension TransportTests {
        @Suite("AsyncHTTPClient: whatever the client is configured to")
        struct ClientSettingsTests {
            private func withClient(
                _ configuration: HTTPClient.Configuration, _ body: (HTTPClient) async throws -> Void
            ) async throws {
                let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
                let result: Result<Void, any Error>
                do {
                    result = .success(try await body(client))
                } catch {
                    result = .failure(error)
                }
                try await client.shutdown()
                try result.get()
            }

            private static let sharedChecks = TransportCompliance.checks.filter { check in
                ["redirect", "credentials", "many exchanges", "nothing is made up", "exact", "connections"].contains {
                    check.name.contains($0)
                }
            }

            @Test(
                "The shared client, which follows redirects, decodes bodies and has few connections",
                arguments: sharedChecks)
            func shared(check: TransportCompliance.Check) async throws {
                try await check.run(on: AsyncHTTPClientTransport(), expecting: .init(maxRedirects: 10))
            }

            @Test("A client that follows redirects follows none of what is no redirect by our rules")
            func noRedirects() async throws {
                let transport = AsyncHTTPClientTransport()
                try await withLoopbackServer { request in
                    request.path == "/elsewhere"
                        ? .text("wrong")
                        : LoopbackResponse([
                            .head(Int(request.path.dropFirst()) ?? 0, ["location": "/elsewhere", "etag": "x"])
                        ])
                } body: { server in
                    let response = try await transport.send(ExchangeRequest(url: server.url + "/304"))
                    #expect(response.head.status == 304)
                    #expect(response.head.headers["etag"] == "x")
                    #expect(try await response.body.collect(upTo: 0).isEmpty)
                    #expect(
                        await errorCode { _ = try await transport.send(ExchangeRequest(url: server.url + "/305")) }
                            == .unsupported)
                    #expect(server.exchanges.count == 2)
                }
            }

            @Test("A redirect with a body without end is followed at once")
            func redirectFlood() async throws {
                try await withLoopbackServer { request in
                    request.path == "/there"
                        ? .text("ok")
                        : LoopbackResponse([
                            .head(302, ["location": "/there"]), .endlessly([UInt8](repeating: 120, count: 65_536)),
                        ])
                } body: { server in
                    for transport in [.forStreams, AsyncHTTPClientTransport()] {
                        let response = try await transport.send(ExchangeRequest(url: server.url))
                        #expect(try await response.body.collect(upTo: 2) == Array("ok".utf8))
                    }
                    #expect(try await server.exchange(0).waitUntilEnded())
                }
            }

            @Test("Redirects may be refused")
            func refused() async throws {
                let transport = AsyncHTTPClientTransport(configuration: .init(maxRedirects: 0))
                try await withLoopbackServer { _ in
                    .redirect(to: "/there")
                } body: { server in
                    #expect(
                        await errorCode { _ = try await transport.send(ExchangeRequest(url: server.url)) }
                            == .tooManyRedirects)
                    #expect(server.exchanges.count == 1)
                }
            }

            @Test("A client that is shut down ends what is under way and takes nothing more")
            func shutDown() async throws {
                try await withLoopbackServer { request in
                    request.path == "/head"
                        ? LoopbackResponse([.stall]) : LoopbackResponse([.head(200, ["a": "b"]), .text("a"), .stall])
                } body: { server in
                    var kept: AsyncHTTPClientTransport?
                    var waiting: Task<TransportError.Code?, Never>?
                    var body: ResponseBody.Iterator?
                    try await withClient(.forStreams) { client in
                        let transport = AsyncHTTPClientTransport(client: client)
                        kept = transport
                        body = try await transport.send(ExchangeRequest(url: server.url)).body.makeAsyncIterator()
                        _ = try await body?.next()
                        waiting = Task {
                            await errorCode { _ = try await transport.send(ExchangeRequest(url: server.url + "/head")) }
                        }
                        _ = try await server.exchange(1)
                    }
                    #expect(await waiting?.value == .shutDown)
                    #expect(await errorCode { _ = try await body?.next() } == .shutDown)
                    #expect(await errorCode { _ = try await kept?.send(ExchangeRequest(url: server.url)) } == .shutDown)
                    #expect(kept?.seats.takenCounts.allSatisfy { $0 == 0 } == true)
                }
            }

            @Test("Where a client tries again after a refusal, the connect timeout comes in time")
            func retryingClient() async throws {
                let url = try await withLoopbackServer { _ in
                    .text("")
                } body: {
                    $0.url
                }
                let result = await errorCode {
                    _ = try await AsyncHTTPClientTransport().send(
                        ExchangeRequest(url: url), timeouts: TransportTimeouts(connect: .milliseconds(200)))
                }
                #expect(result == .connectTimeout)
            }

            @Test("The client's own timeouts have codes of ours")
            func clientTimeouts() async throws {
                var configuration = HTTPClient.Configuration.forStreams
                configuration.timeout.read = .milliseconds(200)
                try await withLoopbackServer { request in
                    request.path == "/head"
                        ? LoopbackResponse([.stall]) : LoopbackResponse([.head(200), .text("a"), .stall])
                } body: { server in
                    try await withClient(configuration) { client in
                        let transport = AsyncHTTPClientTransport(client: client)
                        #expect(
                            await errorCode {
                                _ = try await transport.send(
                                    ExchangeRequest(url: server.url + "/head"), timeouts: .none)
                            } == .firstByteTimeout)
                        #expect(
                            await errorCode {
                                _ = try await transport.send(ExchangeRequest(url: server.url), timeouts: .none).body
                                    .collect(upTo: 9)
                            } == .idleTimeout)
                    }
                }
            }

            @Test("An exchange that waits for a pool's connection does so no longer than the connect timeout")
            func fullPool() async throws {
                var configuration = HTTPClient.Configuration.forStreams
                configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
                try await withLoopbackServer { _ in
                    LoopbackResponse([.head(200), .text("a"), .stall])
                } body: { server in
                    try await withClient(configuration) { client in
                        let waiting = AsyncHTTPClientTransport(
                            client: client, configuration: .init(pooledExchangesPerOrigin: .max))
                        let first = try await waiting.send(ExchangeRequest(url: server.url))
                        let second = await errorCode {
                            _ = try await waiting.send(
                                ExchangeRequest(url: server.url),
                                timeouts: TransportTimeouts(connect: .milliseconds(200)))
                        }
                        #expect(second == .connectTimeout)
                        // One with a connection of its own waits for nobody.
                        let own = AsyncHTTPClientTransport(
                            client: client, configuration: .init(pooledExchangesPerOrigin: 0))
                        #expect(try await own.send(ExchangeRequest(url: server.url)).head.status == 200)
                        _ = first
                    }
                }
            }

            /// A proxy that ends its first connections before anything can be sent through them, and is the server itself behind that.
            private func throughProxy(
                thatEnds count: Int, _ body: (AsyncHTTPClientTransport, LoopbackServer) async throws -> Void
            ) async throws {
                try await withLoopbackServer { request in
                    guard request.method == "CONNECT" else { return .text("through") }
                    return LoopbackResponse([request.connection < count ? .close : .head(200)])
                } body: { server in
                    var configuration = HTTPClient.Configuration.forStreams
                    configuration.proxy = .server(host: "127.0.0.1", port: Int(server.port))
                    try await withClient(configuration) { try await body(AsyncHTTPClientTransport(client: $0), server) }
                }
            }

            @Test("A request whose connection ended before it was sent takes another one")
            func unsentRequest() async throws {
                try await throughProxy(thatEnds: 2) { transport, server in
                    let response = try await transport.send(
                        ExchangeRequest(method: "POST", url: "http://a.test/", body: [1]))
                    #expect(try await response.body.collect(upTo: 7) == Array("through".utf8))
                    #expect(server.exchanges.map(\.request.method) == ["CONNECT", "CONNECT", "CONNECT", "POST"])
                }
            }

            @Test("When every connection ends before the request is sent, that is an error and not a loop")
            func neverSent() async throws {
                try await throughProxy(thatEnds: .max) { transport, server in
                    #expect(
                        await errorCode { _ = try await transport.send(ExchangeRequest(url: "http://a.test/")) }
                            == .connectionFailed)
                    #expect(server.exchanges.count == 1 + AsyncHTTPClientTransport.maxUnsentRetries)
                    #expect(transport.seats.takenCounts.allSatisfy { $0 == 0 })
                }
            }

            @Test("A request that was sent is not sent again")
            func sentRequest() async throws {
                try await withLoopbackServer { request in
                    request.path == "/first" ? .text("") : LoopbackResponse([.close])
                } body: { server in
                    // The second goes over the connection that the first has left.
                    _ = try await AsyncHTTPClientTransport.forStreams.send(ExchangeRequest(url: server.url + "/first"))
                        .body.collect(upTo: 0)
                    let second = await errorCode {
                        _ = try await AsyncHTTPClientTransport.forStreams.send(ExchangeRequest(url: server.url))
                    }
                    #expect(second == .connectionLost)
                    #expect(server.exchanges.count == 2)
                    #expect(server.connectionCount == 1)
                }
            }

            @Test(
                "A server that ends its connections behind responses, and does not say so: requests are answered or lost, none is repeated",
                arguments: [LoopbackResponse.Step.close, .reset])
            func unannouncedEnds(end: LoopbackResponse.Step) async throws {
                try await withLoopbackServer { _ in
                    var response = LoopbackResponse.text("ok")
                    response.steps.append(end)
                    return response
                } body: { server in
                    var answered = 0
                    for _ in 0..<300 {
                        let request = ExchangeRequest(method: "POST", url: server.url, body: [1])
                        do throws(TransportError) {
                            let response = try await AsyncHTTPClientTransport.forStreams.send(request)
                            answered += 1
                            _ = try await response.body.collect(upTo: 2)
                        } catch {
                            // It was written to a connection whose end had not been heard of yet.
                            #expect(error.code == .connectionLost)
                            #expect(error.kind.isTransient)
                        }
                    }
                    #expect(answered > 0)
                    #expect(server.exchanges.count == answered)
                }
            }

            @Test("What cannot be sent is refused, and no credential is in the error")
            func refusals() async throws {
                for request in [
                    ExchangeRequest(method: "CONNECT", url: "http://127.0.0.1:9/"),
                    ExchangeRequest(method: "TRACE", url: "http://127.0.0.1:9/", body: [1]),
                    ExchangeRequest(url: "http://127.0.0.1:9/", headers: ["authorization": "Bearer \u{1}sesame"]),
                    ExchangeRequest(url: "http://127.0.0.1:9/", headers: ["content-length": "1"]),
                    ExchangeRequest(url: "http://sesame:p@127.0.0.1:9/"),
                ] {
                    let error = await #expect(throws: TransportError.self) {
                        try await AsyncHTTPClientTransport.forStreams.send(request)
                    }
                    #expect(error?.code == .invalidRequest || error?.code == .unsupported)
                    #expect(!"\(error as Any)".contains("sesame"))
                }
                #expect(AsyncHTTPClientTransport.forStreams.seats.takenCounts.allSatisfy { $0 == 0 })
            }

            @Test("An event source over a real connection, reconnecting")
            func eventSource() async throws {
                #expect(
                    try await eventsOverThreeConnections(on: AsyncHTTPClientTransport.forStreams) == ["a", "b", "c"])
            }
        }
    }
#endif
