public import DurableLog

/// How much a feed, which serves the readers of one stream, holds in memory.
public struct FeedLimits: Sendable, Hashable {
    /// How many bytes of the newest events are kept, their encodings not counted; 1 MiB by default.
    public var windowBytes: Int
    /// How much is read from the log at a time at the stream's tail.
    public var tailPage: PageLimit
    /// How much is read from the log at a time for readers that are behind the window.
    public var historyPage: PageLimit
    /// How many pages from before the window are kept for others who come from the same place; 8 by default.
    public var historyPages: Int
    /// How many reads of the log are under way at a time, for all feeds of a hub together; 16 by default.
    public var concurrentReads: Int

    /// Limits from their parts.
    public init(
        windowBytes: Int = 1 << 20, tailPage: PageLimit = PageLimit(),
        historyPage: PageLimit = PageLimit(events: 512, bytes: 64 << 10), historyPages: Int = 8,
        concurrentReads: Int = 16
    ) {
        self.windowBytes = max(1, windowBytes)
        self.tailPage = tailPage
        self.historyPage = historyPage
        self.historyPages = max(1, historyPages)
        self.concurrentReads = max(1, concurrentReads)
    }
}
