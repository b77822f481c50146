import DurableLog
import StreamCore

extension FeedPage {
    /// What a reader gets of a page: bytes, if there are any for it, and where it stands then.
    struct Cut: Sendable {
        var piece: DeliveryPiece?
        var position: Offset
    }

    /// The next stretch of wanted events behind the first `count`, as many as `maxBytes` hold and at least one.
    ///
    /// - Parameter filter: Which events are wanted; nil for all, which costs no look at each.
    func cut(from count: Int, _ format: WireFormat, filter: EventFilter?, maxBytes: Int) -> Cut {
        let encoding = encoding(format)
        var first = count
        while first < events.count, !isWanted(first, filter) { first += 1 }
        guard first < events.count else { return Cut(piece: nil, position: last) }
        let start = encoding.start(first)
        var end = first + 1
        if filter == nil, encoding.ends[events.count - 1] - start <= maxBytes {
            end = events.count
        } else {
            // Internal events have no bytes, and do not end a stretch.
            while end < events.count, encoding.ends[end] - start <= maxBytes,
                isWanted(end, filter) || encoding.ends[end] == encoding.ends[end - 1]
            { end += 1 }
        }
        let range = start..<encoding.ends[end - 1]
        // What follows and is not wanted is passed over now, so that the reader's place is as late as can be.
        while end < events.count, !isWanted(end, filter) { end += 1 }
        return Cut(piece: DeliveryPiece(encoding.shared, range), position: events[end - 1].offset)
    }

    private func isWanted(_ index: Int, _ filter: EventFilter?) -> Bool {
        let event = events[index].event
        return event.visibility == .public && (filter?.includes(event) ?? true)
    }
}
