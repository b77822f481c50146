public import DurableLog
public import StreamCore
import Synchronization

/// What stands between a log and its readers outside: one feed per stream that is being read, and the tasks that read the log for them.
///
/// A host makes one, gives it to its endpoints, and has ``run()`` in a task group for as long as it serves:
///
///     let hub = DeliveryHub(log: log)
///     try await withThrowingTaskGroup(of: Void.self) { group in
///         group.addTask { await hub.run() }
///         …
///     }
///
/// A feed lives as long as it has readers. What it holds is bounded by ``FeedLimits``; a reader costs a few hundred bytes, and no task, timer or buffer.
public final class DeliveryHub: Sendable {
    /// The log that is served.
    public let log: any EventLog
    /// The connections that are being served: to count, to revoke and to drain them.
    public let connections: LiveConnections
    private let limits: FeedLimits
    let work: HubWork
    private let feeds = Mutex<[StreamID: Entry]>([:])

    private struct Entry: Sendable {
        var feed: EventFeed
        var readerCount: Int
    }

    /// A hub that serves a log.
    ///
    /// - Parameters:
    ///   - log: The log.
    ///   - limits: How much is held in memory for the readers of a stream.
    ///   - connections: The connections that are being served; give several hubs the same to count and end them together.
    public init(
        log: any EventLog, limits: FeedLimits = FeedLimits(), connections: LiveConnections = LiveConnections()
    ) {
        self.log = log
        self.limits = limits
        self.connections = connections
        work = HubWork(limit: limits.concurrentReads)
    }

    /// Reads the log for the hub's readers until the task is cancelled; then all of them are told that nothing more comes.
    ///
    /// Without it, requests are answered, and readers get what is at hand in memory, but nothing that has to be read.
    public func run() async {
        let subscription = work.signal.subscribe()
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                while let job = work.take() { group.addTask { await self.perform(job) } }
                await subscription.wait()
            }
        }
        work.stop()
        for feed in feeds.withLock({ $0.values.map(\.feed) }) {
            feed.finish(.failed(DeliveryHub.hasStopped(feed.stream)))
        }
    }

    /// Tells every reader to come again, and takes no new ones: ``LiveConnections/drain(retry:spread:)``.
    ///
    /// A host that goes down calls it first, goes on until its connections have ended (``LiveConnections/count``) or its patience has, and then
    /// cancels ``run()``.
    public func drain(retry: Duration = .seconds(1), spread: Duration = .seconds(2)) {
        connections.drain(retry: retry, spread: spread)
    }

    static func hasStopped(_ stream: StreamID) -> EventLogError {
        EventLogError(.unavailable, stream, "the server has stopped serving the log; connect again")
    }

    private func perform(_ job: HubWork.Job) async {
        switch job {
        case .tail(let feed): await feed.refresh(log)
        case .page(let feed, let offset): await feed.fetch(after: offset, log)
        }
        work.finished()
    }

    /// How many streams are being read.
    public var feedCount: Int { feeds.withLock { $0.count } }

    /// How many readers there are.
    public var readerCount: Int { feeds.withLock { $0.values.reduce(0) { $0 + $1.readerCount } } }

    /// Where a reader begins.
    public enum Start: Sendable, Hashable {
        /// Behind an event that it has seen; ``/StreamCore/Offset/start`` for the oldest that is kept.
        case after(Offset)
        /// With what is appended from now on.
        case tail
    }

    /// What opening a stream came to.
    public struct Opening: Sendable {
        /// The reader, which ``FeedReader/end()`` lets go of.
        public var reader: FeedReader
        /// What was known of the stream at that moment.
        public var info: StreamInfo
    }

    /// Begins to read a stream.
    ///
    /// - Parameters:
    ///   - stream: The stream.
    ///   - start: Where to begin; a place that the stream never gave, or no longer has, is answered by ``FeedStep/gap(_:)`` when it is pulled.
    ///   - filter: Which events are wanted; internal ones never are.
    ///   - format: How they are written.
    /// - Throws: `notFound` or `deleted` where there is no such stream, and what else a look at it may throw.
    public func open(
        _ stream: StreamID, _ start: Start = .after(.start), filter: EventFilter = .public, format: WireFormat
    ) async throws(EventLogError) -> Opening {
        for _ in 0..<100 {
            let logSignal = try await log.signal(for: stream)
            let existing = retain(stream, logSignal)
            let feed = existing ?? EventFeed(stream, logSignal: logSignal, hub: self, limits: limits)
            if existing == nil { feed.subscribe() }
            do throws(EventLogError) {
                let info = try await log.info(stream)
                // What was subscribed to and what was looked at are the same stream, and not one that took its place in between.
                if try await log.signal(for: stream) === logSignal {
                    let held = existing ?? insert(feed, info)
                    let offset = DeliveryHub.place(start, info)
                    let reader = FeedReader(
                        feed: held, after: offset, isKnown: offset == info.tail, filter: filter, format: format)
                    return Opening(reader: reader, info: info)
                }
            } catch {
                if existing != nil { release(feed) }
                throw error
            }
            if existing != nil { release(feed) }
        }
        throw EventLogError(
            .unavailable, stream, "the stream is another one each time; a log has one signal for a stream's life")
    }

    // The offset that a start means.
    private static func place(_ start: Start, _ info: StreamInfo) -> Offset {
        switch start {
        case .tail: info.tail
        // Of a stream that keeps nothing, the oldest event is the next.
        case .after(let offset): offset == .start && info.oldest == nil ? info.tail : offset
        }
    }

    // The stream's feed, with one reader more.
    private func retain(_ stream: StreamID, _ logSignal: AppendSignal) -> EventFeed? {
        feeds.withLock { feeds in
            guard let feed = feeds[stream]?.feed, feed.logSignal === logSignal else { return nil }
            feeds[stream]?.readerCount += 1
            return feed
        }
    }

    // Puts a new feed into its place, unless somebody was faster; the one that is there then has one reader more.
    private func insert(_ feed: EventFeed, _ info: StreamInfo) -> EventFeed {
        feed.begin(info)
        let (held, replaced) = feeds.withLock { feeds -> (EventFeed, EventFeed?) in
            let entry = feeds[feed.stream]
            if let entry, entry.feed.logSignal === feed.logSignal {
                feeds[feed.stream]?.readerCount += 1
                return (entry.feed, nil)
            }
            feeds[feed.stream] = Entry(feed: feed, readerCount: 1)
            return (feed, entry?.feed)
        }
        replaced?.finish(.deleted)
        return held
    }

    /// One reader more, of a feed that has some; one that is over is counted by nobody any more.
    func retain(_ feed: EventFeed) {
        feeds.withLock { feeds in
            if feeds[feed.stream]?.feed === feed { feeds[feed.stream]?.readerCount += 1 }
        }
    }

    /// One reader less.
    func release(_ feed: EventFeed) {
        // What goes is let go of outside the lock.
        let gone = feeds.withLock { feeds -> EventFeed? in
            guard let entry = feeds[feed.stream], entry.feed === feed else { return nil }
            if entry.readerCount > 1 {
                feeds[feed.stream]?.readerCount -= 1
                return nil
            }
            feeds[feed.stream] = nil
            return entry.feed
        }
        _ = gone
    }

    /// A feed that is over makes room for another of its stream.
    func forget(_ feed: EventFeed) {
        let gone = feeds.withLock { feeds -> EventFeed? in
            guard feeds[feed.stream]?.feed === feed else { return nil }
            return feeds.removeValue(forKey: feed.stream)?.feed
        }
        _ = gone
    }
}
