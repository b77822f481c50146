import AgentKitTesting
import StreamTransport
import Testing
import TransportTestSupport
import WireProtocols

@Suite("Replaying transport")
struct ReplayTests {
    let request = ExchangeRequest(url: "http://replay.test/")

    @Test("Responses in order, in chunks of the given size, with the requests kept", arguments: [1, 2, 3, 100])
    func order(size: Int) async throws {
        let transport = ReplayTransport([
            .events("data: a\n\n", chunkSize: size), ReplayResponse(status: 503, body: Array("busy".utf8)),
        ])
        let first = try await transport.send(request)
        #expect(first.head.headers.mediaType == "text/event-stream")
        var chunks: [[UInt8]] = []
        for try await chunk in first.body { chunks.append(chunk) }
        #expect(chunks.flatMap { $0 } == Array("data: a\n\n".utf8))
        #expect(chunks.dropLast().allSatisfy { $0.count == size })
        let second = try await transport.send(ExchangeRequest(method: "POST", url: "http://replay.test/2"))
        #expect(second.head.status == 503)
        #expect(try await second.body.collect(upTo: 4) == Array("busy".utf8))
        #expect(transport.requests.map(\.method) == ["GET", "POST"])
        let error = await #expect(throws: TransportError.self) { try await transport.send(request) }
        #expect(error?.code == .connectionFailed)
    }

    @Test("A body has one consumer, and is counted until it is let go")
    func oneConsumer() async throws {
        let transport = ReplayTransport([.events("data: a\n\n")])
        do {
            let response = try await transport.send(request)
            var first = response.body.makeAsyncIterator()
            var second = response.body.makeAsyncIterator()
            #expect(try await first.next() != nil)
            let error = await #expect(throws: TransportError.self) { try await second.next() }
            #expect(error?.code == .bodyAlreadyRead)
            #expect(try await second.next() == nil)
            #expect(try await first.next() == nil)
            #expect(transport.openBodies == 1)
        }
        #expect(transport.openBodies == 0)
    }

    @Test("Collecting is bounded and closes the body")
    func collectLimit() async throws {
        let transport = ReplayTransport([.events("data: a\n\n", chunkSize: 4, ending: .silence)])
        let response = try await transport.send(request)
        let error = await #expect(throws: TransportError.self) { try await response.body.collect(upTo: 7) }
        #expect(error?.code == .responseTooLarge)
        #expect(transport.openBodies == 0)
    }

    @Test("Failures and silence, on the clock")
    func endings() async throws {
        let clock = ManualClock()
        let transport = ReplayTransport(
            [
                .silence, .failure(TransportError(.tlsFailed, "no")), .events("x", ending: .silence),
                .events("y", ending: .failure(TransportError(.truncatedBody, "cut"))),
            ], clock: clock)
        async let silent = errorCode { _ = try await transport.send(request) }
        try await clock.waitForSleepers()
        clock.advance(by: .seconds(120))
        #expect(await silent == .firstByteTimeout)
        #expect(await errorCode { _ = try await transport.send(request) } == .tlsFailed)
        async let idle = errorCode { _ = try await transport.send(request).body.collect(upTo: 9) }
        try await clock.waitForSleepers()
        clock.advance(by: .seconds(120))
        #expect(await idle == .idleTimeout)
        #expect(await errorCode { _ = try await transport.send(request).body.collect(upTo: 9) } == .truncatedBody)
        #expect(transport.openBodies == 0)
    }

    @Test("Silence and gates end by cancellation")
    func cancellation() async throws {
        let gate = Gate()
        let transport = ReplayTransport([.silence, .events([.wait(gate), .text("x")])])
        for _ in 0..<2 {
            let task = Task { await errorCode { _ = try await transport.send(request).body.collect(upTo: 9) } }
            while transport.requests.isEmpty { await Task.yield() }
            task.cancel()
            #expect(await task.value == .cancelled)
        }
        #expect(gate.waiterCount == 0)
    }

