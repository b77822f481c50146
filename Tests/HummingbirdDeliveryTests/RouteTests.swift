#if Hummingbird
    import DeliveryTestSupport
    import DurableLog
    import Hummingbird
    import HummingbirdCore
    import HummingbirdDelivery
    import NIOCore
    import NIODelivery
    import StreamCore
    import StreamDelivery
    import Testing

    @Suite(.timeLimit(.minutes(2))) struct RouteTests {
        @Test(
            "Events go out through the pump, behind the router's middleware, and the connection goes on after a closed stream"
        )
        func pumped() async throws {
            let site = TestApplication()
            try await site.serve { port in
                _ = try await site.log.create("s")
                try await site.append("one", to: "s")
                try await RawClient.with(port: port) { client in
                    await client.write("GET /events/s HTTP/1.1\r\nhost: x\r\n\r\n")
                    let head = try #require(await client.read(until: "data: one\n\n"))
                    #expect(head.contains("x-signed: yes\r\n"))
                    #expect(head.lowercased().contains("content-type: text/event-stream"))
                    #expect(await site.pumps.readerCount() == 1)
                    try await site.append("two", to: "s")
                    _ = try #require(await client.read(until: "data: two\n\n"))
                    _ = try await site.log.close("s")
                    _ = try #require(await client.read(until: "\r\n0\r\n\r\n"))
                    client.forget()
                    await client.write("GET /plain HTTP/1.1\r\nhost: x\r\n\r\n")
                    _ = try #require(await client.read(until: "\r\n\r\nplain"))
                }
            }
        }

        @Test("Where the context has no channel, a task writes the same")
        func withoutChannel() async throws {
            let site = TestApplication()
            try await site.serve(context: BasicRequestContext.self) { port in
                _ = try await site.log.create("s")
                try await RawClient.with(port: port) { client in
                    await client.write("GET /events/s HTTP/1.1\r\nhost: x\r\n\r\n")
                    _ = try #require(await client.read(until: ": connected"))
                    #expect(await site.pumps.readerCount() == 0)
                    for text in ["one", "two"] {
                        try await site.append(text, to: "s")
                        _ = try #require(await client.read(until: "data: \(text)\n\n"))
                    }
                    _ = try await site.log.close("s")
                    _ = try #require(await client.read(until: "\r\n0\r\n\r\n"))
                }
            }
        }

        @Test(
            "A reader who has gone is let go of, and the server ends at a SIGTERM with readers and without",
            arguments: [true, false])
        func departed(_ hasChannel: Bool) async throws {
            let site = TestApplication()
            let body: @Sendable (Int) async throws -> Void = { port in
                for _ in 0..<3 {
                    try await RawClient.with(port: port) { client in
                        await client.write("GET /events/s HTTP/1.1\r\nhost: x\r\n\r\n")
                        _ = try #require(await client.read(until: ": connected"))
                    }
                }
                // The last one stays, and is ended in order: `serve` returns only then.
                try await RawClient.with(port: port) { client in
                    await client.write("GET /events/s HTTP/1.1\r\nhost: x\r\n\r\n")
                    _ = try #require(await client.read(until: ": connected"))
                    await site.beginShutdown()
                    #expect(await client.readToEnd().hasSuffix("0\r\n\r\n"))
                }
            }
            if hasChannel {
                try await site.serve(.http1(), body)
            } else {
                try await site.serve(.http1(), context: BasicRequestContext.self, body)
            }
        }

        @Test("Requests for WebSockets go to the endpoint, all others to the router")
        func sockets() async throws {
            let site = TestApplication()
            let sockets = EchoSockets(path: "/echo")
            try await site.serve(.http1WithSockets(sockets, pumps: site.pumps)) { port in
                let fields =
                    "host: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n"
                    + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                try await RawClient.with(port: port) { client in
                    await client.write("GET /plain HTTP/1.1\r\nhost: x\r\n\r\n")
                    _ = try #require(await client.read(until: "\r\n\r\nplain"))
                    client.forget()
                    await client.write("GET /echo HTTP/1.1\r\n" + fields)
                    let head = try #require(await client.read(until: "\r\n\r\n"))
                    #expect(head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
                    // "hello", masked with zeros.
                    await client.write(([0x81, 0x85, 0, 0, 0, 0] + Array("hello".utf8)))
                    _ = try #require(await client.read(until: "\u{05}hello"))
                }
                try await RawClient.with(port: port) { client in
                    await client.write("GET /secret HTTP/1.1\r\n" + fields)
                    _ = try #require(await client.read(until: "HTTP/1.1 403 "))
                }
                // One that stays is closed with 1012 when the server ends.
                try await RawClient.with(port: port) { client in
                    await client.write("GET /echo HTTP/1.1\r\n" + fields)
                    _ = try #require(await client.read(until: "\r\n\r\n"))
                    await site.beginShutdown()
                    let bytes = await client.readToEnd()
                    #expect(bytes.utf8.count > 4)
                }
            }
        }
    }
#endif
