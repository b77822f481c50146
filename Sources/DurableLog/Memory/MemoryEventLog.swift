public import StreamCore
import Synchronization

/// A log in the memory of this process: for tests, and for streams that need not outlive it.
///
/// It is bounded: a stream keeps at most ``Limits/streamBytes``, beyond which its oldest events go, as by a retention. Offsets are never given twice, not by
/// another instance either: the first era is drawn at random. For a log in memory, `.synced` is no more than `.buffered`.
public final class MemoryEventLog: EventLog {
    /// How much a log holds.
    public struct Limits: Sendable, Hashable {
        /// The most bytes of events that a stream keeps.
        public var streamBytes: Int
        /// The most bytes of an append.
        public var batchBytes: Int
        /// The most streams.
        public var streams: Int

        /// Limits from their parts.
        public init(streamBytes: Int = 64 << 20, batchBytes: Int = 16 << 20, streams: Int = 100_000) {
            self.streamBytes = streamBytes
            self.batchBytes = batchBytes
            self.streams = streams
        }
    }

    private let registry: Mutex<MemoryRegistry>
    private let limits: Limits
    private let wallClock: @Sendable () -> Timestamp

    /// An empty log.
    ///
    /// - Parameters:
    ///   - limits: How much it holds.
    ///   - firstEra: The era of the first streams, up to 2¹⁹; nil draws one at random, so that offsets of an earlier instance are known for strangers.
    ///   - wallClock: What time it is, for timestamps and lifetimes.
    public init(
        limits: Limits = Limits(), firstEra: UInt32? = nil,
        wallClock: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.limits = limits
        self.wallClock = wallClock
        registry = Mutex(MemoryRegistry(firstEra: min(firstEra ?? .random(in: 1...(1 << 19)), 1 << 19)))
    }

    /// Makes a stream, or says that one with the same options is there.
    public func create(_ stream: StreamID, options: StreamOptions) async throws(EventLogError) -> StreamCreation {
        let now = wallClock()
        return try registry.withLock { (registry) throws(EventLogError) in
            try registry.create(stream, options, maxStreams: limits.streams, now: now)
        }
    }

    /// Adds events at the end, all or none.
    public func append(
        _ events: [StreamEvent], to stream: StreamID, options: AppendOptions
    ) async throws(EventLogError) -> AppendResult {
        var size = 0
        for event in events { size += event.storedByteCount }
        guard size <= limits.batchBytes else {
            throw EventLogError(
                .tooLarge, stream, "the batch has \(size) bytes; \(limits.batchBytes) are allowed (Limits.batchBytes)")
        }
        let entry = LedgerEntry(events, options)
        let cell = try cell(of: stream)
        let now = wallClock()
        let result = try cell.state.withLock { (state) throws(EventLogError) in
            let verdict = try state.ledger.check(entry, contentType: options.contentType, in: stream)
            state.lastUse = now
            switch verdict {
            case .nothing(let result): return result
            case .append(let result):
                state.append(events, entry, now: now)
                state.trim(maxBytes: limits.streamBytes, now: now)
                return result
            }
        }
        if !result.isDuplicate { cell.signal.notify() }
        return result
    }

    /// The events after `offset`, up to `limit`.
    public func read(
        _ stream: StreamID, after offset: Offset, limit: PageLimit
    ) async throws(EventLogError) -> EventPage {
        let cell = try cell(of: stream)
        let now = wallClock()
        return try cell.state.withLock { (state) throws(EventLogError) in
            state.lastUse = now
            if state.options.retention.maxAge != nil { state.trim(maxBytes: limits.streamBytes, now: now) }
            return try state.page(after: offset, limit: limit)
        }
    }

    /// What is known of a stream.
    public func info(_ stream: StreamID) async throws(EventLogError) -> StreamInfo {
        try cell(of: stream).state.withLock { $0.info }
    }

    /// What tells of the stream's appends.
    public func signal(for stream: StreamID) async throws(EventLogError) -> AppendSignal {
        try cell(of: stream).signal
    }

    /// Gives `producer` its next epoch.
    public func claim(_ producer: ProducerID, in stream: StreamID) async throws(EventLogError) -> UInt64 {
        try cell(of: stream).state.withLock { (state) throws(EventLogError) in
            let epoch = try state.ledger.nextEpoch(of: producer, in: stream)
            state.ledger.apply(LedgerEntry(claim: producer))
            return epoch
        }
    }

    /// Removes a stream and its events; forks have copies.
    public func delete(_ stream: StreamID) async throws(EventLogError) {
        let now = wallClock()
        let signal = try registry.withLock { (registry) throws(EventLogError) in
            let cell = try registry.cell(of: stream, now: now)
            registry.remove(stream, cell)
            return cell.signal
        }
        signal.notify()
    }

    /// Names of streams in bytewise order.
    public func list(
        prefix: String, after name: StreamID?, limit: Int
    ) async throws(EventLogError) -> [StreamID] {
        let now = wallClock()
        return registry.withLock { $0.list(prefix: prefix, after: name, limit: limit, now: now) }
    }

    private func cell(of stream: StreamID) throws(EventLogError) -> MemoryCell {
        let now = wallClock()
        return try registry.withLock { (registry) throws(EventLogError) in try registry.cell(of: stream, now: now) }
    }
}

/// A stream with its lock and its signal.
final class MemoryCell: Sendable {
    let state: Mutex<MemoryStream>
    let signal = AppendSignal()

    init(_ stream: MemoryStream) {
        state = Mutex(stream)
    }
}
