import DurableLog
import StreamCore
import WireProtocols

/// Serves a log's streams as server-sent events (WHATWG HTML §9.2), for a browser's `EventSource` and everybody else.
///
///     let projects = ServerSentEventsEndpoint(hub: hub, address: .query("projectId"))     // /api/sse/agent-stream?projectId=site-1
///     let streams = ServerSentEventsEndpoint(hub: hub, address: .path(after: "/events/"))  // /events/projects/site-1
///
/// A reader gets `: connected` and `retry:` at once, then every public event with its offset as `id`, its type as `event` and its payload as `data`: from its
/// `Last-Event-ID` on (or `?lastEventId=`), else all that is kept, or with `?from=now` what comes. `?agentIds=` and `?types=` choose among the events
/// (``ReadRequest/init(_:headers:)`` has the rules). What is not kept any more is told by an `agent:gap` event, after which come those that are. A closed stream ends,
/// and who connects again behind its end gets 204, which stops an `EventSource`.
///
/// Who accepts `application/json` and no event stream gets what there is at the moment as one JSON answer, within ``SnapshotLimits``.
public struct ServerSentEventsEndpoint: DeliveryHandler {
    private let hub: DeliveryHub
    private let address: StreamAddress
    private let access: DeliveryAccess
    private let missing: MissingStream
    private let phrases: EventStreamPhrases
    private let snapshots: SnapshotLimits
    private let limits: RequestLimits

    /// An endpoint.
    ///
    /// - Parameters:
    ///   - hub: Where events come from.
    ///   - address: Which stream a request is about.
    ///   - access: Who may read; by default everybody.
    ///   - missing: What to do about a stream that is not there.
    ///   - retry: How long a reader waits before it connects again.
    ///   - snapshots: How much the non-streaming answer holds.
    ///   - limits: How large requests may be.
    public init(
        hub: DeliveryHub, address: StreamAddress, access: DeliveryAccess = .open, missing: MissingStream = .refuse,
        retry: Duration = .seconds(2), snapshots: SnapshotLimits = SnapshotLimits(),
        limits: RequestLimits = RequestLimits()
    ) {
        self.hub = hub
        self.address = address
        self.access = access
        self.missing = missing
        phrases = EventStreamPhrases(retry: retry)
        self.snapshots = snapshots
        self.limits = limits
    }

    /// Answers a request: 200 with an event stream or JSON, 204 where a closed stream has nothing more, or a refusal.
    public func respond(to request: DeliveryRequest) async -> DeliveryResponse {
        await access.respond(to: request, methods: "GET, HEAD", hub.connections.instrumentation) {
            () throws(DeliveryRefusal) in
            try await answer(request)
        } refused: {
            refusal($0, to: request)
        }
    }

    private func answer(_ request: DeliveryRequest) async throws(DeliveryRefusal) -> DeliveryResponse {
        try limits.check(request)
        guard request.method == "GET" || request.method == "HEAD" else {
            throw DeliveryRefusal(.methodNotAllowed, "an event stream is read with GET")
        }
        let parameters = request.queryItems
        let stream = try address.stream(of: request)
        let read = try ReadRequest(parameters, headers: request.headers)
        let principal = try await access.admit(request, parameters, to: stream, .read)
        if request.headers.prefersJSON {
            let snapshot = try await StreamSnapshot.read(stream, read, parameters, from: hub.log, snapshots)
            return snapshot.response
        }
        guard request.method == "GET" else { return DeliveryResponse(headers: ServerSentEventsEndpoint.headers) }
        let connection = try hub.connections.admit(principal, address: request.remoteAddress, transport: "sse")
        let opening = try await hub.open(stream, read, missing, format: .serverSentEvents)
        let position = opening.reader.position
        if opening.info.isClosed, position == opening.info.tail {
            opening.reader.end()
            return DeliveryResponse(status: 204, headers: ["cache-control": "no-store"])
        }
        connection.reads(stream, after: position)
        return DeliveryResponse(
            headers: ServerSentEventsEndpoint.headers,
            body: .stream(EventStreamSource(opening.reader, phrases, connection)))
    }

    // An EventSource ends for good at any status but 200: who comes too often, or too early, is told to come later in a stream that ends at once.
    private func refusal(_ error: DeliveryRefusal, to request: DeliveryRequest) -> DeliveryResponse {
        let isTemporary = error.code == .rateLimited || error.code == .unavailable
        guard isTemporary, request.headers.acceptsEventStream else { return error.response }
        let farewell = phrases.farewell(error.message, retry: error.retryAfter ?? .seconds(5), cursor: nil)
        return DeliveryResponse(headers: ServerSentEventsEndpoint.headers, body: .bytes(Array(farewell.bytes)))
    }

    private static let headers: HeaderFields = [
        "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
    ]
}
