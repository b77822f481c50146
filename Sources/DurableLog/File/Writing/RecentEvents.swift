import StreamCore

/// The newest events of a stream, decoded, for the readers at its end: they need no file, and share the same events.
struct RecentEvents: Sendable {
    private var events: [LoggedEvent] = []
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
        bytes += RecentEvents.size(of: event)
        if bytes > maxBytes { makeRoom() }
    }

    // A quarter in one go: the oldest have left the processor's cache, and one by one each would be waited for.
    private mutating func makeRoom() {
        let goal = maxBytes - maxBytes / 4
        var (count, left) = (0, bytes)
        while left > goal, count < events.count {
            // The newest stays while it fits.
            if left <= maxBytes, count == events.count - 1 { break }
            left -= RecentEvents.size(of: events[count])
            count += 1
        }
        drop(count)
    }

    /// Forgets everything up to `offset`.
    mutating func drop(through offset: Offset) {
        guard offset > floor else { return }
        let count = events.firstIndex { $0.offset > offset } ?? events.count
        drop(count)
        floor = offset
    }

    private mutating func drop(_ count: Int) {
        guard count > 0 else { return }
        lastPage = nil
        for event in events[..<count] { bytes -= RecentEvents.size(of: event) }
        floor = events[count - 1].offset
        events.removeFirst(count)
    }

    private static func size(of event: LoggedEvent) -> Int { event.event.payload.count + overhead }

    /// The events after `offset`; nil when some of them are no longer kept, or the offset is none of an event here.
    mutating func page(after offset: Offset, limit: PageLimit) -> [LoggedEvent]? {
        guard offset >= floor else { return nil }
        if let lastPage, lastPage.after == offset, lastPage.limit == limit { return lastPage.events }
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        guard low > 0 ? events[low - 1].offset == offset : offset == floor else { return nil }
        var room = PageRoom(limit)
        var end = low
        while end < events.count, room.take(events[end].event.payload.count) { end += 1 }
        let page = Array(events[low..<end])
        lastPage = (offset, limit, page)
        return page
    }
}