    @Test("A gate holds a body until it is opened")
    func gate() async throws {
        let gate = Gate()
        let transport = ReplayTransport([.events([.text("a"), .wait(gate), .text("b")])])
        var chunks = try await transport.send(request).body.makeAsyncIterator()
        #expect(try await chunks.next() == Array("a".utf8))
        gate.open()
        #expect(try await chunks.next() == Array("b".utf8))
        #expect(try await chunks.next() == nil)
    }
}

@Suite("Injected faults")
struct FaultTests {
    let request = ExchangeRequest(url: "http://replay.test/")
    let text = "0123456789"

    private func outcome(_ faults: [TransportFault], chunkSize: Int = 3) async throws -> (
        [String], TransportError.Code?
    ) {
        let base = ReplayTransport([.events(text, chunkSize: chunkSize)])
        let transport = FaultInjectingTransport(base, faults: [faults])
        var chunks: [String] = []
        var code: TransportError.Code?
        do {
            let response = try await transport.send(request)
            for try await chunk in response.body { chunks.append(String(decoding: chunk, as: UTF8.self)) }
        } catch {
            code = error.code
        }
        #expect(base.openBodies == 0)
        #expect(transport.requests.count == 1)
        return (chunks, code)
    }

    @Test("Cuts at every byte", arguments: 0...10)
    func cuts(position: Int) async throws {
        let (failed, code) = try await outcome([.cut(after: position)])
        #expect(failed.joined() == String(text.prefix(position)))
        #expect(code == .connectionLost)
        let (ended, none) = try await outcome([.end(after: position)])
        #expect(ended.joined() == String(text.prefix(position)))
        #expect(none == nil)
    }

    @Test("Corruption at every byte", arguments: 0...11)
    func corruption(position: Int) async throws {
        let (chunks, _) = try await outcome([.corrupt(at: position, mask: 0x40)])
        var expected = Array(text.utf8)
        if position < 10 { expected[position] ^= 0x40 }
        #expect(chunks.joined() == String(decoding: expected, as: UTF8.self))
    }

    @Test("Other chunks, with the same bytes", arguments: [1, 3, 4, 9, 10, 11])
    func rechunk(size: Int) async throws {
        let (chunks, _) = try await outcome([.rechunk(size)])
        #expect(chunks.joined() == text)
        #expect(chunks.dropLast().allSatisfy { $0.utf8.count == size })
    }

    @Test("Faults add up in order, and an exchange without faults stays as it is")
    func several() async throws {
        let (chunks, code) = try await outcome([.rechunk(4), .cut(after: 6, code: .truncatedBody)])
        #expect(chunks == ["0123", "45"])
        #expect(code == .truncatedBody)
        #expect(try await outcome([]).0.joined() == text)
        #expect(try await outcome([.connectFailure]).1 == .connectionFailed)
    }

    @Test("Status, slowness and a stall")
    func slow() async throws {
        let clock = ManualClock()
        let base = ReplayTransport([.events(text), .events(text)])
        let transport = FaultInjectingTransport(
            base, clock: clock, faults: [[.status(502), .slow(5, every: .seconds(1))], [.stall(after: 4)]])
        let response = try await transport.send(request)
        #expect(response.head.status == 502)
        async let slow = response.body.collect(upTo: 10)
        for _ in 0..<2 {
            try await clock.waitForSleepers()
            clock.advance(by: .seconds(1))
        }
        #expect(try await slow == Array(text.utf8))
        var chunks = try await transport.send(request).body.makeAsyncIterator()
        #expect(try await chunks.next() == Array("0123".utf8))
        let rest = Task { [chunks] in
            var chunks = chunks
            return try await chunks.next()
        }
        try await clock.waitForSleepers()
        clock.advance(by: .seconds(120))
        let error = await #expect(throws: TransportError.self) { try await rest.value }
        #expect(error?.code == .idleTimeout)
    }
}
