import StreamCore

/// The newest events of a stream, decoded, for the readers at its end: they need no file, and share the same events.
struct RecentEvents: Sendable {
    private var events: [LoggedEvent] = []
    /// Where the kept ones begin in `events`; the ones before wait to be removed in one go.
    private var first = 0
    private var bytes = 0
    /// The offset before the first event that is kept.
    private(set) var floor: Offset
    private let maxBytes: Int
    /// What the last reader got: those that are woken by the same append get the very same array.
    private var lastPage: (after: Offset, limit: PageLimit, events: [LoggedEvent])?

    /// What an event takes beside its payload, roughly.
    private static let overhead = 128

    init(floor: Offset, maxBytes: Int) {
        self.floor = floor
        self.maxBytes = maxBytes
    }

    /// The same without events, to go on elsewhere.
    func emptied(floor: Offset) -> RecentEvents {
        RecentEvents(floor: floor, maxBytes: maxBytes)
    }

    mutating func append(_ event: LoggedEvent) {
        lastPage = nil
        events.append(event)
        bytes += event.event.payload.count + RecentEvents.overhead
        while bytes > maxBytes, first < events.count {
            bytes -= events[first].event.payload.count + RecentEvents.overhead
            floor = events[first].offset
            first += 1
        }
        if first > 64, first * 2 > events.count {
            events.removeFirst(first)
            first = 0
        }
    }

    /// Forgets everything up to `offset`.
    mutating func drop(through offset: Offset) {
        guard offset > floor else { return }
        lastPage = nil
        while first < events.count, events[first].offset <= offset {
            bytes -= events[first].event.payload.count + RecentEvents.overhead
            first += 1
        }
        floor = offset
    }

    /// The events after `offset`; nil when some of them are no longer kept, or the offset is none of an event here.
    mutating func page(after offset: Offset, limit: PageLimit) -> [LoggedEvent]? {
        guard offset >= floor else { return nil }
        if let lastPage, lastPage.after == offset, lastPage.limit == limit { return lastPage.events }
        var low = first
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        guard low > first ? events[low - 1].offset == offset : offset == floor else { return nil }
        var room = PageRoom(limit)
        var end = low
        while end < events.count, room.take(events[end].event.payload.count) { end += 1 }
        let page = Array(events[low..<end])
        lastPage = (offset, limit, page)
        return page
    }
}
