import AgentKitTesting
import DurableLog
import StreamCore
import StreamDelivery
import Testing
import WireProtocols

@Suite struct AppendEndpointTests {
    private func append(_ endpoint: AppendEndpoint, _ body: String, method: String = "POST") async -> (Int, JSONValue) {
        let response = await endpoint.respond(
            to: DeliveryRequest(method: method, target: "/e/s", body: Array(body.utf8), remoteAddress: "a"))
        guard case .bytes(let bytes) = response.body else { return (response.status, .null) }
        return (response.status, (try? JSONValue(parsing: bytes)) ?? .null)
    }

    @Test func aBodyBecomesAnEvent() async throws {
        let log = MemoryEventLog(firstEra: 1)
        let endpoint = AppendEndpoint(log: log, address: .path(after: "/e/"), missing: .create(StreamOptions()))
        let first = await append(endpoint, #"{"seq":0}"#)
        #expect(first.0 == 200)
        #expect(first.1["offset"] == "000100000000001")
        #expect(await append(endpoint, "{\"seq\":\r\n1}").1["offset"] == "000100000000002")
        let page = try await log.read("s", after: .start, limit: PageLimit())
        #expect(
            page.events.map { String(decoding: $0.event.payload, as: UTF8.self) } == [#"{"seq":0}"#, "{\"seq\":  1}"])
    }

    @Test func whatIsNoEventIsRefused() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create("s")
        let endpoint = AppendEndpoint(
            log: log, address: .path(after: "/e/"), limits: RequestLimits(bodyBytes: 100))
        #expect(await append(endpoint, "").0 == 400)
        #expect(await append(endpoint, "{\"seq\":").0 == 400)
        #expect(await append(endpoint, "1 2").0 == 400)
        #expect(await append(endpoint, String(repeating: "[", count: 90)).0 == 400)
        #expect(await append(endpoint, "\"" + String(repeating: "x", count: 100) + "\"").0 == 413)
        #expect(await append(endpoint, "1", method: "PUT").0 == 405)
        try await log.close("s")
        let closed = await append(endpoint, "1")
        #expect(closed.0 == 409)
        #expect(closed.1["error"]?["code"] == "conflict")
        try await log.delete("s")
        #expect(await append(endpoint, "1").0 == 404)
    }

    @Test func appendsAreLimited() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create("s")
        var access = DeliveryAccess.open
        access.rates = RateLimiter(
            RateLimits(connectionsPerAddress: nil, bytesPerAddress: Rate(perSecond: 10, burst: 100)), now: { .zero })
        let endpoint = AppendEndpoint(log: log, address: .path(after: "/e/"), access: access)
        #expect(await append(endpoint, "\"" + String(repeating: "x", count: 98) + "\"").0 == 200)
        #expect(await append(endpoint, "1").0 == 429)
        access.authorise = { _, _, permission in permission == .read }
        let readOnly = AppendEndpoint(log: log, address: .path(after: "/e/"), access: access)
        #expect(await append(readOnly, "1").0 == 403)
    }
}

@Suite struct DeliveryRouterTests {
    private struct Named: DeliveryHandler {
        let name: String
        func respond(to request: DeliveryRequest) async -> DeliveryResponse {
            DeliveryResponse(body: .bytes(Array(name.utf8)))
        }
    }

    @Test(arguments: [
        ("GET", "/a", "exact"), ("GET", "/a/b", "404"), ("GET", "/e/x", "events"), ("POST", "/e/x/y", "append"),
        ("DELETE", "/e/x", "405 GET, POST"), ("OPTIONS", "/e/x", "events"), ("GET", "/e", "404"), ("GET", "", "404"),
    ]) func aRequestFindsItsEndpoint(method: String, path: String, expected: String) async {
        var router = DeliveryRouter()
        router.add("/a", Named(name: "exact"))
        router.add("/e/*", methods: ["GET"], Named(name: "events"))
        router.add("/e/*", methods: ["POST"], Named(name: "append"))
        let response = await router.respond(to: DeliveryRequest(method: method, path: path))
        switch (response.status, response.body) {
        case (200, .bytes(let bytes)): #expect(String(decoding: bytes, as: UTF8.self) == expected)
        case (405, _): #expect("405 \(response.headers["allow"] ?? "")" == expected)
        default: #expect("\(response.status)" == expected)
        }
    }

