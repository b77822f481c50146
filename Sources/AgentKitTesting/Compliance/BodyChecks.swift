import StreamTransport
import WireProtocols

extension TransportCompliance {
    static let bodyChecks = [
        Check("the bytes of a body are exact, in every framing") { run in
            for count in [0, 1, 2, 4096, 65_536, 1_000_003] {
                for framing in ["length", "close", "chunks of 1", "chunks of 1000", "chunks of 65521"] {
                    let size =
                        framing.hasPrefix("chunks") ? framing.split(separator: " ").last.flatMap { Int($0) } : nil
                    if size == 1, count > 5000 { continue }
                    let what = "\(count) bytes, \(framing)"
                    try await run.withServer { _ in
                        if framing == "length" {
                            return LoopbackResponse([.head(200, .length(count)), .pattern(count)])
                        }
                        guard let size else { return LoopbackResponse([.head(200), .pattern(count), .close]) }
                        return LoopbackResponse(
                            [.head(200, .chunked), .pattern(count, chunkSize: size), .lastChunk])
                    } body: { server in
                        try await run.inTime(what) {
                            let response = try await run.get(server.url)
                            try run.require(response.head.status == 200, "\(what): status \(response.head.status)")
                            try await run.requirePattern(response.body, count: count, what)
                        }
                    }
                }
            }
        },
        Check("a piece of the body is handed over when it comes") { run in
            let gates = (0..<3).map { _ in Gate() }
            try await run.withServer { _ in
                LoopbackResponse(
                    [.head(200, .chunked)] + gates.flatMap { [.chunk("piece"), .wait($0)] } + [.lastChunk])
            } body: { server in
                try await run.inTime("reading piece by piece") {
                    var chunks = try await run.get(server.url).body.makeAsyncIterator()
                    for gate in gates {
                        var piece: [UInt8] = []
                        while piece.count < 5, let chunk = try await chunks.next() { piece += chunk }
                        try run.require(piece == Array("piece".utf8), "a piece is '\(piece)'")
                        gate.open()
                    }
                    try run.require(try await chunks.next() == nil, "more than was sent")
                    try run.require(try await chunks.next() == nil, "more after the end")
                }
            }
        },
        Check("a slow reader does not make memory grow") { run in
            let size = 1 << 30
            try await run.withServer { _ in
                LoopbackResponse([.head(200, .length(size)), .pattern(size)])
            } body: { server in
                let before = ProcessFigures.residentBytes ?? 0
                var chunks = try await run.inTime("the head of 1 GiB") {
                    try await run.get(server.url).body.makeAsyncIterator()
                }
                let first = try await chunks.next()
                let exchange = try await run.exchange(0, of: server)
                // As long as the server gets rid of bytes, nobody reads.
                var sent = -1
                while !exchange.isEnded, exchange.bytesSent != sent {
                    sent = exchange.bytesSent
                    try await Task.sleep(for: .milliseconds(300))
                }
                let grown = (ProcessFigures.residentBytes ?? 0) - before
                let limit = run.expectations.slowReader.memory
                try run.require(grown <= limit, "memory grew by \(grown) bytes, at most \(limit) were allowed")
                guard run.expectations.slowReader.failsBeyondBuffer else {
                    try run.require(!exchange.isEnded, "the connection was closed on a slow reader")
                    try run.require(sent <= limit, "the server got rid of \(sent) bytes that nobody read")
                    return try await run.readOn(chunks, behind: first?.count ?? 0, of: size, memory: before + limit)
                }
                let reader = chunks
                try await run.fails("a slow reader", [.bufferLimitExceeded]) {
                    var chunks = reader
                    while try await chunks.next() != nil {}
                }
            }
        },
        Check("what comes behind the content-length is no part of the body") { run in
            try await run.withServer { _ in
                LoopbackResponse([.head(200, .length(10)), .text("0123456789and more"), .close])
            } body: { server in
                // Often: who uses the connection again meets its end at another moment each time.
                for number in 0..<20 {
                    try await run.inTime("a body with bytes behind it") {
                        do {
                            let body = try await run.get(server.url).body.collect(upTo: 100)
                            try run.require(
                                body == Array("0123456789".utf8), "the body has \(body.count) bytes instead of 10")
                        } catch let error as TransportError {
                            // Who uses the connection again may find there what is no response.
                            guard number > 0, error.code == .malformedResponse || error.code == .connectionLost else {
                                throw error
                            }
                        }
                    }
                }
            }
        },
        Check("a body has one reader") { run in
            try await run.withServer { _ in
                .text("once")
            } body: { server in
                try await run.inTime("reading twice") {
                    let response = try await run.get(server.url)
                    _ = try await response.body.collect(upTo: 4)
                    do throws(TransportError) {
                        _ = try await response.body.collect(upTo: 4)
                    } catch {
                        return try run.require(error.code == .bodyAlreadyRead, "a second reader gets \(error)")
                    }
                    throw run.violation("a second reader got the body")
                }
            }
        },
    ]
}

extension ComplianceRun {
    /// Reads on in a body that must be the first `size` bytes of the pattern, while the process holds no more than `memory` bytes.
    fileprivate func readOn(
        _ chunks: ResponseBody.Iterator, behind position: Int, of size: Int, memory: Int
    ) async throws {
        try await inTime("reading on", limit: expectations.patience * 4) {
            var chunks = chunks
            var position = position
            var looked = 0
            while let chunk = try await chunks.next() {
                try require(
                    LoopbackPattern.matches(chunk, at: position),
                    "other bytes than were sent, behind byte \(position)")
                position += chunk.count
                guard position - looked > 64 << 20 else { continue }
                looked = position
                let resident = ProcessFigures.residentBytes ?? 0
                try require(resident <= memory, "\(resident - memory) bytes too much of memory at byte \(position)")
            }
            try require(position == size, "\(position) bytes instead of \(size)")
        }
    }
}

extension HeaderFields {
    static let chunked = HeaderFields([.chunkedCoding])
    static func length(_ count: Int) -> HeaderFields { HeaderFields([.contentLength(count)]) }
}
