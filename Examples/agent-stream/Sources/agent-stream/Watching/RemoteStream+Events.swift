import ServerSentEvents
import StreamCore
import StreamTransport
import WireProtocols

extension RemoteStream {
    /// Follows an event stream to its end, over as many connections as it takes.
    func follow(
        after offset: String?, _ fields: HeaderFields, _ show: (WatchedEvent) -> Void
    ) async throws {
        let source = EventSource(
            ExchangeRequest(url: url, headers: fields), on: options.transport.makeTransport(),
            options: EventSource.Options(retry: options.retry), lastEventID: offset ?? ""
        ) { state in
            if case .waiting(let delay, let error) = state { RemoteStream.note(delay, because: error.brief) }
        }
        for try await event in source {
            // It has no place of its own: what was asked for is lost, and would be passed over.
            if event.type == StreamEvent.EventType.gap.rawValue { throw RemoteStream.gap(event.data) }
            show(WatchedEvent(offset: event.lastEventID, type: event.type, text: event.data))
        }
    }

    private static func gap(_ data: String) -> WatchFailure {
        let gap = try? JSONValue(parsing: data)
        let oldest = gap?["oldest"]?.stringValue.map { "the oldest that is kept is \($0)" } ?? "nothing is kept"
        return WatchFailure("what follows \(gap?["asked"]?.stringValue ?? "there") is not kept any more; \(oldest)")
    }

    /// Reads what there is, one JSON answer after the other.
    func readSnapshots(
        after offset: String?, _ fields: HeaderFields, _ show: (WatchedEvent) -> Void
    ) async throws {
        let transport = options.transport.makeTransport()
        var request = ExchangeRequest(url: url, headers: fields)
        try request.headers.set("accept", "application/json")
        if let offset { try request.headers.set("last-event-id", offset) }
        var reader = JSONReader()
        while true {
            let body = try await snapshot(request, transport)
            let (next, isUpToDate) = try reader.read(body) { (root) throws(JSONError) -> (String?, Bool) in
                for event in root["events"]?.elements.map({ $0 }) ?? [] {
                    guard let data = event["data"] else { continue }
                    show(
                        WatchedEvent(
                            offset: event["id"]?.string, type: event["type"]?.string, json: Array(data.jsonBytes)))
                }
                return (root["offset"]?.string, root["upToDate"]?.bool ?? false)
            }
            if isUpToDate { return }
            guard let next else { throw WatchFailure("the answer is not that of an event stream: it has no 'offset'") }
            try request.headers.set("last-event-id", next)
        }
    }

    // The body of a 200, asked for as often as it takes.
    private func snapshot(_ request: ExchangeRequest, _ transport: any HTTPTransport) async throws -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        var attempt = 1
        while true {
            let failure: WatchFailure
            let kind: FailureKind
            var retryAfter: Duration?
            do throws(TransportError) {
                let response = try await transport.send(request)
                let body = try await response.body.collect(upTo: 64 << 20)
                if response.head.status == 200 { return body }
                failure = WatchFailure(
                    "the server answered with status \(response.head.status)", status: response.head.status, body: body)
                kind = response.head.failureKind ?? .malformedResponse
                retryAfter = response.head.headers.retryAfter()
            } catch {
                failure = WatchFailure(error.brief)
                kind = error.kind
            }
            let decision = options.retry.decide(kind, retryAfter: retryAfter, attempt: attempt, using: &random)
            guard case .retry(let delay) = decision else { throw failure }
            RemoteStream.note(delay, because: failure.message)
            try await Task.sleep(for: delay)
            attempt += 1
        }
    }
}
