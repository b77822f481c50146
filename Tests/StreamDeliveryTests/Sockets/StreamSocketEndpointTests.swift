import DurableLog
import StreamCore
import StreamDelivery
import Testing
import WireProtocols

/// Frames that are easily read: `t:` or `b:`, the payload, `|`.
struct BarFraming: SocketFraming {
    let name = "bar"
    func append(_ payload: UnsafeRawBufferPointer, isText: Bool, to output: inout [UInt8]) {
        output += Array((isText ? "t:" : "b:").utf8) + Array(payload) + [UInt8(ascii: "|")]
    }
}

@Suite struct StreamSocketEndpointTests {
    private let stream: StreamID = "s"

    private func open(
        _ hub: DeliveryHub, _ query: String = "", access: DeliveryAccess = .open, headers: HeaderFields = [:],
        missing: MissingStream = .refuse
    ) async throws -> any DeliveryConversation {
        let endpoint = StreamSocketEndpoint(hub: hub, address: .path(after: "/ws/"), access: access, missing: missing)
        switch await endpoint.accept(DeliveryRequest(target: "/ws/s" + query, headers: headers, remoteAddress: "a")) {
        case .accept(_, let begin): return begin(BarFraming())
        case .refuse(let response): throw DeliveryRefusal(.badRequest, status: response.status, "refused")
        }
    }

    @Test func everyEventIsOneMessageEncodedOnce() async throws {
        let log = MemoryEventLog(firstEra: 1)
        let hub = DeliveryHub(log: log)
        var all: [any DeliveryConversation] = []
        for _ in 0..<10 { all.append(try await open(hub, missing: .create(StreamOptions()))) }
        try await log.append(
            [.number(1), .secret(), StreamEvent(type: .content, payload: [0xFF, 0x41]), .number(2)], to: stream)
        var shared: Set<ObjectIdentifier> = []
        for conversation in all {
            guard case .piece(let piece) = conversation.next(maxBytes: 1000) else {
                Issue.record("nothing")
                return
            }
            shared.insert(ObjectIdentifier(piece.shared))
            #expect(Array(piece.bytes) == Array("t:1|b:".utf8) + [0xFF, 0x41] + Array("|t:2|".utf8))
        }
        #expect(shared.count == 1)
        try await log.close(stream)
        for conversation in all {
            guard case .end = conversation.next(maxBytes: 1000) else {
                Issue.record("not ended")
                return
            }
            #expect(conversation.closure.code == .normalClosure)
            #expect(conversation.closure.reason.contains("000100000000004"))
        }
        #expect(hub.connections.count == 0)
        #expect(hub.readerCount == 0)
    }

    @Test(arguments: [
        ("?lastEventId=000100000000002", "t:3|"), ("?lastEventId=1", "t:3|"), ("?lastEventId=0", "t:2|t:3|"),
        ("?from=now", ""), ("", "t:1|t:2|t:3|"), ("?types=agent:seam", ""),
        (
            "?lastEventId=77",
            #"t:{"type":"gap","asked":"00010000000002e","oldest":"000100000000001","newest":"000100000000003"}|t:1|t:2|t:3|"#
        ),
    ]) func aReaderGoesOnBehindWhatItSaw(query: String, expected: String) async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        try await log.append([.number(1), .number(2), .number(3)], to: stream)
        let expected = expected
        let stream = stream
        try await withHub(log) { hub in
            let conversation = try await open(hub, query)
            let waker = Waker(conversation.signal)
            conversation.attach { waker.ready() }
            try await log.close(stream)
            let (text, ended) = await conversation.pull(waker)
            #expect(text == expected)
            #expect(ended)
        }
    }

    @Test(arguments: ["?lastEventId=-1", "?lastEventId=1e3", "?lastEventId=99999999999999999999", "?from=x"])
    func whatCannotBeReadIsRefused(query: String) async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let hub = DeliveryHub(log: log)
        let refusal = await #expect(throws: DeliveryRefusal.self) { _ = try await open(hub, query) }
        #expect(refusal?.status == 400)
        #expect(hub.readerCount == 0)
    }

    @Test(arguments: [
        ("https://good.example", true), ("https://GOOD.example", true), ("http://good.example", false),
        ("https://good.example.evil", false), ("null", false), ("https://own.example", true),
        ("https://own.example:444", false),
        ("file://", false),
    ]) func aPageOfAnotherOriginGetsNoSocket(origin: String, isAllowed: Bool) async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let hub = DeliveryHub(log: log)
        var access = DeliveryAccess.open
        access.origins = OriginPolicy(allowed: .these(["https://good.example"]))
        let headers: HeaderFields = ["origin": origin, "host": "own.example"]
        if isAllowed {
            _ = try await open(hub, access: access, headers: headers)
        } else {
            let refusal = await #expect(throws: DeliveryRefusal.self) {
                _ = try await open(hub, access: access, headers: headers)
            }
            #expect(refusal?.status == 403)
        }
        _ = try await open(hub, access: access, headers: ["host": "own.example"])
        access.origins.allowsMissing = false
        await #expect(throws: DeliveryRefusal.self) { _ = try await open(hub, access: access) }
    }

    @Test func whoTalksTooMuchIsClosed() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let hub = DeliveryHub(log: log)
        var access = DeliveryAccess.open
        access.rates = RateLimiter(
            RateLimits(messagesPerAddress: Rate(perSecond: 1, burst: 3)), now: { .zero })
        let conversation = try await open(hub, access: access)
        let woken = Counter()
        conversation.attach { woken.add() }
        for _ in 0..<3 { #expect(conversation.receive(.text("hello"))) }
        #expect(!conversation.receive(.text("hello")))
        #expect(woken.value == 1)
        guard case .end = conversation.next(maxBytes: 100) else {
            Issue.record("not ended")
            return
        }
        #expect(conversation.closure.code == .policyViolation)
    }

    @Test func drainingAndRevokingCloseWithTheirCodes() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        for (code, word) in [(WebSocketCloseCode.serviceRestart, "restarts"), (.policyViolation, "revoked")] {
            let hub = DeliveryHub(log: log)
            var access = DeliveryAccess.open
            access.authenticate = { (_) throws(DeliveryRefusal) in DeliveryPrincipal(id: "ann") }
            let conversation = try await open(hub, access: access)
            if word == "revoked" { hub.connections.revoke(principal: "ann") } else { hub.drain() }
            guard case .end = conversation.next(maxBytes: 100) else {
                Issue.record("not ended")
                return
            }
            #expect(conversation.closure.code == code)
            #expect(conversation.closure.reason.contains(word))
        }
    }

    @Test func aHandshakeThatIsNotFinishedLeavesNothing() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let hub = DeliveryHub(log: log)
        let endpoint = StreamSocketEndpoint(hub: hub, address: .fixed(stream))
        do {
            let answer = await endpoint.accept(DeliveryRequest(target: "/"))
            withExtendedLifetime(answer) {
                guard case .accept = answer else {
                    Issue.record("refused")
                    return
                }
                #expect(hub.readerCount == 1)
            }
        }
        #expect(hub.readerCount == 0)
        #expect(hub.connections.count == 0)
    }
}
