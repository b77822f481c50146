import DurableLog
import StreamCore
import StreamDelivery
import Synchronization
import Testing
import WireProtocols

@Suite struct LiveConnectionTests {
    private let stream: StreamID = "s"

    /// Bearer tokens `user:credential`.
    private func access(_ rates: RateLimiter? = nil) -> DeliveryAccess {
        DeliveryAccess(
            authenticate: { (credentials) throws(DeliveryRefusal) in
                guard let parts = credentials.bearerToken?.split(separator: ":"), parts.count == 2 else {
                    throw DeliveryRefusal(.unauthenticated, "no token")
                }
                return DeliveryPrincipal(id: String(parts[0]), credentialID: String(parts[1]))
            },
            authorise: { principal, stream, _ in principal.id != "mallory" }, rates: rates)
    }

    private func open(_ endpoint: ServerSentEventsEndpoint, as token: String, id: Offset? = nil) async
        -> DeliveryResponse
    {
        var headers: HeaderFields = ["accept": "text/event-stream", "authorization": "Bearer \(token)"]
        if let id { try? headers.append("last-event-id", id.description) }
        return await endpoint.respond(
            to: DeliveryRequest(target: "/e/s", headers: headers, remoteAddress: "192.0.2.1"))
    }

    private func source(_ response: DeliveryResponse) throws -> any DeliverySource {
        guard case .stream(let source) = response.body else { throw DeliveryRefusal(.notFound, "\(response.status)") }
        return source
    }

