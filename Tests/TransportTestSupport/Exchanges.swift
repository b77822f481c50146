import AgentKitTesting
import ServerSentEvents
import StreamCore
package import StreamTransport
import WireProtocols

/// What some work with a transport ends with: the code of its error, or nil when there is none of a transport.
package func errorCode(_ work: () async throws -> Void) async -> TransportError.Code? {
    do {
        try await work()
        return nil
    } catch {
        return (error as? TransportError)?.code
    }
}

/// The data that an event source reads of a server that breaks off twice, within an event and with a reset behind one: `a`, `b` and `c`.
package func eventsOverThreeConnections(on transport: any HTTPTransport) async throws -> [String] {
    try await withLoopbackServer { request in
        switch request.headers["last-event-id"] {
        case nil: .events(["retry: 0\nid: 1\ndata: a\n", "\nid: 2\nda", "ta: b\n\ndata: cut"])
        case "2":
            LoopbackResponse([
                .head(200, ["content-type": "text/event-stream"]), .text("id: ü✓\ndata: c\n\n"), .reset,
            ])
        case "ü✓": LoopbackResponse([.head(204)])
        default: .text("", status: 400)
        }
    } body: { server in
        let options = EventSource.Options(retry: .init(transientBackoff: .fullJitter(base: .zero)))
        var data: [String] = []
        // A reset may overtake what was sent before it; then the cursor brings it again.
        for try await event in EventSource(ExchangeRequest(url: server.url), on: transport, options: options) {
            data.append(event.data)
        }
        return data
    }
}
