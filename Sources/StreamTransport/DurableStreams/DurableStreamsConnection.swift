import ServerSentEvents
import StreamCore
import WireProtocols

/// One event stream of a Durable Streams server: data events, and behind each a control event that says where it ends (§5.8).
struct DurableStreamsConnection {
    private var body: ResponseBody.Iterator
    private var parser = ServerSentEventParser(
        limits: ServerSentEventLimits(line: DurableStreamsClient.maxAnswer, event: DurableStreamsClient.maxAnswer))
    private var events: [ServerSentEvent] = []
    private var taken = 0
    private let isEncoded: Bool
    // The data whose control event has not come yet.
    private var data: [UInt8]?
    /// The cursor of the newest control event.
    private(set) var cursor: String?

    init(_ head: ExchangeResponseHead, _ body: ResponseBody) throws(DurableStreamsClientError) {
        guard head.headers.mediaType == "text/event-stream" else {
            throw DurableStreamsClientError(
                .malformedResponse, "the answer is \(head.headers.mediaType ?? "nothing") and no event stream",
                response: head)
        }
        isEncoded = head.headers[DurableStreamsField.dataEncoding]?.lowercased() == "base64"
        self.body = body.makeAsyncIterator()
    }

    /// What the next control event completes, perhaps without data; nil when the stream has ended.
    ///
    /// Data whose control event never comes does not count: it comes again.
    mutating func next(
        isolation actor: isolated (any Actor)?
    ) async throws(DurableStreamsClientError) -> DurableStreamsBatch? {
        while true {
            while taken < events.count {
                defer { taken += 1 }
                if let batch = try take(events[taken]) { return batch }
            }
            events.removeAll(keepingCapacity: true)
            taken = 0
            do throws(TransportError) {
                guard let chunk = try await body.next(isolation: actor) else { return nil }
                do throws(ServerSentEventError) { try parser.parse(chunk, into: &events) } catch {
                    throw TransportError(.responseTooLarge, "\(error)", underlying: error)
                }
            } catch {
                throw DurableStreamsClientError(error)
            }
        }
    }

    private mutating func take(_ event: ServerSentEvent) throws(DurableStreamsClientError) -> DurableStreamsBatch? {
        switch event.type {
        case "data":
            guard data == nil else { throw malformed("two data events came without a control event in between") }
            data = try decoded(event.data)
            return nil
        case "control":
            defer { data = nil }
            return try batch(event.data, data ?? [])
        // What later versions may add.
        default: return nil
        }
    }

    private func decoded(_ text: String) throws(DurableStreamsClientError) -> [UInt8] {
        guard isEncoded else { return Array(text.utf8) }
        guard let bytes = Base64.decode(text.utf8.filter { $0 != 0x0A && $0 != 0x0D }) else {
            throw malformed("a data event is no base64")
        }
        return bytes
    }

    private mutating func batch(
        _ control: String, _ bytes: [UInt8]
    ) throws(DurableStreamsClientError) -> DurableStreamsBatch {
        guard let fields = try? JSONValue(parsing: control), let offset = fields["streamNextOffset"]?.stringValue else {
            throw malformed("a control event has no streamNextOffset: \(control.prefix(100))")
        }
        cursor = fields["streamCursor"]?.stringValue ?? cursor
        let isClosed = fields["streamClosed"]?.boolValue ?? false
        return DurableStreamsBatch(
            bytes: bytes, nextOffset: offset, isUpToDate: isClosed || fields["upToDate"]?.boolValue ?? false,
            isClosed: isClosed)
    }

    private func malformed(_ message: String) -> DurableStreamsClientError {
        DurableStreamsClientError(.malformedResponse, message)
    }
}
