import AgentKitTesting
import DurableLog
import StreamCore
import StreamDelivery
import Synchronization
import WireProtocols

/// The endpoint over a log in memory, as clients see it: requests in, answers out.
struct StreamServer: Sendable {
    let log: MemoryEventLog
    let hub: DeliveryHub
    let endpoint: DurableStreamsEndpoint
    let clock: ManualClock
    let time: WallTime

    /// The wall clock, moved by hand.
    final class WallTime: Sendable {
        private let value = Mutex(Timestamp(millisecondsSince1970: 1_800_000_000_000))
        var now: Timestamp { value.withLock { $0 } }
        func advance(by duration: Duration) {
            value.withLock { $0.millisecondsSince1970 += Int64(duration / .milliseconds(1)) }
        }
    }

    /// Runs a server for as long as `body` takes.
    static func with<Value: Sendable>(
        page: PageLimit = PageLimit(), _ body: @Sendable (StreamServer) async throws -> Value
    ) async throws -> Value {
        let (clock, time) = (ManualClock(), WallTime())
        let log = MemoryEventLog(wallClock: { time.now })
        let hub = DeliveryHub(log: log)
        let options = DurableStreamsOptions(
            pageLimit: page, longPollTimeout: .seconds(20), wallClock: { time.now })
        let server = StreamServer(
            log: log, hub: hub, endpoint: DurableStreamsEndpoint(hub: hub, options: options, clock: clock),
            clock: clock, time: time)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await hub.run() }
            defer { group.cancelAll() }
            return try await body(server)
        }
    }

    func send(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], _ body: String = ""
    ) async throws -> Answer {
        try await send(method, target, headers, Array(body.utf8))
    }

    func send(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], _ body: [UInt8]
    ) async throws -> Answer {
        var fields = try HeaderFields(headers)
        try fields.append("host", "example.org")
        return Answer(
            await endpoint.respond(
                to: DeliveryRequest(method: method, target: "/v1/stream/" + target, headers: fields, body: body)))
    }

    /// Makes a stream.
    @discardableResult
    func put(
        _ stream: String, _ type: String? = "text/plain", _ body: String = "", _ more: [(String, String)] = []
    ) async throws -> Answer {
        try await send("PUT", stream, (type.map { [("Content-Type", $0)] } ?? []) + more, body)
    }

    /// Appends to a stream.
    @discardableResult
    func post(
        _ stream: String, _ body: String, type: String? = "text/plain", _ more: [(String, String)] = []
    ) async throws -> Answer {
        try await send("POST", stream, (type.map { [("Content-Type", $0)] } ?? []) + more, body)
    }

    func get(_ target: String, _ headers: [(String, String)] = []) async throws -> Answer {
        try await send("GET", target, headers)
    }

    /// Reads an event stream until `isEnough` holds for what came, or it has ended.
    func events(_ target: String, until isEnough: (String) -> Bool = { _ in false }) async throws -> (Answer, String) {
        let answer = try await get(target)
        guard case .stream(let source) = answer.response.body else { return (answer, "") }
        return (answer, await StreamServer.pull(source, until: isEnough))
    }

    static func pull(_ source: any DeliverySource, until isEnough: (String) -> Bool) async -> String {
        let ready = AppendSignal()
        let wakes = [source.signal.subscribe { ready.notify() }]
        let waiter = ready.subscribe()
        source.attach { ready.notify() }
        var text = ""
        while !isEnough(text) {
            switch source.next(maxBytes: 16 << 10) {
            case .piece(let piece): text += String(decoding: piece.bytes, as: UTF8.self)
            case .wait: await waiter.wait()
            case .end:
                source.end()
                return text
            }
        }
        source.end()
        _ = wakes
        return text
    }
}

/// An answer, for expectations.
struct Answer: Sendable {
    let response: DeliveryResponse

    init(_ response: DeliveryResponse) {
        self.response = response
    }

    var status: Int { response.status }
    subscript(name: String) -> String? { response.headers[name] }
    var bytes: [UInt8] { if case .bytes(let bytes) = response.body { bytes } else { [] } }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var next: String { self["Stream-Next-Offset"] ?? "" }
    var isClosed: Bool { self["Stream-Closed"] == "true" }
    var isUpToDate: Bool { self["Stream-Up-To-Date"] == "true" }
}
