import StreamCore

/// Events that come at the end and go at the beginning, in chunks: neither end ever moves the rest, and copies share the chunks.
struct EventDeque: Sendable {
    private static let chunkSize = 256
    private static let nothing = StreamEvent(type: .init(rawValue: ""), payload: [])

    // All but the last are full; the first `head` events of the first are gone.
    private var chunks: [[LoggedEvent]] = []
    private var head = 0
    private(set) var count = 0

    subscript(index: Int) -> LoggedEvent {
        let place = head + index
        return chunks[place / EventDeque.chunkSize][place % EventDeque.chunkSize]
    }

    var first: LoggedEvent? { count > 0 ? self[0] : nil }

    mutating func append(_ event: LoggedEvent) {
        if chunks.last.map({ $0.count == EventDeque.chunkSize }) ?? true { chunks.append([]) }
        chunks[chunks.count - 1].append(event)
        count += 1
    }

    /// Takes the first event out; there must be one.
    mutating func removeFirst() {
        count -= 1
        head += 1
        if count == 0 {
            chunks = []
            head = 0
        } else if head == EventDeque.chunkSize {
            chunks.removeFirst()
            head = 0
        } else {
            // The place stays, what the event holds goes.
            chunks[0][head - 1].event = EventDeque.nothing
        }
    }

    /// Some of the events, whose places must be there.
    func slice(_ range: Range<Int>) -> [LoggedEvent] {
        var place = head + range.lowerBound
        let end = head + range.upperBound
        var slice: [LoggedEvent] = []
        slice.reserveCapacity(range.count)
        while place < end {
            let start = place % EventDeque.chunkSize
            let length = min(end - place, EventDeque.chunkSize - start)
            slice += chunks[place / EventDeque.chunkSize][start..<start + length]
            place += length
        }
        return slice
    }

    /// Takes the last events out until `count` are left.
    mutating func cut(to count: Int) {
        guard count < self.count else { return }
        guard count > 0 else {
            self = EventDeque()
            return
        }
        let last = head + count - 1
        chunks.removeSubrange((last / EventDeque.chunkSize + 1)...)
        chunks[chunks.count - 1].removeSubrange((last % EventDeque.chunkSize + 1)...)
        self.count = count
    }
}