    @Test func pagesOfAllowedOriginsAreAnswered() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create("s")
        var access = DeliveryAccess.open
        access.origins = OriginPolicy(allowed: .these(["https://good.example"]), allowsCredentials: true)
        let endpoint = ServerSentEventsEndpoint(hub: DeliveryHub(log: log), address: .fixed("s"), access: access)
        func headers(_ method: String, _ origin: String) async -> HeaderFields {
            await endpoint.respond(to: DeliveryRequest(method: method, target: "/", headers: ["origin": origin]))
                .headers
        }
        let good = await headers("GET", "https://good.example")
        #expect(good["access-control-allow-origin"] == "https://good.example")
        #expect(good["access-control-allow-credentials"] == "true")
        #expect(good["vary"] == "origin")
        let evil = await headers("GET", "https://evil.example")
        #expect(evil["access-control-allow-origin"] == nil)
        let preflight = await headers("OPTIONS", "https://good.example")
        #expect(preflight["access-control-allow-headers"] == "authorization, content-type, last-event-id")
        #expect(await headers("OPTIONS", "https://evil.example")["access-control-allow-methods"] == nil)
    }
}

@Suite struct DeliveryChunksTests {
    private func source(_ hub: DeliveryHub, _ query: String = "") async throws -> any DeliverySource {
        let endpoint = ServerSentEventsEndpoint(hub: hub, address: .fixed("s"))
        guard case .stream(let source) = await endpoint.respond(to: DeliveryRequest(target: "/?" + query)).body else {
            throw DeliveryRefusal(.internalError, "no stream")
        }
        return source
    }

    @Test func chunksComeUntilTheEnd() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create("s")
        try await withHub(log) { hub in
            let source = try await source(hub)
            try await log.append((1...100).map { .number($0) }, to: "s")
            try await log.close("s")
            var text = ""
            for await chunk in source.chunks(maxBytes: 500, clock: ManualClock()) {
                #expect(!chunk.isEmpty)
                text += String(decoding: chunk, as: UTF8.self)
            }
            #expect(text.hasPrefix(": connected"))
            #expect((1...100).allSatisfy { text.contains("data: \($0)\n") })
            #expect(hub.connections.count == 0)
        }
    }

    @Test func heartbeatsComeAfterASilenceHoweverOftenOthersAppend() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create("s")
        let hub = DeliveryHub(log: log)
        let clock = ManualClock()
        let source = try await source(hub, "types=agent:seam")
        var chunks = source.chunks(heartbeat: .seconds(15), clock: clock).makeAsyncIterator()
        #expect(await chunks.next().map { String(decoding: $0, as: UTF8.self) } == ": connected\n\nretry: 2000\n\n")
        let next = Task { [chunks] in
            var chunks = chunks
            return await chunks.next()
        }
        try await clock.waitForSleepers()
        clock.advance(by: .seconds(10))
        // Not wanted by the filter: it wakes the reader, and does not put the heartbeat off.
        let last = try await log.append([.number(1)], to: "s").last
        clock.advance(by: .seconds(5))
        let beat = await next.value.map { String(decoding: $0, as: UTF8.self) }
        #expect(beat == "id: \(last)\n\n")
    }

    @Test func aCancelledLoopEndsItsSource() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create("s")
        let hub = DeliveryHub(log: log)
        let source = try await source(hub)
        let clock = ManualClock()
        let task = Task {
            var count = 0
            for await _ in source.chunks(clock: clock) { count += 1 }
            return count
        }
        try await clock.waitForSleepers()
        task.cancel()
        #expect(await task.value == 1)
        #expect(hub.connections.count == 0)
        #expect(hub.readerCount == 0)
    }

    @Test func aLoopThatIsLeftEndsItsSource() async throws {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create("s")
        let hub = DeliveryHub(log: log)
        for await _ in try await source(hub).chunks(clock: ManualClock()) { break }
        #expect(hub.connections.count == 0)
        #expect(hub.readerCount == 0)
    }
}
