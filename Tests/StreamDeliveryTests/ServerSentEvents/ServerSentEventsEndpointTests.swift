import DurableLog
import ServerSentEvents
import StreamCore
import StreamDelivery
import Testing
import WireProtocols

@Suite struct ServerSentEventsEndpointTests {
    private let stream: StreamID = "site-1"
    private let accept: HeaderFields = ["accept": "text/event-stream"]

    private func log(_ count: Int = 3) async throws -> MemoryEventLog {
        let log = MemoryEventLog(firstEra: 1)
        try await log.create(stream)
        if count > 0 {
            try await log.append(
                (1...count).map {
                    .number($0, type: $0.isMultiple(of: 2) ? .progress : .content, source: "a\($0 % 2)")
                },
                to: stream)
        }
        return log
    }

    private func endpoint(_ hub: DeliveryHub) -> ServerSentEventsEndpoint {
        ServerSentEventsEndpoint(hub: hub, address: .query("projectId"))
    }

    private func text(
        _ response: DeliveryResponse, until isEnough: (String) -> Bool = { _ in false }
    ) async throws -> String {
        guard case .stream(let source) = response.body else {
            Issue.record("no stream: \(response.status)")
            return ""
        }
        return await source.pull(until: isEnough).0
    }

    private func parsed(_ text: String) throws -> [ServerSentEvent] {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        try parser.parse(Array(text.utf8), into: &events)
        return events
    }

