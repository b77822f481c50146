package import StreamTransport
import WireProtocols

/// What a transport promises over HTTP/2, checked against `Tests/Peers/http2_peer.py`; the loopback server speaks HTTP/1.1 only.
package struct HTTP2PeerCheck: Sendable, CustomStringConvertible {
    /// What is promised, in a few words; unique.
    package let description: String
    private let body: @Sendable (ComplianceRun, _ url: String) async throws -> Void

    private init(_ name: String, _ body: @escaping @Sendable (ComplianceRun, _ url: String) async throws -> Void) {
        description = name
        self.body = body
    }

    /// Checks a transport.
    ///
    /// - Parameters:
    ///   - transport: The transport, which trusts the peer's certificate.
    ///   - url: The peer's root, without a slash at its end.
    ///   - memory: By how many bytes a slow reader may let memory grow.
    /// - Throws: ``ComplianceViolation`` when the promise is not kept.
    package func run(on transport: any HTTPTransport, url: String, memory: Int = 64 << 20) async throws {
        let expectations = TransportCompliance.Expectations(slowReader: .backpressure(memory: memory))
        try await body(
            ComplianceRun(check: description, transport: transport, expectations: expectations, tls: nil), url)
    }

    /// All checks.
    package static let all = [
        HTTP2PeerCheck("HTTP/2: requests and responses are exact") { run, url in
            let large = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            for body in [[], [1], large] {
                try await run.inTime("an echo of \(body.count) bytes") {
                    let response = try await run.send(
                        ExchangeRequest(method: "POST", url: url + "/echo", headers: ["x-a": "b"], body: body))
                    try run.require(response.head.headers["x-peer"] == "hypercorn", "a header field is missing")
                    let answer = try await response.body.collect(upTo: body.count + 100)
                    try run.require(answer.starts(with: "2 POST ".utf8), "this is not HTTP/2: \(answer.prefix(10))")
                    try run.require(
                        answer.dropFirst(7).elementsEqual(body), "the echo of \(body.count) bytes is another")
                }
            }
            for (count, size) in [(0, 1), (1, 1), (5000, 1), (65_535, 1000), (2_000_003, 16_064)] {
                try await run.inTime("\(count) bytes in pieces of \(size)") {
                    try await run.requireRests(count, of: run.get(url + "/pattern?count=\(count)&size=\(size)"))
                }
            }
        },
        HTTP2PeerCheck("HTTP/2: many exchanges at a time") { run, url in
            try await run.inTime("64 exchanges") {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<64 {
                        group.addTask {
                            let count = number * 10_000
                            try await run.requireRests(count, of: run.get(url + "/pattern?count=\(count)"))
                        }
                    }
                    try await group.waitForAll()
                }
            }
        },
        HTTP2PeerCheck("HTTP/2: cancelling and letting go reset the stream within a second") { run, url in
            // The peer remembers ids for as long as it runs.
            let nonce = UInt64.random(in: 0 ... .max)
            for (id, query) in [("silent\(nonce)", "&silent"), ("flood\(nonce)", "")] {
                let started = Gate()
                let task = Task {
                    for try await _ in try await run.get("\(url)/endless?id=\(id)\(query)").body { started.open() }
                }
                try await run.inTime("the first byte (\(id))") { try await started.wait() }
                task.cancel()
                try await run.fails("a cancelled body (\(id))", [.cancelled], within: .seconds(1)) {
                    try await task.value
                }
                try await run.requireGone(id, url)
            }
            try await run.inTime("a response that is read in part") {
                var chunks = try await run.get(url + "/endless?id=let-go\(nonce)&silent").body.makeAsyncIterator()
                _ = try await chunks.next()
            }
            try await run.requireGone("let-go\(nonce)", url)
        },
        HTTP2PeerCheck("HTTP/2: a slow reader holds the server back") { run, url in
            let id = UInt64.random(in: 0 ... .max)
            let before = ProcessFigures.residentBytes ?? 0
            var chunks = try await run.inTime("the head") {
                try await run.get(url + "/endless?id=\(id)").body.makeAsyncIterator()
            }
            _ = try await chunks.next()
            // As long as the server gets rid of bytes, nobody reads; the questions also show that one such response holds up no others.
            var sent = -1
            while true {
                let now = try await run.inTime("asking how much was sent") {
                    let body = try await run.get(url + "/count?id=\(id)").body.collect(upTo: 20)
                    return Int(String(decoding: body, as: UTF8.self)) ?? 0
                }
                if now == sent { break }
                sent = now
                try await Task.sleep(for: .milliseconds(300))
            }
            let limit = run.expectations.slowReader.memory
            let grown = (ProcessFigures.residentBytes ?? 0) - before
            try run.require(grown <= limit, "memory grew by \(grown) bytes, at most \(limit) were allowed")
            try run.require(sent <= 64 << 20, "the server got rid of \(sent) bytes that nobody read")
            var more = 0
            while more < 80 << 20, let chunk = try await chunks.next() { more += chunk.count }
            try run.require(more >= 80 << 20, "the body ended after \(more) bytes")
            let later = (ProcessFigures.residentBytes ?? 0) - before
            try run.require(later <= limit, "memory grew by \(later) bytes while it was read")
        },
        HTTP2PeerCheck("HTTP/2: a response that breaks off is an error") { run, url in
            try await run.fails("a body that breaks off", [.truncatedBody, .connectionLost]) {
                _ = try await run.get(url + "/cut").body.collect(upTo: 100)
            }
        },
    ]
}

extension ComplianceRun {
    /// Reads a body of the peer's pattern.
    fileprivate func requireRests(_ count: Int, of response: TransportResponse) async throws {
        var position = 0
        for try await chunk in response.body {
            let isRight = chunk.indices.allSatisfy { Int(chunk[$0]) == (position + $0) % 251 }
            try require(isRight, "other bytes than were sent, behind byte \(position) of \(count)")
            position += chunk.count
        }
        try require(position == count, "\(position) bytes instead of \(count)")
    }

    /// The peer must have seen the end of an endless response.
    fileprivate func requireGone(_ id: String, _ url: String) async throws {
        try await inTime("resetting the stream (\(id))", limit: .seconds(1)) {
            _ = try await get("\(url)/left?id=\(id)").body.collect(upTo: 4)
        }
    }
}
