import DurableLog
import StreamCore
import StreamDelivery

/// `GET /events/STREAM` streams events, `POST` appends one.
struct EventsEndpoint: DeliveryHandler {
    let hub: DeliveryHub

    func respond(to request: DeliveryRequest) async -> DeliveryResponse {
        guard let stream = try? StreamID(String(request.path.dropFirst("/events/".count))) else {
            return DeliveryResponse(status: 400)
        }
        do {
            _ = try await hub.log.create(stream)
            if request.method == "POST" {
                _ = try await hub.log.append([StreamEvent(type: "message", payload: request.body)], to: stream)
                return DeliveryResponse(status: 204)
            }
            let opening = try await hub.open(stream, .tail, format: EventsEndpoint.format)
            return DeliveryResponse(
                headers: ["content-type": "text/event-stream"], body: .stream(EventsSource(opening.reader)))
        } catch {
            return DeliveryResponse(status: 500, body: .bytes(Array("\(error)".utf8)))
        }
    }

    private static let format = WireFormat(name: "plain-sse") { event, bytes in
        bytes += "id: \(event.offset)\ndata: ".utf8
        bytes += event.event.payload
        bytes += "\n\n".utf8
    }
}

final class EventsSource: DeliverySource {
    private let reader: FeedReader
    init(_ reader: FeedReader) { self.reader = reader }
    var signal: AppendSignal { reader.signal }
    func attach(onReady: @escaping @Sendable () -> Void) { reader.attach(onReady: onReady) }
    func next(maxBytes: Int) -> DeliveryPull {
        switch reader.next(maxBytes: maxBytes) {
        case .piece(let piece): .piece(piece)
        case .wait: .wait
        case .gap: next(maxBytes: maxBytes)
        case .end: .end
        }
    }
    func heartbeat() -> DeliveryPiece? { DeliveryPiece(Array(":\n\n".utf8)) }
    func end() { reader.end() }
}
