import DurableLog
import StreamCore

/// The newest events of a stream, without a gap up to its tail, in pages: what readers who keep up are served from.
struct FeedWindow: Sendable {
    /// The place before the oldest event that is kept.
    private(set) var floor: Offset
    private var pages: [FeedPage] = []
    private var cost = 0
    private let maxCost: Int

    /// Pages beyond this size are not put together.
    private static let mergedCost = 64 << 10

    /// An empty window at the stream's tail.
    init(floor: Offset, maxBytes: Int) {
        self.floor = floor
        maxCost = maxBytes
    }

    /// The place of the newest event, or of the one that the next follows.
    var tail: Offset { pages.last?.last ?? floor }

    /// How many pages there are.
    var pageCount: Int { pages.count }

    /// Adds the events that follow the tail, and lets go of the oldest beyond the bound; the newest page always stays.
    mutating func append(_ events: [LoggedEvent]) {
        guard !events.isEmpty else { return }
        pages.append(FeedPage(after: tail, events: events))
        cost += pages[pages.count - 1].cost
        merge()
        var surplus = 0
        while cost > maxCost, surplus < pages.count - 1 {
            cost -= pages[surplus].cost
            floor = pages[surplus].last
            surplus += 1
        }
        pages.removeFirst(surplus)
    }

    // Small pages behind the newest, which readers are at, are put together in the manner of a log-structured merge: an event is copied a few times, and a reader
    // who comes back finds few pages rather than one per token.
    private mutating func merge() {
        while pages.count >= 3 {
            let (first, second) = (pages[pages.count - 3], pages[pages.count - 2])
            guard first.cost <= 2 * second.cost, first.cost + second.cost <= FeedWindow.mergedCost else { return }
            pages[pages.count - 3] = FeedPage(first, second)
            pages.remove(at: pages.count - 2)
        }
    }

    /// Begins anew at the stream's tail.
    mutating func reset(to tail: Offset) {
        floor = tail
        pages = []
        cost = 0
    }

    /// What is known here of a reader's place.
    enum Place {
        /// The reader has everything.
        case tail
        /// The page with its next event, which has this number in it.
        case page(FeedPage, Int)
        /// It is none of an event here.
        case elsewhere
    }

    /// Where a reader stands that has everything up to `offset`.
    func place(of offset: Offset) -> Place {
        if offset == tail { return .tail }
        guard offset >= floor, offset < tail else { return .elsewhere }
        // Most readers want the newest page.
        var low = pages[pages.count - 1].after <= offset ? pages.count - 1 : 0
        var high = pages.count - 1
        while low < high {
            let middle = (low + high) / 2
            if pages[middle].last <= offset { low = middle + 1 } else { high = middle }
        }
        return pages[low].count(through: offset).map { .page(pages[low], $0) } ?? .elsewhere
    }
}
