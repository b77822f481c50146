public import StreamCore

/// An event with its place in a stream.
public struct LoggedEvent: Sendable, Hashable {
    /// Its place; no other event of the stream ever has the same.
    public var offset: Offset
    /// When it was appended, by the clock of the machine that appended it.
    public var timestamp: Timestamp
    /// The event.
    public var event: StreamEvent

    /// A logged event from its parts.
    public init(offset: Offset, timestamp: Timestamp, event: StreamEvent) {
        self.offset = offset
        self.timestamp = timestamp
        self.event = event
    }
}

/// How much one read returns at most.
public struct PageLimit: Sendable, Hashable {
    /// The most events; at least 1.
    public var events: Int
    /// The most bytes of payload; the first event comes whatever its size.
    public var bytes: Int

    /// A limit from its parts; smaller numbers than 1 count as 1.
    ///
    /// As a cursor holds a page, a thousand cursors far behind hold a thousand: with the defaults some 60 KiB each, at most.
    public init(events: Int = 256, bytes: Int = 32 << 10) {
        self.events = max(1, events)
        self.bytes = max(1, bytes)
    }
}

/// What one read returned.
public struct EventPage: Sendable, Hashable {
    /// The events, in the order of their offsets.
    public var events: [LoggedEvent]
    /// Where to read on: the last event's offset; when there is none, the stream's tail.
    public var next: Offset
    /// Whether nothing more was there when the page was read.
    public var isUpToDate: Bool
    /// Whether nothing will ever follow: the stream is closed, and this is its end.
    public var isAtEnd: Bool

    /// A page from its parts.
    public init(events: [LoggedEvent], next: Offset, isUpToDate: Bool, isAtEnd: Bool) {
        self.events = events
        self.next = next
        self.isUpToDate = isUpToDate
        self.isAtEnd = isAtEnd
    }
}

/// Which events a reader wants, judged by their headers alone.
public struct EventFilter: Sendable, Hashable {
    /// Only events of these types; nil for all.
    public var types: Set<StreamEvent.EventType>?
    /// Only events from these sources (agents), and those without a source; nil for all.
    public var sources: Set<String>?
    /// Whether internal events are wanted, which no reader outside ever gets.
    public var includesInternal: Bool

    /// A filter from its parts; by default all public events.
    public init(types: Set<StreamEvent.EventType>? = nil, sources: Set<String>? = nil, includesInternal: Bool = false) {
        self.types = types
        self.sources = sources
        self.includesInternal = includesInternal
    }

    /// Every event, internal ones included: for recovery and tools.
    public static let all = EventFilter(includesInternal: true)
    /// Every public event: for readers.
    public static let `public` = EventFilter()

    /// Whether the event is wanted.
    public func includes(_ event: StreamEvent) -> Bool {
        if event.visibility == .internal, !includesInternal { return false }
        if let types, !types.contains(event.type) { return false }
        if let sources, !event.source.isEmpty, !sources.contains(event.source) { return false }
        return true
    }
}
