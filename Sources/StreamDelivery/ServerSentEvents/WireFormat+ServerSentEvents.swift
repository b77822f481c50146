import DurableLog
import ServerSentEvents
import StreamCore

extension WireFormat {
    /// Native server-sent events: `id` is the offset, `event` the type, `data` the payload.
    public static let serverSentEvents = WireFormat(name: "sse") { event, bytes in
        let id = event.offset.description
        do throws(ServerSentEventError) {
            try ServerSentEventSerializer.append(
                data: event.event.payload, type: event.event.type.rawValue, id: id, to: &bytes)
        } catch {
            // A name with a line break, which no type should have: the event must come all the same, or a reader would miss it.
            let name = event.event.type.rawValue.filter { !$0.isNewline }
            try? ServerSentEventSerializer.append(data: event.event.payload, type: name, id: id, to: &bytes)
        }
    }
}
