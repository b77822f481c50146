#if NIO
    import DeliveryTestSupport
    import NIOCore
    import NIODelivery
    import StreamDelivery
    import Testing
    import WireProtocols

    @Suite(.timeLimit(.minutes(2))) struct HostileClientTests {
        /// Requests that are refused by what they are: with which status, and then the end of the connection.
        static let refusals: [(name: String, request: String, status: Int)] = [
            ("a field of 1 MB", "GET / HTTP/1.1\r\nhost: x\r\nx-big: " + String(repeating: "a", count: 1 << 20), 431),
            ("a target of 1 MB", "GET /" + String(repeating: "a", count: 1 << 20), 431),
            (
                "a thousand fields",
                "GET / HTTP/1.1\r\n" + (0..<1000).map { "x-\($0): 1\r\n" }.joined() + "\r\n", 431
            ),
            (
                "a body that is announced too large", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n",
                413
            ),
            (
                "a body that comes too large",
                "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n200000\r\n"
                    + String(repeating: "a", count: 0x200000), 413
            ),
            (
                "a body of thousands of chunks of one byte",
                "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
                    + String(repeating: "1\r\na\r\n", count: 5000), 400
            ),
            ("no HTTP", "\u{16}\u{03}\u{01}hello, is this TLS?\r\n\r\n", 400),
            ("a field without a name", "GET / HTTP/1.1\r\n: x\r\n\r\n", 400),
            (
                "two lengths", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", 400
            ),
            ("no host", "GET / HTTP/1.1\r\n\r\n", 400),
            ("two hosts", "GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n", 400),
            ("two hosts of HTTP/1.0", "GET / HTTP/1.0\r\nhost: x\r\nhost: y\r\n\r\n", 400),
            ("a negative length", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400),
        ]

        @Test("What is too large or no HTTP is refused, and others are served meanwhile", arguments: refusals.indices)
        func refusal(_ index: Int) async throws {
            let (name, request, status) = HostileClientTests.refusals[index]
            try await withServer(ServerTests.mirror) { _, port in
                try await RawClient.with(port: port) { client in
                    // The server stops reading in the middle.
                    await client.write(request)
                    let text = await client.readToEnd()
                    #expect(
                        text.hasPrefix("HTTP/1.1 \(status) ") || text.isEmpty && request.utf8.count > 100_000,
                        "\(name): \(text.prefix(100))")
                }
                try await RawClient.with(port: port) { client in
                    await client.write("GET /fine HTTP/1.1\r\nhost: x\r\n\r\n")
                    #expect(await client.read(until: "GET /fine - 0 127.0.0.1") != nil)
                }
            }
        }

        @Test(
            "Who sends a request byte by byte, or half of it, is cut",
            arguments: [
                "", "GET / HT", "GET / HTTP/1.1\r\nhost: x\r\n",
                "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc",
            ])
        func slowloris(_ beginning: String) async throws {
            var configuration = HostConfiguration()
            configuration.requestTimeout = .milliseconds(200)
            configuration.closeTimeout = .milliseconds(200)
            try await withServer(ServerTests.mirror, configuration: configuration) { _, port in
                try await RawClient.with(port: port) { client in
                    await client.write(beginning)
                    let text = await client.readToEnd()
                    #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 408 "))
                }
            }
        }

        @Test("A reader that never reads is not pulled for, and holds nobody up")
        func neverReads() async throws {
            let script = ScriptedSource.Script()
            let total = 64 << 20
            script.set([UInt8](repeating: 0x2E, count: total))
            let sources = Mailbox<ScriptedSource>()
            let handler = ClosureHandler { _ in
                let source = ScriptedSource(script)
                sources.put(source)
                return DeliveryResponse(body: .stream(source))
            }
            var configuration = PumpConfiguration()
            configuration.stuckTimeout = .minutes(10)
            let pumps = DeliveryPumps(configuration: configuration, drainDelay: .zero)
            try await withServer(handler, pumps: pumps) { _, port in
                let source = try await RawClient.with(port: port, reads: false) { client in
                    await client.write("GET /lazy HTTP/1.1\r\nhost: x\r\n\r\n")
                    let lazy = await sources.next()
                    // Another takes everything meanwhile.
                    try await RawClient.with(port: port) { client in
                        await client.write("GET /quick HTTP/1.1\r\nhost: x\r\n\r\n")
                        var count = 0
                        while count < total {
                            let more = await client.take()
                            guard more > 0 else { break }
                            count += more
                        }
                        #expect(count >= total)
                    }
                    return lazy
                }
                // What the kernel and one piece hold, and no more.
                #expect(source.position < 2 << 20)
            }
        }

        @Test("Thousands of requests in one write are answered, and hold no more than comes at a time")
        func pipelineFlood() async throws {
            try await withServer(ServerTests.mirror) { _, port in
                try await RawClient.with(port: port) { client in
                    let request = "GET /f HTTP/1.1\r\nhost: x\r\n\r\n"
                    let last = "GET /last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
                    await client.write(String(repeating: request, count: 3000) + last)
                    let text = await client.readToEnd()
                    #expect(text.ranges(of: "GET /f - 0").count == 3000)
                    #expect(text.hasSuffix("GET /last - 0 127.0.0.1"))
                }
            }
        }
    }
#endif
