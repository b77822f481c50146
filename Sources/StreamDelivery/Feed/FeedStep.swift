public import DurableLog
public import StreamCore

/// What a pull of a feed's reader came to.
public enum FeedStep: Sendable {
    /// Events, in the reader's wire format; ``FeedReader/position`` has moved behind them.
    case piece(DeliveryPiece)
    /// Nothing for now: the feed's signal or `onReady` tells when to pull again.
    case wait
    /// What followed the reader's place is not kept. Who pulls again gets what is kept, from the oldest on.
    case gap(FeedGap)
    /// Nothing will follow.
    case end(FeedEnd)
}

/// What a reader has missed for good.
public struct FeedGap: Sendable, Hashable {
    /// The place that it wanted to go on from.
    public var asked: Offset
    /// The oldest event that is kept; nil when there is none.
    public var oldest: Offset?
    /// Where the stream ends.
    public var newest: Offset

    /// A gap from its parts.
    public init(asked: Offset, oldest: Offset?, newest: Offset) {
        self.asked = asked
        self.oldest = oldest
        self.newest = newest
    }
}

/// Why nothing more comes from a feed.
public enum FeedEnd: Sendable {
    /// The stream is closed, and the reader has all of it.
    case closed
    /// The stream was deleted; one of the same name may have been made since.
    case deleted
    /// The log cannot be read, or is no longer served.
    case failed(EventLogError)
}