    @Test func aRevokedCredentialEndsItsConnectionsAtOnceAndNoOthers() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let hub = DeliveryHub(log: log)
        let endpoint = ServerSentEventsEndpoint(hub: hub, address: .path(after: "/e/"), access: access())
        var sources: [String: any DeliverySource] = [:]
        let woken = Mutex<Set<String>>([])
        for token in ["ann:1", "ann:2", "bob:1"] {
            let source = try source(await open(endpoint, as: token))
            source.attach { woken.withLock { _ = $0.insert(token) } }
            while case .piece = source.next(maxBytes: 1000) {}
            sources[token] = source
        }
        #expect(hub.connections.revoke(principal: "ann", credential: "1") == 1)
        #expect(woken.withLock { $0 } == ["ann:1"])
        // What is appended after that is not sent any more.
        try await log.append([.number(1)], to: stream)
        let told = await sources["ann:1"]!.pullAll()
        #expect(told == ": the credential was revoked\n\n")
        #expect(await sources["ann:2"]!.pullAll().contains("data: 1"))
        #expect(hub.connections.revoke(principal: "ann") == 1)
        #expect(await sources["ann:2"]!.pullAll() == ": the credential was revoked\n\n")
        #expect(await sources["bob:1"]!.pullAll().contains("data: 1"))
        #expect(hub.connections.count == 1)
        #expect(hub.readerCount == 1)
    }

    @Test func whoMayNotReadIsTold() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let hub = DeliveryHub(log: log)
        let endpoint = ServerSentEventsEndpoint(hub: hub, address: .path(after: "/e/"), access: access())
        #expect(await open(endpoint, as: "mallory:1").status == 403)
        let response = await open(endpoint, as: "secret-token")
        #expect(response.status == 401)
        #expect(response.headers["www-authenticate"] == "Bearer")
        guard case .bytes(let bytes) = response.body else { return }
        #expect(!String(decoding: bytes, as: UTF8.self).contains("secret-token"))
        #expect(hub.connections.count == 0)
    }

    @Test func aDrainedServerTellsEveryReaderWhenToComeAgainAndFromWhere() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let hub = DeliveryHub(log: log)
        let endpoint = ServerSentEventsEndpoint(hub: hub, address: .path(after: "/e/"), access: access())
        var sources: [any DeliverySource] = []
        for number in 0..<100 { sources.append(try source(await open(endpoint, as: "u\(number):1"))) }
        let last = try await log.append([.number(1), .number(2)], to: stream).last
        for source in sources { #expect(await source.pullAll().contains("data: 2")) }
        hub.drain(retry: .seconds(1), spread: .seconds(2))
        var retries: Set<String> = []
        for source in sources {
            let text = await source.pullAll()
            #expect(text.contains(": the server restarts"))
            #expect(text.hasSuffix("id: \(last)\n\n"))
            retries.insert(try #require(text.split(separator: "\n").first { $0.hasPrefix("retry: ") }).description)
        }
        // They do not all come at once.
        #expect(retries.count == 100)
        #expect(hub.connections.count == 0)
        // An event stream that comes now is told to come again, which a browser does at 200 alone; others get a 503.
        let response = await open(endpoint, as: "u:1", id: last)
        #expect(response.status == 200)
        guard case .bytes(let bytes) = response.body else {
            Issue.record("not ended")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self).contains("retry: 1000"))
        let other = DeliveryRequest(target: "/e/s", headers: ["authorization": "Bearer u:1"])
        #expect(await endpoint.respond(to: other).status == 503)
        // After the restart, a new hub goes on where they were.
        try await log.append([.number(3)], to: stream)
        try await log.close(stream)
        #expect(hub.feedCount == 0)
        try await withHub(log) { hub in
            let next = ServerSentEventsEndpoint(hub: hub, address: .path(after: "/e/"), access: access())
            let text = await (try source(await open(next, as: "u:1", id: last))).pull().0
            #expect(text.contains("data: 3"))
            #expect(!text.contains("data: 2"))
        }
    }

    @Test func tooManyConnectionsAreRefused() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let table = LiveConnections(limits: ConnectionLimits(perPrincipal: 2, perAddress: 3))
        let hub = DeliveryHub(log: log, connections: table)
        let endpoint = ServerSentEventsEndpoint(hub: hub, address: .path(after: "/e/"), access: access())
        let first = try source(await open(endpoint, as: "ann:1"))
        let second = try source(await open(endpoint, as: "ann:2"))
        let refused = await open(endpoint, as: "ann:3")
        #expect(refused.status == 200)
        guard case .bytes(let bytes) = refused.body else { return }
        #expect(String(decoding: bytes, as: UTF8.self) == ": too many connections at a time\n\nretry: 5000\n\n")
        _ = try source(await open(endpoint, as: "bob:1"))
        first.end()
        first.end()
        let third = try source(await open(endpoint, as: "ann:3"))
        #expect(table.count <= 3)
        for source in [second, third] { source.end() }
        #expect(hub.readerCount == 0)
    }

    @Test func aRateIsKeptPerPrincipalAndPerAddress() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        let time = Mutex(Duration.zero)
        let rates = RateLimiter(
            RateLimits(
                connectionsPerPrincipal: Rate(perSecond: 1, burst: 2),
                connectionsPerAddress: Rate(perSecond: 1, burst: 4)),
            now: { time.withLock { $0 } })
        let hub = DeliveryHub(log: log)
        let endpoint = ServerSentEventsEndpoint(hub: hub, address: .path(after: "/e/"), access: access(rates))
        for _ in 0..<2 { _ = try source(await open(endpoint, as: "ann:1")) }
        #expect(throws: DeliveryRefusal.self) { try rates.take(.connections, principal: "ann") }
        guard case .bytes = await open(endpoint, as: "ann:1").body else {
            Issue.record("not refused")
            return
        }
        _ = try source(await open(endpoint, as: "bob:1"))
        // The address has used up its four.
        let json = DeliveryRequest(
            target: "/e/s", headers: ["authorization": "Bearer eve:1"], remoteAddress: "192.0.2.1")
        let response = await endpoint.respond(to: json)
        #expect(response.status == 429)
        #expect(response.headers["retry-after"] == "1")
        time.withLock { $0 = .seconds(1) }
        _ = try source(await open(endpoint, as: "eve:1"))
    }

    @Test func theInstrumentationHearsOfReaders() async throws {
        let events = Mutex<[String]>([])
        let table = LiveConnections(
            instrumentation: Instrumentation { event in
                let text: String? =
                    switch event {
                    case .readerConnected(let stream, let transport, let after):
                        "connected \(stream) \(transport) \(after)"
                    case .readerGone(_, _, let position, let reason): "gone \(position) \(reason)"
                    case .gap(_, let asked, _, _): "gap \(asked)"
                    case .requestRefused(let code, let status, let address): "refused \(code) \(status) \(address)"
                    case .readerLagging(_, let position, _): "lagging \(position)"
                    default: nil
                    }
                if let text { events.withLock { $0.append(text) } }
            })
        let log = MemoryEventLog(firstEra: 1)
        _ = try await log.create(stream, options: StreamOptions(retention: Retention(maxEvents: 200)))
        let limits = FeedLimits(windowBytes: 1, tailPage: PageLimit(events: 10))
        try await withHub(log, limits: limits, connections: table) { hub in
            let endpoint = ServerSentEventsEndpoint(hub: hub, address: .path(after: "/e/"), access: access())
            _ = await open(endpoint, as: "x")
            let slow = try source(await open(endpoint, as: "ann:1"))
            let other = try source(await open(endpoint, as: "bob:1"))
            let waker = Waker(slow.signal)
            slow.attach { waker.ready() }
            _ = await slow.pull(waker) { $0.contains("retry") }
            _ = slow.next(maxBytes: 100)
            try await log.append((1...20).map { .number($0) }, to: stream)
            _ = await other.pullAll()
            _ = await slow.pull(waker) { $0.contains("data: 20\n") }
            try await log.append((21...500).map { .number($0) }, to: stream)
            _ = await other.pullAll()
            _ = await slow.pull(waker) { $0.contains("data: 500\n") }
            slow.end(.stalled)
            other.end()
        }
        let told = events.withLock { $0 }
        #expect(told.first == "refused unauthenticated 401 192.0.2.1")
        #expect(told.contains("connected s sse 000100000000000"))
        #expect(told.contains("lagging 000100000000000"))
        #expect(told.contains { $0.hasPrefix("gap ") })
        #expect(told.contains("gone 0001000000000fk stalled"))
    }
}

extension DeliverySource {
    /// What is there without waiting.
    func pullAll() async -> String {
        var text = ""
        while case .piece(let piece) = next(maxBytes: 1 << 20) { text += String(decoding: piece.bytes, as: UTF8.self) }
        return text
    }
}
