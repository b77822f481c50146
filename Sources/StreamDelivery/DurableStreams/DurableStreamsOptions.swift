public import DurableLog
public import StreamCore

/// How Durable Streams are served.
public struct DurableStreamsOptions: Sendable {
    /// What the paths of streams begin with: what follows it and a `/` is the stream's name.
    public var path: String
    /// How much one answer holds at most; one message comes whatever its size.
    public var pageLimit: PageLimit
    /// How long a long-poll waits; 30 seconds by default.
    public var longPollTimeout: Duration
    /// How long an event stream lives before the client is to come again, so that caches can collapse readers (§10.2); 60 seconds by default.
    ///
    /// It ends with the first heartbeat after that, or the first event.
    public var eventStreamLifetime: Duration
    /// What an append survives before it is acknowledged; ``/DurableLog/Durability/synced`` by default, as the protocol promises durability.
    public var durability: Durability
    /// The type of the events that are made of what is appended, for the readers that come by other ways.
    public var eventType: StreamEvent.EventType
    /// What the `cache-control` of answers with data says: they may be kept by the reader's own cache alone, unless a host knows better (§10.1).
    public var cacheControl: String
    /// What time of day it is, for cursors.
    public var wallClock: @Sendable () -> Timestamp

    /// The defaults.
    public init(
        path: String = "/v1/stream", pageLimit: PageLimit = PageLimit(events: 4096, bytes: 1 << 20),
        longPollTimeout: Duration = .seconds(30), eventStreamLifetime: Duration = .seconds(60),
        durability: Durability = .synced, eventType: StreamEvent.EventType = StreamEvent.EventType(rawValue: "data"),
        cacheControl: String = "private, max-age=60, stale-while-revalidate=300",
        wallClock: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.path = path
        self.pageLimit = pageLimit
        self.longPollTimeout = longPollTimeout
        self.eventStreamLifetime = eventStreamLifetime
        self.durability = durability
        self.eventType = eventType
        self.cacheControl = cacheControl
        self.wallClock = wallClock
    }
}
