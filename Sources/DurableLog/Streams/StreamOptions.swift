public import StreamCore

/// What a stream is made with; a repeated creation succeeds only with the same.
public struct StreamOptions: Sendable, Hashable {
    /// The media type of the payloads, lower case without blanks around `;`; ours hold one JSON value per event.
    public var contentType: String
    /// When the stream is removed by itself.
    public var lifetime: StreamLifetime
    /// Which events are kept.
    public var retention: Retention
    /// The stream whose beginning this one shares; nil for a stream of its own.
    public var fork: ForkPoint?
    /// Whether the stream is closed from the start.
    public var isClosed: Bool

    /// Options from their parts.
    public init(
        contentType: String = "application/json", lifetime: StreamLifetime = .unlimited,
        retention: Retention = .everything,
        fork: ForkPoint? = nil, isClosed: Bool = false
    ) {
        self.contentType = contentType
        self.lifetime = lifetime
        self.retention = retention
        self.fork = fork
        self.isClosed = isClosed
    }
}

extension StreamOptions {
    /// Whether two content types are the same as far as streams are concerned: by their media type alone, without case and parameters.
    static func isSameType(_ one: String, _ other: String) -> Bool {
        one == other || mediaType(one) == mediaType(other)
    }

    private static func mediaType(_ type: String) -> [UInt8] {
        let blanks: [UInt8] = [UInt8(ascii: " "), UInt8(ascii: "\t")]
        let name = type.utf8.prefix { $0 != UInt8(ascii: ";") }.drop { blanks.contains($0) }
        let end = name.lastIndex { !blanks.contains($0) }.map { name.index(after: $0) } ?? name.startIndex
        return name[..<end].map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}

/// When a stream is removed by itself.
public enum StreamLifetime: Sendable, Hashable {
    /// Never.
    case unlimited
    /// That long after the last append or read (Durable Streams `Stream-TTL`); at least a second.
    case sliding(Duration)
    /// At a fixed time (Durable Streams `Stream-Expires-At`).
    case until(Timestamp)
}

/// Which events of a stream are kept; older ones go, in whole steps of the store's own, so that somewhat more may be kept.
public struct Retention: Sendable, Hashable {
    /// The most events; nil for any number.
    public var maxEvents: Int?
    /// The most bytes of events as stored; nil for any number.
    public var maxBytes: Int?
    /// The greatest age of an event; nil for any.
    public var maxAge: Duration?

    /// A retention from its parts.
    public init(maxEvents: Int? = nil, maxBytes: Int? = nil, maxAge: Duration? = nil) {
        self.maxEvents = maxEvents
        self.maxBytes = maxBytes
        self.maxAge = maxAge
    }

    /// Everything is kept.
    public static let everything = Retention()
}

/// Where a fork leaves its source: it has the source's events up to and including an offset, under the same offsets.
public struct ForkPoint: Sendable, Hashable {
    /// The stream that is forked.
    public var source: StreamID
    /// The last event that both share; nil for the source's newest.
    public var offset: Offset?

    /// A fork point from its parts.
    public init(source: StreamID, offset: Offset? = nil) {
        self.source = source
        self.offset = offset
    }
}

/// What became of a creation.
public struct StreamCreation: Sendable, Hashable {
    /// Whether the stream was made, rather than found with the same options.
    public var isNew: Bool
    /// The stream as it is now.
    public var info: StreamInfo

    /// A creation from its parts.
    public init(isNew: Bool, info: StreamInfo) {
        self.isNew = isNew
        self.info = info
    }
}

/// What is known of a stream.
public struct StreamInfo: Sendable, Hashable {
    /// What the stream was made with.
    public var options: StreamOptions
    /// Where it ends: the newest event's offset, or where the first event will follow.
    public var tail: Offset
    /// The oldest event that is kept; nil when there is none.
    public var oldest: Offset?
    /// Whether it is closed: nothing follows ``tail``.
    public var isClosed: Bool
    /// When it is removed unless it is used; nil when never.
    public var expiresAt: Timestamp?

    /// What is known, from its parts.
    public init(options: StreamOptions, tail: Offset, oldest: Offset?, isClosed: Bool, expiresAt: Timestamp? = nil) {
        self.options = options
        self.tail = tail
        self.oldest = oldest
        self.isClosed = isClosed
        self.expiresAt = expiresAt
    }

    /// Whether a creation with `options` means this stream, and succeeds without making one.
    ///
    /// Content types count without their parameters, the closed state as it is now (Durable Streams, "Create Stream"), and a fork point without an
    /// offset as any. ``options`` must have the fork's offset, where there is one.
    public func matches(_ options: StreamOptions) -> Bool {
        var (mine, theirs) = (self.options, options)
        guard StreamOptions.isSameType(mine.contentType, theirs.contentType) else { return false }
        mine.contentType = theirs.contentType
        mine.isClosed = isClosed
        if theirs.fork != nil, theirs.fork?.offset == nil { theirs.fork?.offset = mine.fork?.offset }
        return mine == theirs
    }
}
