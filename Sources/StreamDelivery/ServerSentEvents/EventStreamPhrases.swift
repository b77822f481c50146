import DurableLog
import ServerSentEvents
import StreamCore

/// What a native event stream says beside its events; what all readers of an endpoint are told is encoded once.
final class EventStreamPhrases: Sendable {
    /// The first thing that a reader gets, at once: a comment, and how long to wait before it connects again.
    let opening: DeliveryPiece
    /// That the connection is alive.
    let heartbeat: DeliveryPiece
    private let retry: Duration

    init(retry: Duration) {
        self.retry = max(.zero, retry)
        var bytes: [UInt8] = []
        ServerSentEventSerializer.appendComment("connected", to: &bytes)
        // Not negative, which is all that could be refused.
        try? ServerSentEventSerializer.appendRetry(self.retry, to: &bytes)
        opening = DeliveryPiece(bytes)
        bytes = []
        ServerSentEventSerializer.appendComment("", to: &bytes)
        heartbeat = DeliveryPiece(bytes)
    }

    /// Moves the reader's cursor, and says nothing else.
    func cursor(_ offset: Offset) -> DeliveryPiece {
        var bytes: [UInt8] = []
        try? ServerSentEventSerializer.appendCursor(id: offset.description, to: &bytes)
        return DeliveryPiece(bytes)
    }

    /// That events are missing for good.
    func gap(_ gap: FeedGap) -> DeliveryPiece {
        var bytes: [UInt8] = []
        try? ServerSentEventSerializer.append(
            data: gap.jsonString, type: StreamEvent.EventType.gap.rawValue, to: &bytes)
        return DeliveryPiece(bytes)
    }

    /// The last thing that a reader gets: why, when to come again, and from where.
    func farewell(_ reason: String, retry: Duration?, cursor: Offset?) -> DeliveryPiece {
        var bytes: [UInt8] = []
        ServerSentEventSerializer.appendComment(reason, to: &bytes)
        if let retry { try? ServerSentEventSerializer.appendRetry(max(.zero, retry), to: &bytes) }
        if let cursor { try? ServerSentEventSerializer.appendCursor(id: cursor.description, to: &bytes) }
        return DeliveryPiece(bytes)
    }
}

extension FeedGap {
    /// `{"type":"gap","asked":…,"oldest":…,"newest":…}`: offsets; `oldest` is null when nothing is kept.
    public var jsonString: String {
        JSONValue.object([
            "type": "gap", "asked": .string(asked.description),
            "oldest": oldest.map { .string($0.description) } ?? .null, "newest": .string(newest.description),
        ]).jsonString
    }
}
