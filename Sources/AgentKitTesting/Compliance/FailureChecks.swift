import StreamTransport
import WireProtocols

extension TransportCompliance {
    static let failureChecks =
        [
            failure("a port that refuses", [.connectionFailed], to: nil),
            failure(
                "a connection that ends instead of an answer", [.connectionLost, .malformedResponse],
                to: LoopbackResponse([.close])),
            failure(
                "a connection that is reset instead of an answer", [.connectionLost], to: LoopbackResponse([.reset])),
            failure(
                "an answer that is not HTTP", [.malformedResponse],
                to: LoopbackResponse([.text("nonsense\r\n\r\n"), .close])),
            failure(
                "a status that is no number", [.malformedResponse],
                to: LoopbackResponse([.text("HTTP/1.1 abc Good\r\n\r\n"), .close])),
            failure(
                "a content-length that is no number", [.malformedResponse],
                to: LoopbackResponse([.text("HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nab"), .close])),
            failure(
                "two content-lengths that differ", [.malformedResponse],
                to: LoopbackResponse([
                    .text("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc"), .close,
                ])),
            failure(
                "header fields without end", [.headTooLarge, .malformedResponse],
                to: LoopbackResponse([
                    .text("HTTP/1.1 200 OK\r\n"),
                    .endlessly(Array("x-field: 0123456789012345678901234567890123456789\r\n".utf8)),
                ])),
            failure(
                "a header field without end", [.headTooLarge, .malformedResponse],
                to: LoopbackResponse([
                    .text("HTTP/1.1 200 OK\r\nx-field: "), .endlessly(Array(repeating: 97, count: 4096)),
                ])),
            failure(
                "fewer bytes than the content-length", [.truncatedBody],
                to: LoopbackResponse([.head(200, .length(1000)), .pattern(999), .close])),
            failure(
                "chunks without the last one", [.truncatedBody],
                to: LoopbackResponse([.head(200, .chunked), .pattern(999, chunkSize: 100), .close])),
            failure(
                "a chunk that breaks off", [.truncatedBody],
                to: LoopbackResponse([.head(200, .chunked), .pattern(900, chunkSize: 100), .text("64\r\n"), .close])),
            failure(
                "a chunk size that is no number", [.malformedResponse],
                to: LoopbackResponse([
                    .head(200, .chunked), .pattern(900, chunkSize: 100), .text("zz\r\nab\r\n"), .close,
                ])),
        ] + [
            Check("a connection that ends within the head") { run in
                guard run.expectations.survivesCutHead else { return }
                try await run.withServer { _ in
                    LoopbackResponse([.text("HTTP/1.1 200 OK\r\ncontent-le"), .close])
                } body: { server in
                    try await run.fails("half a head", [.connectionLost, .malformedResponse]) {
                        _ = try await run.get(server.url)
                    }
                }
            },
            Check("a connection that is reset within the body") { run in
                for framing in [HeaderFields.length(1000), .chunked, [:]] {
                    let gate = Gate()
                    try await run.withServer { _ in
                        LoopbackResponse([
                            .head(200, framing), framing == .chunked ? .chunk("ab") : .text("ab"), .wait(gate), .reset,
                        ])
                    } body: { server in
                        try await run.fails("a reset within the body (\(framing))", [.connectionLost]) {
                            var chunks = try await run.get(server.url).body.makeAsyncIterator()
                            let first = try await chunks.next()
                            gate.open()
                            try run.require(first != nil, "the body is empty")
                            while try await chunks.next() != nil {}
                        }
                    }
                }
            },
            Check("bytes before a failure are handed over") { run in
                try await run.withServer { _ in
                    LoopbackResponse([.head(200, .length(1000)), .pattern(999), .close])
                } body: { server in
                    try await run.inTime("a body that breaks off") {
                        var count = 0
                        do {
                            for try await chunk in try await run.get(server.url).body { count += chunk.count }
                        } catch is TransportError {}
                        try run.require(count == 999, "\(count) bytes of the 999 that came")
                    }
                }
            },
        ]

    /// A check that an exchange fails with one of the codes, whether at its head or in its body; without response nobody listens.
    private static func failure(
        _ name: String, _ codes: [TransportError.Code], to response: LoopbackResponse?
    ) -> Check {
        Check("a typed error: \(name)") { run in
            // Both with time to fail by itself and without hanging when it does not.
            guard let response else {
                let url = try await run.withServer { _ in
                    .text("")
                } body: {
                    $0.url
                }
                return try await run.fails(name, codes) { _ = try await run.get(url) }
            }
            try await run.withServer { _ in
                response
            } body: { server in
                try await run.fails(name, codes) {
                    _ = try await run.get(server.url).body.collect(upTo: 1 << 20)
                }
            }
        }
    }
}
