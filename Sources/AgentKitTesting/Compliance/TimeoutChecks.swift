import StreamTransport
import WireProtocols

extension TransportCompliance {
    private static let short = Duration.milliseconds(300)
    private static let slack = Duration.seconds(3)

    static let timeoutChecks = [
        Check("the connect timeout fires") { run in
            try await run.withUnresponsiveServer { url in
                try await run.fails(
                    "connecting to a port that does not answer",
                    [run.expectations.tellsConnecting ? .connectTimeout : .firstByteTimeout], within: short + slack
                ) {
                    var timeouts = TransportTimeouts.none
                    if run.expectations.tellsConnecting { timeouts.connect = short } else { timeouts.firstByte = short }
                    _ = try await run.get(url, timeouts)
                }
            }
        },
        Check("the connect timeout spares a connection that stands") { run in
            try await run.withGrowing(short) { short in
                let gate = Gate()
                try await run.withServer { _ in
                    LoopbackResponse([.wait(gate), .head(200, .length(0))])
                } body: { server in
                    try await run.inTime("a slow answer") {
                        let opener = Task {
                            try await Task.sleep(for: short * 2)
                            gate.open()
                        }
                        _ = try await run.get(
                            server.url, TransportTimeouts(connect: short, firstByte: nil, idle: short, total: nil))
                        try await opener.value
                    }
                }
            }
        },
        Check("the first-byte timeout fires and closes") { run in
            try await run.withGrowing(short) { short in
                try await run.withServer { request in
                    LoopbackResponse([.text(request.path == "/half" ? "HTTP/1.1 200 OK\r\nx-a: b\r\n" : ""), .stall])
                } body: { server in
                    for (number, path) in ["/none", "/half"].enumerated() {
                        try await run.fails(path, [.firstByteTimeout], within: short + slack) {
                            _ = try await run.get(
                                server.url + path,
                                TransportTimeouts(connect: nil, firstByte: short, idle: nil, total: nil))
                        }
                        try await run.requireClosed(server, number)
                    }
                }
            }
        },
        Check("the idle timeout fires and closes") { run in
            try await run.withServer { _ in
                LoopbackResponse([.head(200, .chunked), .chunk("a"), .stall])
            } body: { server in
                try await run.fails("a server that falls silent", [.idleTimeout], within: short + slack) {
                    let response = try await run.get(
                        server.url, TransportTimeouts(connect: nil, firstByte: nil, idle: short, total: nil))
                    _ = try await response.body.collect(upTo: 100)
                }
                try await run.requireClosed(server, 0)
            }
        },
        Check("the idle timeout is no limit for a server that goes on, nor for a slow reader") { run in
            try await run.withGrowing(short) { short in
                let gates = (0..<6).map { _ in Gate() }
                try await run.withServer { _ in
                    LoopbackResponse(
                        [.head(200, .chunked)] + gates.flatMap { [.wait($0), .chunk("a")] } + [.lastChunk])
                } body: { server in
                    try await run.inTime("a trickle") {
                        let opener = Task {
                            for gate in gates {
                                try await Task.sleep(for: short / 3)
                                gate.open()
                            }
                        }
                        let response = try await run.get(
                            server.url, TransportTimeouts(connect: nil, firstByte: nil, idle: short, total: nil))
                        var chunks = response.body.makeAsyncIterator()
                        var count = try await chunks.next()?.count ?? 0
                        // The reader does not read for longer than the timeout, and the server has sent all meanwhile.
                        try await opener.value
                        try await Task.sleep(for: short * 2)
                        while let chunk = try await chunks.next() { count += chunk.count }
                        try run.require(count == 6, "\(count) bytes of 6")
                    }
                }
            }
        },
        Check("the total timeout fires and closes, whatever comes") { run in
            try await run.withGrowing(short) { short in
                try await run.withServer { request in
                    request.path == "/head"
                        ? LoopbackResponse([.stall])
                        : LoopbackResponse([.head(200, .chunked), .chunk("a"), .stall])
                } body: { server in
                    for (number, path) in ["/head", "/body"].enumerated() {
                        try await run.fails(
                            "a response that takes too long (\(path))", [.totalTimeout], within: short + slack
                        ) {
                            let response = try await run.get(
                                server.url + path,
                                TransportTimeouts(connect: nil, firstByte: nil, idle: nil, total: short))
                            _ = try await response.body.collect(upTo: 100)
                        }
                        try await run.requireClosed(server, number)
                    }
                }
            }
        },
    ]
}

extension ComplianceRun {
    /// Checks what a machine that stands still for longer than the timeout does not let happen, such as that a request is sent in time: with
    /// longer ones too, of which one must do.
    fileprivate func withGrowing(_ timeout: Duration, _ check: (Duration) async throws -> Void) async throws {
        for factor in [1, 4] {
            do {
                return try await check(timeout * factor)
            } catch is ComplianceViolation {}
        }
        try await check(timeout * 12)
    }

    /// The client must have closed the connection of a request within a second.
    func requireClosed(_ server: LoopbackServer, _ number: Int) async throws {
        let closed = try await inTime("closing the connection", limit: .seconds(1)) {
            try await server.exchange(number).waitUntilEnded()
        }
        try require(closed, "the connection ended, but not by the client")
    }
}
