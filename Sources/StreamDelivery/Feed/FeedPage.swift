import DurableLog
import StreamCore
import Synchronization

/// A stretch of a stream as it was read from the log, and what it looks like in each wire format that somebody asked for.
final class FeedPage: Sendable {
    /// The place before its first event.
    let after: Offset
    /// Its events, at least one.
    let events: [LoggedEvent]
    /// What it takes in memory, roughly, without its encodings.
    let cost: Int
    private let encodings: Mutex<[PageEncoding]>

    /// How many encodings are kept; who asks for more of them gets one of its own.
    static let maxEncodings = 8

    /// A page of events, of which there is at least one.
    init(after: Offset, events: [LoggedEvent]) {
        self.after = after
        self.events = events
        cost = events.reduce(0) { $0 + $1.event.payload.count + 128 }
        encodings = Mutex([])
    }

    /// Two pages in one, the second behind the first; what both have encoded stays encoded.
    init(_ first: FeedPage, _ second: FeedPage) {
        after = first.after
        events = first.events + second.events
        cost = first.cost + second.cost
        let (ones, others) = (first.encodings.withLock { $0 }, second.encodings.withLock { $0 })
        encodings = Mutex(
            ones.compactMap { one in others.first { $0.format == one.format }.map { PageEncoding(one, $0) } })
    }

    /// The place of its last event.
    var last: Offset { events[events.count - 1].offset }

    /// How many of its events stand up to and including `offset`; nil when that is no place in it.
    func count(through offset: Offset) -> Int? {
        if offset == after { return 0 }
        // Offsets are dense but where an era begins, so the first guess is nearly always right.
        let guess = Int(offset.index) - Int(events[0].offset.index)
        if events.indices.contains(guess), events[guess].offset == offset { return guess + 1 }
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return low < events.count && events[low].offset == offset ? low + 1 : nil
    }

    /// The page in a wire format: made by the first who asks, while the others wait for it.
    func encoding(_ format: WireFormat) -> PageEncoding {
        encodings.withLock { encodings in
            if let encoding = encodings.first(where: { $0.format == format.name }) { return encoding }
            let encoding = PageEncoding(events, format)
            if encodings.count < FeedPage.maxEncodings { encodings.append(encoding) }
            return encoding
        }
    }
}

/// A page in one wire format.
struct PageEncoding: Sendable {
    let format: String
    let shared: SharedBytes
    /// Where each event ends in the bytes; an internal event ends where it begins.
    let ends: [Int]

    init(_ events: [LoggedEvent], _ format: WireFormat) {
        self.format = format.name
        var bytes: [UInt8] = []
        bytes.reserveCapacity(events.reduce(0) { $0 + $1.event.payload.count + 64 })
        var ends: [Int] = []
        ends.reserveCapacity(events.count)
        for event in events {
            format.append(event, to: &bytes)
            ends.append(bytes.count)
        }
        self.ends = ends
        shared = SharedBytes(bytes)
    }

    init(_ first: PageEncoding, _ second: PageEncoding) {
        format = first.format
        shared = SharedBytes(first.shared.bytes + second.shared.bytes)
        let length = first.shared.bytes.count
        ends = first.ends + second.ends.map { $0 + length }
    }

    /// Where an event begins.
    func start(_ event: Int) -> Int { event == 0 ? 0 : ends[event - 1] }
}
