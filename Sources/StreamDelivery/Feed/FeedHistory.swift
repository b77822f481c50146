import DurableLog
import StreamCore

/// Pages from before the window that somebody fetched, kept for a while for those who come from the same place.
struct FeedHistory: Sendable {
    // The one used last stands at the end.
    private var pages: [FeedPage] = []
    private let maxPages: Int

    init(maxPages: Int) {
        self.maxPages = max(1, maxPages)
    }

    /// How many pages there are.
    var pageCount: Int { pages.count }

    /// Keeps a page, instead of the one that was not used for longest.
    mutating func insert(_ page: FeedPage) {
        pages.removeAll { $0.after == page.after }
        pages.append(page)
        if pages.count > maxPages { pages.removeFirst() }
    }

    /// The page with the event that follows `offset`, which has this number in it.
    mutating func find(_ offset: Offset) -> (FeedPage, Int)? {
        for place in pages.indices.reversed() {
            let page = pages[place]
            guard offset >= page.after, offset < page.last, let count = page.count(through: offset) else { continue }
            if place != pages.count - 1 {
                pages.remove(at: place)
                pages.append(page)
            }
            return (page, count)
        }
        return nil
    }

    /// Forgets everything, as when it turned out not to be the stream's any more.
    mutating func removeAll() {
        pages = []
    }
}
