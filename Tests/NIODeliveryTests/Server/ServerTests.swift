#if NIO
    import DeliveryTestSupport
    import DurableLog
    import NIOCore
    import NIODelivery
    import StreamDelivery
    import Testing
    import WireProtocols

    @Suite(.timeLimit(.minutes(2))) struct ServerTests {
        /// Says what it was asked.
        static let mirror = ClosureHandler { request in
            let line =
                "\(request.method) \(request.path) \(request.query ?? "-") \(request.body.count) \(request.remoteAddress)"
            return DeliveryResponse(headers: ["x-mirror": "yes"], body: .bytes(Array(line.utf8)))
        }

        @Test("Requests of one connection are answered in order, pipelined ones too")
        func pipelining() async throws {
            try await withServer(ServerTests.mirror) { _, port in
                try await RawClient.with(port: port) { client in
                    var requests = ""
                    for number in 0..<50 {
                        requests += "POST /\(number)?q=\(number) HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc"
                    }
                    await client.write(requests)
                    let text = try #require(await client.read(until: "POST /49 q=49 3 127.0.0.1"))
                    let places = (0..<50).map { text.firstRange(of: "POST /\($0) q=\($0) 3 127.0.0.1")?.lowerBound }
                    #expect(places.allSatisfy { $0 != nil })
                    #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
                    #expect(text.contains("HTTP/1.1 200 OK\r\n") && text.contains("x-mirror: yes"))
                    #expect(text.contains(" GMT\r\n"))
                }
            }
        }

        @Test("A body in chunks is put together")
        func chunkedRequest() async throws {
            try await withServer(ServerTests.mirror) { _, port in
                try await RawClient.with(port: port) { client in
                    await client.write("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
                    await client.write("2\r\nde\r\n0\r\n\r\n")
                    #expect(await client.read(until: "POST / - 5 127.0.0.1") != nil)
                }
            }
        }

        @Test("HEAD has the length and no body, and the connection goes on")
        func head() async throws {
            try await withServer(ServerTests.mirror) { _, port in
                try await RawClient.with(port: port) { client in
                    await client.write("HEAD /a HTTP/1.1\r\nhost: x\r\n\r\nGET /b HTTP/1.1\r\nhost: x\r\n\r\n")
                    let text = try #require(await client.read(until: "GET /b"))
                    #expect(text.contains("content-length: 21\r\n"))
                    #expect(!text.contains("HEAD /a"))
                }
            }
        }

        @Test("An HTTP/1.0 client gets its answer and the end")
        func oldClient() async throws {
            try await withServer(ServerTests.mirror) { _, port in
                try await RawClient.with(port: port) { client in
                    await client.write("GET /old HTTP/1.0\r\n\r\n")
                    #expect(await client.readToEnd().hasSuffix("GET /old - 0 127.0.0.1"))
                }
            }
        }

        @Test("A pulled body: the head comes before the first piece, then pieces as they are there, then the end")
        func streaming() async throws {
            let script = ScriptedSource.Script()
            let source = ScriptedSource(script)
            let handler = ClosureHandler { _ in
                DeliveryResponse(headers: ["content-type": "text/event-stream"], body: .stream(source))
            }
            try await withServer(handler) { _, port in
                try await RawClient.with(port: port) { client in
                    await client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n")
                    let head = try #require(await client.read(until: "\r\n\r\n"))
                    #expect(head.contains("transfer-encoding: chunked\r\n"))
                    #expect(head.contains("content-type: text/event-stream\r\n"))
                    script.append("data: 1\n\n")
                    #expect(await client.read(until: "9\r\ndata: 1\n\n\r\n") != nil)
                    script.append("data: 2\n\n")
                    #expect(await client.read(until: "9\r\ndata: 2\n\n\r\n") != nil)
                    script.close()
                    #expect(await client.readToEnd().hasSuffix("0\r\n\r\n"))
                }
                #expect(source.endings == ["end"])
            }
        }

        @Test("The visitor who leaves ends his source, without a write that would find out")
        func departure() async throws {
            let endings = Mailbox<String>()
            let handler = ClosureHandler { _ in
                DeliveryResponse(body: .stream(WatchedSource { endings.put($0) }))
            }
            try await withServer(handler) { _, port in
                try await RawClient.with(port: port) { client in
                    await client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n")
                    _ = await client.read(until: "\r\n\r\n")
                }
                #expect(await endings.next() == "departed")
            }
        }

        @Test("A client that leaves while its request is answered cancels the task that answers")
        func cancellation() async throws {
            let events = Mailbox<String>()
            let handler = ClosureHandler { _ in
                events.put("begun")
                await withTaskCancellationHandler {
                    // Until the task is cancelled: nobody notifies.
                    await AppendSignal().subscribe().wait()
                } onCancel: {
                    events.put("cancelled")
                }
                return DeliveryResponse()
            }
            try await withServer(handler) { _, port in
                try await RawClient.with(port: port) { client in
                    await client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n")
                    #expect(await events.next() == "begun")
                }
                #expect(await events.next() == "cancelled")
            }
        }

        @Test("A shutdown ends bodies in order, and the server with them, also when its readers have gone")
        func shutdown() async throws {
            let script = ScriptedSource.Script()
            let handler = ClosureHandler { _ in DeliveryResponse(body: .stream(ScriptedSource(script))) }
            // `withServer` returns when the server has ended.
            try await withServer(handler) { server, port in
                try await RawClient.with(port: port) { client in
                    await client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n")
                    _ = await client.read(until: "\r\n\r\n")
                }
                try await RawClient.with(port: port) { client in
                    await client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n")
                    _ = await client.read(until: "\r\n\r\n")
                    server.beginGracefulShutdown()
                    #expect(await client.readToEnd().hasSuffix("0\r\n\r\n"))
                }
            }
        }

        @Test("A WebSocket over a real connection, with everything that the handshake has")
        func webSocket() async throws {
            let sockets = EchoSockets(path: "/chat", subprotocol: "b")
            let request =
                "host: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n"
                + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: a, b\r\n\r\n"
            try await withServer(ServerTests.mirror, sockets: sockets) { _, port in
                try await RawClient.with(port: port) { client in
                    await client.write("GET /chat HTTP/1.1\r\n" + request)
                    let head = try #require(await client.read(until: "\r\n\r\n"))
                    #expect(head.hasPrefix("HTTP/1.1 101 "))
                    #expect(head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
                    #expect(head.contains("sec-websocket-protocol: b\r\n"))
                    await client.write((clientFrame(.text, "hello")))
                    #expect(await client.read(until: "\u{05}hello") != nil)
                    await client.write((clientFrame(.close, [0x03, 0xE8])))
                    _ = await client.readToEnd()
                }
                try await RawClient.with(port: port) { client in
                    await client.write("GET /other HTTP/1.1\r\n" + request)
                    #expect(await client.read(until: "HTTP/1.1 403 ") != nil)
                }
                try await RawClient.with(port: port) { client in
                    await client.write(
                        "GET /chat HTTP/1.1\r\n" + request.replacing("version: 13", with: "version: 8"))
                    let text = await client.readToEnd()
                    #expect(text.hasPrefix("HTTP/1.1 426 ") && text.contains("sec-websocket-version: 13\r\n"))
                }
            }
        }
    }
#endif
