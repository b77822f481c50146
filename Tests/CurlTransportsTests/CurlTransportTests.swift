#if Curl
    import AgentKitTesting
    import CurlTransports
    import StreamTransport
    import Testing
    import TransportTestSupport
    import WireProtocols

    extension TransportTests {
        @Suite("curl: limits, proxies and lifetime")
        struct CurlTransportTests {
            private func transport(_ change: (inout CurlTransport.Configuration) -> Void = { _ in }) -> CurlTransport {
                var configuration = CurlTransport.Configuration(proxy: .none)
                change(&configuration)
                return CurlTransport(configuration: configuration)
            }

            @Test("Shutting down ends what is under way, and nothing starts after it")
            func shutDown() async throws {
                let transport = transport()
                try await withLoopbackServer { request in
                    request.path == "/head"
                        ? LoopbackResponse([.stall]) : LoopbackResponse([.head(200, ["a": "b"]), .text("a"), .stall])
                } body: { server in
                    var chunks = try await transport.send(ExchangeRequest(url: server.url)).body.makeAsyncIterator()
                    _ = try await chunks.next()
                    let waiting = Task {
                        await errorCode { _ = try await transport.send(ExchangeRequest(url: server.url + "/head")) }
                    }
                    _ = try await server.exchange(1)
                    async let one: Void = transport.shutDown()
                    async let other: Void = transport.shutDown()
                    _ = await (one, other)
                    await transport.shutDown()
                    #expect(await waiting.value == .shutDown)
                    #expect(await errorCode { _ = try await chunks.next() } == .shutDown)
                    #expect(
                        await errorCode { _ = try await transport.send(ExchangeRequest(url: server.url)) } == .shutDown)
                    #expect(try await server.exchange(0).waitUntilEnded())
                    #expect(try await server.exchange(1).waitUntilEnded())
                }
            }

            @Test("A transport that was never used ends, too")
            func unused() async {
                await transport().shutDown()
                _ = transport()
            }

            @Test("A response outlives its transport")
            func lifetime() async throws {
                let gate = Gate()
                try await withLoopbackServer { _ in
                    LoopbackResponse([.head(200), .text("a"), .wait(gate), .text("b"), .close])
                } body: { server in
                    var transport: CurlTransport? = transport()
                    weak let weakTransport = transport
                    let body = try await transport?.send(ExchangeRequest(url: server.url)).body
                    transport = nil
                    #expect(weakTransport == nil)
                    gate.open()
                    #expect(try await body?.collect(upTo: 2) == Array("ab".utf8))
                }
            }

            @Test(
                "Transports that come and go leave no descriptors, and those that are shut down no thread",
                arguments: [true, false])
            func manyTransports(shutsDown: Bool) async throws {
                try await withLoopbackServer { _ in
                    .text("ok")
                } body: { server in
                    func use() async throws {
                        let transport = transport()
                        _ = try await transport.send(ExchangeRequest(url: server.url)).body.collect(upTo: 2)
                        if shutsDown { await transport.shutDown() }
                    }
                    for _ in 0..<10 { try await use() }
                    for index in 0..<10 { try await server.exchange(index).waitUntilEnded() }
                    let before = ProcessFigures.openSockets
                    let threads = ProcessFigures.threads ?? 0
                    for _ in 0..<50 { try await use() }
                    for index in 10..<60 { try await server.exchange(index).waitUntilEnded() }
                    // One that is left behind each time makes 50; other tests open some meanwhile.
                    #expect(ProcessFigures.openSockets <= before + 40)
                    #expect((ProcessFigures.threads ?? 0) <= threads + 40)
                }
            }

            @Test("Redirects may be refused, and a redirect without a location is a response")
            func redirects() async throws {
                let transport = transport { $0.maxRedirects = 0 }
                try await withLoopbackServer { request in
                    request.path == "/there" ? .redirect(to: "/") : LoopbackResponse(status: 302, headers: ["x": "y"])
                } body: { server in
                    #expect(
                        await errorCode { _ = try await transport.send(ExchangeRequest(url: server.url + "/there")) }
                            == .tooManyRedirects)
                    let response = try await transport.send(ExchangeRequest(url: server.url))
                    #expect(response.head.status == 302)
                    #expect(response.head.headers["x"] == "y")
                }
            }

            @Test("A redirect with a body without end is followed at once, and its connection closed")
            func redirectFlood() async throws {
                let transport = transport()
                try await withLoopbackServer { request in
                    request.path == "/x"
                        ? .text("there")
                        : LoopbackResponse([
                            .head(302, ["location": "/x"]), .endlessly([UInt8](repeating: 120, count: 65_536)),
                        ])
                } body: { server in
                    let body = try await transport.send(ExchangeRequest(url: server.url)).body
                    #expect(try await body.collect(upTo: 5) == Array("there".utf8))
                    #expect(try await server.exchange(0).waitUntilEnded())
                }
            }

            @Test("Framing fields, credentials in the URL and a HEAD with a body are refused")
            func refusals() async throws {
                let transport = transport()
                for headers: HeaderFields in [["content-length": "1"], ["Transfer-Encoding": "chunked"]] {
                    #expect(
                        await errorCode {
                            _ = try await transport.send(ExchangeRequest(url: "http://127.0.0.1:9/", headers: headers))
                        } == .invalidRequest)
                }
                #expect(
                    await errorCode { _ = try await transport.send(ExchangeRequest(url: "http://u:p@127.0.0.1:9/")) }
                        == .invalidRequest)
                let request = ExchangeRequest(method: "HEAD", url: "http://127.0.0.1:9/", body: [1])
                #expect(await errorCode { _ = try await transport.send(request) } == .unsupported)
            }

            @Test("Paths go as they are, empty bodies have a length, and a GET may have a body")
            func exactness() async throws {
                let transport = transport()
                try await withLoopbackServer {
                    .echo($0)
                } body: { server in
                    func echo(_ request: ExchangeRequest) async throws -> String {
                        let body = try await transport.send(request).body.collect(upTo: 100_000)
                        return String(decoding: body, as: UTF8.self).lowercased()
                    }
                    #expect(try await echo(.init(url: server.url + "/a/../b/./c")).hasPrefix("get /a/../b/./c\n"))
                    let post = try await echo(.init(method: "POST", url: server.url))
                    #expect(post.contains("\ncontent-length: 0\n"))
                    #expect(!post.contains("content-type"))
                    let get = try await echo(.init(method: "GET", url: server.url, body: Array("abc".utf8)))
                    #expect(get.hasPrefix("get /\n"))
                    #expect(get.hasSuffix("\n\nabc"))
                    let large = [UInt8](repeating: 120, count: 5_000_000)
                    let response = try await transport.send(.init(method: "PUT", url: server.url, body: large))
                    #expect(try await response.body.collect(upTo: 6_000_000).suffix(large.count) == large[...])
                    #expect(!server.exchanges.contains { $0.request.headers.contains(name: "expect") })
                }
            }

            @Test("A head larger than the limit is refused")
            func headLimit() async throws {
                let transport = transport { $0.headLimit = 1000 }
                try await withLoopbackServer { _ in
                    LoopbackResponse(headers: ["x": String(repeating: "x", count: 1000)])
                } body: { server in
                    #expect(
                        await errorCode { _ = try await transport.send(ExchangeRequest(url: server.url)) }
                            == .headTooLarge)
                }
            }

            @Test("What libcurl has kept back may turn out to be too much: that ends the exchange and its connection")
            func refusedWhileResuming() async throws {
                let transport = transport {
                    $0.bufferLimit = 1
                    $0.headLimit = 1000
                }
                // The trailer has come with the body and waits behind it; the server says nothing more.
                let trailer = "x: \(String(repeating: "x", count: 1000))\r\n"
                try await withLoopbackServer { _ in
                    LoopbackResponse([
                        .head(200, ["transfer-encoding": "chunked"]),
                        .text("1\r\na\r\n1\r\nb\r\n0\r\n" + trailer), .stall,
                    ])
                } body: { server in
                    let body = try await transport.send(ExchangeRequest(url: server.url)).body
                    #expect(await errorCode { _ = try await body.collect(upTo: 9) } == .headTooLarge)
                    #expect(try await server.exchange(0).waitUntilEnded())
                }
            }

            @Test("A request goes to the proxy whole, but not for hosts that bypass it")
            func proxies() async throws {
                try await withLoopbackServer {
                    .echo($0)
                } body: { proxy in
                    let address = proxy.url.replacing("http://", with: "http://user:sesame@")
                    let transport = transport { $0.proxy = .url(address, bypass: ["127.0.0.1"]) }
                    let request = ExchangeRequest(url: "http://elsewhere.test/x", headers: ["authorization": "mine"])
                    let text = String(
                        decoding: try await transport.send(request).body.collect(upTo: 10_000), as: UTF8.self)
                    #expect(text.hasPrefix("GET http://elsewhere.test/x\n"))
                    #expect(text.contains("Proxy-Authorization: Basic dXNlcjpzZXNhbWU="))
                    #expect(proxy.exchanges.count == 1)
                    try await withLoopbackServer { _ in
                        .text("direct")
                    } body: { server in
                        let body = try await transport.send(ExchangeRequest(url: server.url)).body
                        #expect(try await body.collect(upTo: 6) == Array("direct".utf8))
                    }
                    #expect(proxy.exchanges.count == 1)
                    let proxy = CurlTransport.Proxy.url(address)
                    #expect(!"\(proxy)".contains("sesame"))
                    var dumped = ""
                    dump(proxy, to: &dumped)
                    #expect(!dumped.contains("sesame"))
                }
            }

            @Test("A proxy that refuses a tunnel is a failed connection, and its answer is not the server's")
            func refusedTunnel() async throws {
                try await withLoopbackServer { _ in
                    .text("no tunnels", status: 403)
                } body: { proxy in
                    let transport = transport { $0.proxy = .url(proxy.url) }
                    let request = ExchangeRequest(
                        url: "https://elsewhere.test/x", headers: ["authorization": "Bearer sesame"])
                    #expect(await errorCode { _ = try await transport.send(request) } == .connectionFailed)
                    let connect = try await proxy.exchange(0).request
                    #expect(connect.method == "CONNECT")
                    #expect(connect.target == "elsewhere.test:443")
                    #expect(!connect.headers.contains(name: "authorization"))
                }
            }

            @Test("Trust: a file, the system's authorities, nobody asked", .enabled(if: LoopbackTLS.isAvailable))
            func trust() async throws {
                try await withLoopbackServer(over: try LoopbackTLS()) { _ in
                    .text("ok")
                } body: { server in
                    let request = ExchangeRequest(url: server.url)
                    let system = transport()
                    #expect(await errorCode { _ = try await system.send(request) } == .tlsFailed)
                    let missing = transport { $0.trust = .authorities(file: "/nonexistent/ca.pem") }
                    #expect(await errorCode { _ = try await missing.send(request) } == .tlsFailed)
                    let everybody = transport { $0.trust = .everybodyUnverified }
                    let body = try await everybody.send(request).body.collect(upTo: 2)
                    #expect(body == Array("ok".utf8))
                }
            }

            @Test("A slow reader gets every byte, in pieces that are bounded")
            func slowReader() async throws {
                let transport = transport { $0.bufferLimit = 100_000 }
                let size = 32 << 20
                try await withLoopbackServer { _ in
                    LoopbackResponse([.head(200), .pattern(size), .close])
                } body: { server in
                    var position = 0
                    for try await chunk in try await transport.send(ExchangeRequest(url: server.url)).body {
                        #expect(chunk.count <= 100_000 + 16_384)
                        #expect(LoopbackPattern.matches(chunk, at: position))
                        position += chunk.count
                        for _ in 0..<20 { await Task.yield() }
                    }
                    #expect(position == size)
                }
            }

            @Test("An event source over a real connection, reconnecting")
            func eventSource() async throws {
                #expect(try await eventsOverThreeConnections(on: transport()) == ["a", "b", "c"])
            }
        }
    }
#endif
