import StreamTransport
import WireProtocols

extension TransportCompliance {
    /// What is promised of TLS itself; these checks are run with a certificate only.
    public static let tlsChecks = [
        Check("TLS: a server that an unknown authority vouches for is refused") { run in
            try await run.requireRefusal(of: try LoopbackTLS())
        },
        Check("TLS: a certificate for another name is refused") { run in
            try await run.requireRefusal(of: try run.certificate().sibling(names: ["elsewhere.test"]))
        },
        Check("TLS: a certificate that has expired is refused") { run in
            try await run.requireRefusal(of: try run.certificate().sibling(lifetime: .seconds(-60)))
        },
        Check("TLS: a handshake without end times out and closes") { run in
            // A plain server takes what the client begins with for half a request.
            try await withLoopbackServer { _ in
                .text("")
            } body: { server in
                let limit = Duration.milliseconds(300)
                try await run.fails(
                    "a server that is silent", [.connectTimeout, .firstByteTimeout], within: limit + .seconds(3)
                ) {
                    _ = try await run.get(
                        "https" + server.url.dropFirst("http".count),
                        TransportTimeouts(connect: limit, firstByte: limit, idle: nil, total: nil))
                }
                let isClosed = try await run.eventually(limit: .seconds(1)) {
                    server.connectionCount > 0 && server.openConnectionCount == 0
                }
                try run.require(isClosed, "the connection stays open")
            }
        },
        Check("TLS: a connection that ends within the handshake is no failure of TLS") { run in
            // A plain server waits for the rest of what it takes for a request, and ends the connection when it is shut down.
            let (task, isConnected) = try await withLoopbackServer { _ in
                .text("")
            } body: { server in
                let url = "https" + server.url.dropFirst("http".count)
                let task = Task { _ = try await run.get(url) }
                return (task, try await run.eventually(limit: .seconds(5)) { server.connectionCount > 0 })
            }
            try await run.fails("a connection that ends within the handshake", [.connectionFailed, .connectionLost]) {
                try await task.value
            }
            try run.require(isConnected, "no connection is made")
        },
        Check("TLS: a body until the connection's end that somebody cuts is not whole") { run in
            guard run.expectations.noticesCuts else { return }
            try await run.withServer { _ in
                LoopbackResponse([.head(200), .pattern(999), .cut])
            } body: { server in
                try await run.fails("a body that is cut", [.truncatedBody, .connectionLost]) {
                    _ = try await run.get(server.url).body.collect(upTo: 1 << 20)
                }
            }
        },
    ]
}

extension ComplianceRun {
    fileprivate func certificate() throws -> LoopbackTLS {
        guard let tls else { throw violation("this check needs a certificate: run it over TLS") }
        return tls
    }

    fileprivate func requireRefusal(of certificate: LoopbackTLS) async throws {
        _ = try self.certificate()
        try await withLoopbackServer(over: certificate) { _ in
            .text("secret")
        } body: { server in
            try await fails("a server that is not to be trusted", [.tlsFailed]) {
                _ = try await get(server.url)
            }
            try require(server.exchanges.isEmpty, "a request was sent to it")
        }
    }
}
