import AgentKitTesting
import StreamTransport
import Testing
import TransportTestSupport
import URLSessionTransports
import WireProtocols

extension TransportTests {
    @Suite("URLSession: limits and lifetime")
    struct URLSessionTransportTests {
        @Test("What was buffered is read before the error of the full buffer, and the error names the remedy")
        func bufferLimit() async throws {
            let transport = URLSessionTransport(configuration: .init(bufferLimit: 100_000))
            try await withLoopbackServer { _ in
                LoopbackResponse([.head(200), .pattern(8 << 20), .close])
            } body: { server in
                let body = try await transport.send(ExchangeRequest(url: server.url)).body
                try await server.exchange(0).waitUntilEnded()
                var count = 0
                var error: TransportError?
                do throws(TransportError) {
                    for try await chunk in body {
                        #expect(LoopbackPattern.matches(chunk, at: count))
                        count += chunk.count
                    }
                } catch let failure {
                    error = failure
                }
                #expect(error?.code == .bufferLimitExceeded)
                #expect(error?.message.contains("CurlTransports") == true)
                #expect(count > 0)
                #expect(count <= 100_000)
            }
        }

        @Test("Shutting down ends what is under way, and nothing starts after it")
        func shutDown() async throws {
            let transport = URLSessionTransport()
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
                transport.shutDown()
                transport.shutDown()
                #expect(await waiting.value == .shutDown)
                #expect(await errorCode { _ = try await chunks.next() } == .shutDown)
                #expect(await errorCode { _ = try await transport.send(ExchangeRequest(url: server.url)) } == .shutDown)
                #expect(try await server.exchange(0).waitUntilEnded())
                #expect(try await server.exchange(1).waitUntilEnded())
            }
        }

        @Test("A response outlives its transport, and nothing is left behind by the session")
        func lifetime() async throws {
            let gate = Gate()
            try await withLoopbackServer { _ in
                LoopbackResponse([.head(200), .text("a"), .wait(gate), .text("b"), .close])
            } body: { server in
                var transport: URLSessionTransport? = URLSessionTransport()
                weak let weakTransport = transport
                let body = try await transport?.send(ExchangeRequest(url: server.url)).body
                transport = nil
                #expect(weakTransport == nil)
                gate.open()
                #expect(try await body?.collect(upTo: 2) == Array("ab".utf8))
            }
        }

        @Test("Transports that come and go leave no descriptors")
        func manyTransports() async throws {
            try await withLoopbackServer { _ in
                .text("ok")
            } body: { server in
                func use() async throws {
                    let transport = URLSessionTransport()
                    _ = try await transport.send(ExchangeRequest(url: server.url)).body.collect(upTo: 2)
                }
                for _ in 0..<10 { try await use() }
                for index in 0..<10 { try await server.exchange(index).waitUntilEnded() }
                let before = ProcessFigures.openSockets
                for _ in 0..<50 { try await use() }
                for index in 10..<60 { try await server.exchange(index).waitUntilEnded() }
                // One that is left behind each time makes 50; other tests open some meanwhile.
                #expect(ProcessFigures.openSockets <= before + 40)
            }
        }

        @Test("Redirects may be refused, and a redirect without a location is a response")
        func redirects() async throws {
            let transport = URLSessionTransport(configuration: .init(maxRedirects: 0))
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

        @Test("A redirect with a body without end falls under the first-byte timeout")
        func redirectFlood() async throws {
            let transport = URLSessionTransport()
            try await withLoopbackServer { _ in
                LoopbackResponse([.head(302, ["location": "/x"]), .endlessly([UInt8](repeating: 120, count: 65_536))])
            } body: { server in
                let before = ProcessFigures.residentBytes ?? 0
                let timeouts = TransportTimeouts(firstByte: .milliseconds(500))
                let result = await errorCode {
                    _ = try await transport.send(ExchangeRequest(url: server.url), timeouts: timeouts)
                }
                // Apple's platforms announce a redirect before its body.
                #expect(result == .firstByteTimeout || result == .tooManyRedirects)
                #expect((ProcessFigures.residentBytes ?? 0) - before < 256 << 20)
            }
        }

        @Test("Framing fields and credentials in the URL are refused")
        func refusals() async throws {
            let transport = URLSessionTransport()
            for headers: HeaderFields in [["content-length": "1"], ["Transfer-Encoding": "chunked"]] {
                #expect(
                    await errorCode {
                        _ = try await transport.send(ExchangeRequest(url: "http://127.0.0.1:9/", headers: headers))
                    }
                        == .invalidRequest)
            }
            #expect(
                await errorCode { _ = try await transport.send(ExchangeRequest(url: "http://u:p@127.0.0.1:9/")) }
                    == .invalidRequest)
        }

        @Test("An event source over a real connection, reconnecting")
        func eventSource() async throws {
            #expect(try await eventsOverThreeConnections(on: URLSessionTransport()) == ["a", "b", "c"])
        }
    }
}
