import DurableLog
import StreamCore
import WireProtocols

/// How much the JSON answer holds that clients get which do not stream.
public struct SnapshotLimits: Sendable, Hashable {
    /// The most events, whatever the client asks for.
    public var events: Int
    /// The most bytes of payloads; the first event comes whatever its size.
    public var bytes: Int

    /// Limits from their parts.
    public init(events: Int = 1000, bytes: Int = 1 << 20) {
        self.events = max(1, events)
        self.bytes = max(1, bytes)
    }
}

/// What a stream holds at the moment, as one JSON answer, for clients that do not stream.
///
/// ```json
/// {"streamId":"site-1","events":[{"id":"0001…","type":"agent:content","data":{…}}],"offset":"0001…","upToDate":true,"closed":false}
/// ```
///
/// `offset` is where to go on from, as `lastEventId` of the next request or of an event stream; `upToDate` whether there was nothing more; `closed`
/// whether nothing will follow. `data` is the payload; of streams that hold no JSON, a string. `?limit=` asks for fewer events.
struct StreamSnapshot: Sendable {
    private let stream: StreamID
    private let isJSON: Bool
    private var events: [LoggedEvent] = []
    private var offset: Offset
    private var isUpToDate = false
    private var isClosed = false

    /// How many pages are read at most for the sake of few wanted events among many.
    private static let maxPages = 16

    /// Reads what there is, within the limits.
    static func read(
        _ stream: StreamID, _ read: ReadRequest, _ parameters: QueryItems, from log: any EventLog,
        _ limits: SnapshotLimits
    ) async throws(DeliveryRefusal) -> StreamSnapshot {
        var limits = limits
        if let text = parameters["limit"] {
            guard let limit = Int(text), limit > 0 else {
                throw DeliveryRefusal(.badRequest, "'limit' is a number above 0")
            }
            limits.events = min(limits.events, limit)
        }
        do throws(EventLogError) {
            let info = try await log.info(stream)
            let start = if case .after(let offset) = read.start { offset } else { info.tail }
            var snapshot = StreamSnapshot(stream, info, start)
            try await snapshot.fill(read.filter, log, limits)
            return snapshot
        } catch {
            throw DeliveryRefusal(error)
        }
    }

    private init(_ stream: StreamID, _ info: StreamInfo, _ start: Offset) {
        self.stream = stream
        isJSON = info.options.contentType.hasPrefix("application/json")
        offset = start
    }

    private mutating func fill(
        _ filter: EventFilter, _ log: any EventLog, _ limits: SnapshotLimits
    ) async throws(EventLogError) {
        var room = limits.bytes
        for _ in 0..<StreamSnapshot.maxPages {
            let limit = PageLimit(events: limits.events, bytes: max(1, room))
            let page = try await log.read(stream, after: offset, limit: limit)
            for event in page.events {
                if filter.includes(event.event) {
                    if events.count == limits.events || (!events.isEmpty && event.event.payload.count > room) { return }
                    events.append(event)
                    room -= event.event.payload.count
                }
                offset = event.offset
            }
            if page.events.isEmpty { offset = page.next }
            (isUpToDate, isClosed) = (page.isUpToDate, page.isAtEnd)
            if isUpToDate || events.count == limits.events || room <= 0 { return }
        }
    }

    var response: DeliveryResponse {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(events.reduce(256) { $0 + $1.event.payload.count + 96 })
        JSONWriter.append(raw: #"{"streamId":"#, to: &bytes)
        JSONWriter.append(stream.description, to: &bytes)
        JSONWriter.append(raw: #","events":["#, to: &bytes)
        for (place, event) in events.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            write(event, to: &bytes)
        }
        JSONWriter.append(raw: #"],"offset":"#, to: &bytes)
        JSONWriter.append(offset.description, to: &bytes)
        JSONWriter.append(raw: #","upToDate":"#, to: &bytes)
        JSONWriter.append(isUpToDate, to: &bytes)
        JSONWriter.append(raw: #","closed":"#, to: &bytes)
        JSONWriter.append(isClosed, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        let headers: HeaderFields = ["content-type": "application/json", "cache-control": "no-store", "vary": "accept"]
        return DeliveryResponse(headers: headers, body: .bytes(bytes))
    }

    private func write(_ event: LoggedEvent, to bytes: inout [UInt8]) {
        JSONWriter.append(raw: #"{"id":"#, to: &bytes)
        JSONWriter.append(event.offset.description, to: &bytes)
        JSONWriter.append(raw: #","type":"#, to: &bytes)
        JSONWriter.append(event.event.type.rawValue, to: &bytes)
        JSONWriter.append(raw: #","data":"#, to: &bytes)
        if isJSON {
            bytes += event.event.payload
        } else {
            JSONWriter.append(String(decoding: event.event.payload, as: UTF8.self), to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