    @Test func aReaderGetsTheHeadersOfTheWireAndEveryEvent() async throws {
        let log = try await log()
        try await log.close(stream)
        try await withHub(log) { hub in
            let response = await endpoint(hub).respond(
                to: DeliveryRequest(target: "/api/sse/agent-stream?projectId=site-1", headers: accept))
            #expect(response.status == 200)
            #expect(response.headers["content-type"] == "text/event-stream; charset=utf-8")
            #expect(response.headers["cache-control"] == "no-cache, no-transform")
            #expect(response.headers["x-accel-buffering"] == "no")
            let text = try await text(response)
            #expect(
                text == """
                    : connected

                    retry: 2000

                    id: 000100000000001
                    event: agent:content
                    data: 1

                    id: 000100000000002
                    event: agent:progress
                    data: 2

                    id: 000100000000003
                    event: agent:content
                    data: 3

                    : end of stream

                    id: 000100000000003


                    """)
            #expect(hub.connections.count == 0)
            #expect(hub.feedCount == 0)
        }
    }

    @Test(arguments: [
        ("/e?projectId=site-1", "000100000000002", "3"),
        ("/e?projectId=site-1&lastEventId=000100000000001", nil, "2,3"),
        // The header field is the newer one: an EventSource keeps its URL when it connects again.
        ("/e?projectId=site-1&lastEventId=000100000000001", "000100000000002", "3"),
        ("/e?projectId=site-1&lastEventId=", nil, "1,2,3"), ("/e?projectId=site-1&types=agent:progress", nil, "2"),
        ("/e?projectId=site-1&agentIds=a1", nil, "1,3"), ("/e?projectId=site-1&agentIds=a1,a0", nil, "1,2,3"),
        ("/e?projectId=site-1&agentIds=a1&agentIds=a0&types=agent%3Acontent", nil, "1,3"),
    ]) func aReaderGoesOnBehindItsCursorWithWhatItWants(target: String, id: String?, expected: String) async throws {
        let log = try await log()
        try await log.close(stream)
        try await withHub(log) { hub in
            var headers = accept
            if let id { try headers.append("Last-Event-ID", id) }
            let response = await endpoint(hub).respond(to: DeliveryRequest(target: target, headers: headers))
            let events = try parsed(try await text(response))
            #expect(events.map(\.data).joined(separator: ",") == expected)
        }
    }

    @Test func whoStartsNowGetsWhatComes() async throws {
        let log = try await log()
        let hub = DeliveryHub(log: log)
        let response = await endpoint(hub).respond(to: DeliveryRequest(target: "/?projectId=site-1&from=now"))
        try await log.append([.number(4)], to: stream)
        let text = try await text(response) { $0.contains("data: 4") }
        #expect(try parsed(text).map(\.data) == ["4"])
    }

    @Test func behindTheEndOfAClosedStreamIsNothing() async throws {
        let log = try await log(2)
        let last = try await log.append([.secret()], to: stream).last
        try await log.close(stream)
        try await withHub(log) { hub in
            // The last that a reader is told is the stream's end, which a 204 answers.
            let filtered = DeliveryRequest(target: "/?projectId=site-1&types=agent:seam", headers: accept)
            let text = try await text(await endpoint(hub).respond(to: filtered))
            #expect(text.hasSuffix("id: \(last)\n\n"))
            let request = DeliveryRequest(target: "/?projectId=site-1&lastEventId=\(last)", headers: accept)
            let response = await endpoint(hub).respond(to: request)
            #expect(response.status == 204)
            #expect(hub.connections.count == 0)
            #expect(hub.readerCount == 0)
        }
    }

    @Test func aGapIsToldInBand() async throws {
        let log = MemoryEventLog(firstEra: 1)
        _ = try await log.create(stream, options: StreamOptions(retention: Retention(maxEvents: 2)))
        try await log.append((1...9).map { .number($0) }, to: stream)
        try await log.close(stream)
        try await withHub(log) { hub in
            for (id, asked) in [("000100000000003", "old"), ("00a000000000003", "foreign")] {
                let request = DeliveryRequest(target: "/?projectId=site-1&lastEventId=\(id)", headers: accept)
                let events = try parsed(try await text(await endpoint(hub).respond(to: request)))
                #expect(events.map(\.type) == ["agent:gap", "agent:content", "agent:content"], "\(asked)")
                #expect(
                    events[0].data
                        == #"{"type":"gap","asked":"\#(id)","oldest":"000100000000008","newest":"000100000000009"}"#)
                #expect(events[1...].map(\.data) == ["8", "9"])
            }
        }
    }

    @Test func aFilteredReaderIsMovedOnByHeartbeats() async throws {
        let log = try await log(0)
        let hub = DeliveryHub(log: log)
        let response = await endpoint(hub).respond(to: DeliveryRequest(target: "/?projectId=site-1&types=agent:seam"))
        guard case .stream(let source) = response.body else { return }
        let waker = Waker(source.signal)
        source.attach { waker.ready() }
        let opening = await source.pull(waker) { $0.contains("retry") }.0
        #expect(opening == ": connected\n\nretry: 2000\n\n")
        func beat() -> String { source.heartbeat().map { String(decoding: $0.bytes, as: UTF8.self) } ?? "" }
        #expect(beat() == ": \n\n")
        let last = try await log.append([.number(1), .number(2)], to: stream).last
        guard case .wait = source.next(maxBytes: 1000) else {
            Issue.record("something was wanted")
            return
        }
        #expect(beat() == "id: \(last)\n\n")
        #expect(beat() == ": \n\n")
        source.end()
        #expect(hub.readerCount == 0)
    }

    @Test(arguments: [
        ("/?projectId=site-1&lastEventId=-1", 400, "badCursor"),
        ("/?projectId=site-1&lastEventId=12", 400, "badCursor"),
        ("/?projectId=site-1&lastEventId=" + String(repeating: "9", count: 5000), 400, "badCursor"),
        ("/?projectId=site-1&lastEventId=%zz", 400, "badRequest"),
        ("/?projectId=site-1&from=yesterday", 400, "badRequest"),
        ("/?projectId=..%2F..%2Fetc", 400, "badRequest"), ("/", 400, "badRequest"),
        ("/?projectId=" + String(repeating: "x", count: 121), 400, "badRequest"),
        ("/?projectId=nowhere", 404, "notFound"),
        ("/?projectId=" + String(repeating: "x", count: 9000), 414, "targetTooLong"),
        ("/?projectId=site-1&agentIds=" + String(repeating: "a,", count: 100), 400, "badRequest"),
        ("/?projectId=site-1&types=" + String(repeating: "a", count: 257), 400, "badRequest"),
        ("/?projectId=site-1&" + String(repeating: "a=1&", count: 200), 400, "badRequest"),
    ]) func whatCannotBeReadIsRefusedClearly(target: String, status: Int, code: String) async throws {
        let hub = DeliveryHub(log: try await log())
        let response = await endpoint(hub).respond(to: DeliveryRequest(target: target, headers: accept))
        #expect(response.status == status)
        guard case .bytes(let bytes) = response.body else {
            Issue.record("no body")
            return
        }
        #expect(bytes.count < 1000)
        #expect(try JSONValue(parsing: bytes)["error"]?["code"]?.stringValue == code)
        #expect(hub.connections.count == 0)
        #expect(hub.readerCount == 0)
    }

    @Test func hugeHeadersAndOtherMethodsAreRefused() async throws {
        let hub = DeliveryHub(log: try await log())
        let big = DeliveryRequest(
            target: "/?projectId=site-1", headers: ["x": String(repeating: "y", count: 1 << 20)])
        #expect(await endpoint(hub).respond(to: big).status == 431)
        let post = DeliveryRequest(method: "POST", target: "/?projectId=site-1")
        #expect(await endpoint(hub).respond(to: post).status == 405)
        let head = DeliveryRequest(method: "HEAD", target: "/?projectId=site-1")
        let response = await endpoint(hub).respond(to: head)
        #expect(response.status == 200)
        guard case .none = response.body else {
            Issue.record("a body for HEAD")
            return
        }
        #expect(hub.connections.count == 0)
    }

    @Test func aMissingStreamIsMadeWhereThatIsWanted() async throws {
        let log = MemoryEventLog(firstEra: 1)
        let hub = DeliveryHub(log: log)
        let endpoint = ServerSentEventsEndpoint(
            hub: hub, address: .path(after: "/events/"), missing: .create(StreamOptions()))
        let response = await endpoint.respond(to: DeliveryRequest(target: "/events/new/one"))
        try await log.append([.number(1)], to: "new/one")
        #expect(try await text(response) { $0.contains("data: 1") }.contains("id: 000100000000001"))
    }

    @Test func anEventNameThatWouldBreakOutDoesNot() async throws {
        let log = try await log(0)
        let type = StreamEvent.EventType(rawValue: "a\ndata: forged")
        try await log.append([StreamEvent(type: type, payload: Array("1\n\nid: x".utf8))], to: stream)
        try await log.close(stream)
        try await withHub(log) { hub in
            let request = DeliveryRequest(target: "/?projectId=site-1")
            let events = try parsed(try await text(await endpoint(hub).respond(to: request)))
            #expect(events.map(\.data) == ["1\n\nid: x"])
            #expect(events[0].lastEventID == "000100000000001")
        }
    }

    @Test func whoWantsJSONGetsASnapshotToGoOnFrom() async throws {
        let log = try await log(5)
        let hub = DeliveryHub(log: log)
        func snapshot(_ query: String) async throws -> JSONValue {
            let request = DeliveryRequest(
                target: "/?projectId=site-1" + query, headers: ["accept": "application/json"])
            let response = await endpoint(hub).respond(to: request)
            guard case .bytes(let bytes) = response.body else { return .null }
            return try JSONValue(parsing: bytes)
        }
        let first = try await snapshot("&limit=2")
        #expect(first["events"]?.arrayValue?.map { $0["data"]?.intValue } == [1, 2])
        #expect(first["upToDate"] == false)
        #expect(first["offset"] == "000100000000002")
        let rest = try await snapshot("&lastEventId=000100000000002&types=agent:progress")
        #expect(rest["events"]?.arrayValue?.map { $0["id"]?.stringValue } == ["000100000000004"])
        #expect(rest["offset"] == "000100000000005")
        #expect(rest["upToDate"] == true)
        #expect(rest["closed"] == false)
        try await log.close(stream)
        #expect(try await snapshot("&lastEventId=000100000000005")["closed"] == true)
        let foreign = try await snapshot("&lastEventId=00a000000000005")
        #expect(foreign["error"]?["code"] == "gap")
        #expect(foreign["error"]?["newest"] == "000100000000005")
        #expect(try await snapshot("&limit=0")["error"]?["code"] == "badRequest")
    }

    @Test func aSnapshotIsBoundedInBytes() async throws {
        let log = try await log(0)
        let payload = Array("\"\(String(repeating: "x", count: 1000))\"".utf8)
        try await log.append((1...50).map { _ in StreamEvent(type: .content, payload: payload) }, to: stream)
        let endpoint = ServerSentEventsEndpoint(
            hub: DeliveryHub(log: log), address: .query("projectId"),
            snapshots: SnapshotLimits(events: 100, bytes: 5000))
        let request = DeliveryRequest(target: "/?projectId=site-1", headers: ["accept": "application/json"])
        guard case .bytes(let bytes) = await endpoint.respond(to: request).body else { return }
        let value = try JSONValue(parsing: bytes)
        #expect(value["events"]?.arrayValue?.count == 4)
        #expect(value["offset"] == "000100000000004")
        #expect(value["upToDate"] == false)
    }
}
