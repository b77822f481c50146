import DurableLog
import StreamCore
import StreamDelivery

/// `GET /events/STREAM` streams events, `POST` appends its body as the data of one.
struct EventsEndpoint: DeliveryHandler {
    private let log: any EventLog
    private let address = StreamAddress.path(after: "/events/")
    private let reading: ServerSentEventsEndpoint

    init(hub: DeliveryHub) {
        log = hub.log
        reading = ServerSentEventsEndpoint(hub: hub, address: address, missing: .create(StreamOptions()))
    }

    func respond(to request: DeliveryRequest) async -> DeliveryResponse {
        guard request.method == "POST" else { return await reading.respond(to: request) }
        do throws(DeliveryRefusal) {
            let stream = try address.stream(of: request)
            let event = StreamEvent(type: StreamEvent.EventType(rawValue: "message"), payload: request.body)
            do throws(EventLogError) {
                _ = try await append(event, to: stream)
            } catch {
                throw DeliveryRefusal(error)
            }
            return DeliveryResponse(status: 204)
        } catch {
            return error.response
        }
    }

    private func append(_ event: StreamEvent, to stream: StreamID) async throws(EventLogError) -> AppendResult {
        do throws(EventLogError) {
            return try await log.append([event], to: stream)
        } catch {
            guard error.code == .notFound else { throw error }
            _ = try await log.create(stream)
            return try await log.append([event], to: stream)
        }
    }
}
