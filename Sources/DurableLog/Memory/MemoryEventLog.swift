public import StreamCore
import Synchronization

/// A log in the memory of this process: for tests, and for streams that need not outlive it.
///
/// It is bounded: a stream keeps at most ``Limits/streamBytes``, beyond which its oldest events go, as by a retention; beyond ``Limits/bytes`` of the
/// whole log, appends fail with `storage`. Offsets are never given twice, not by another instance either: the first era is drawn at random. For a log in
/// memory, `.synced` is no more than `.buffered`.
///
/// A stream whose lifetime is over is removed when it is next looked at, or by ``removeExpired()``. A fork shares its source's events and keeps them.
public final class MemoryEventLog: EventLog {
    /// How much a log holds.
    public struct Limits: Sendable, Hashable {
        /// The most bytes of events that all streams keep together, those that forks share counted for each: 1 GiB by default.
        public var bytes: Int
        /// The most bytes of events that a stream keeps: 64 MiB by default.
        public var streamBytes: Int
        /// The most bytes of an append: 16 MiB by default.
        public var batchBytes: Int
        /// The most streams: 100,000 by default.
        public var streams: Int

        /// Limits from their parts.
        public init(
            bytes: Int = 1 << 30, streamBytes: Int = 64 << 20, batchBytes: Int = 16 << 20, streams: Int = 100_000
        ) {
            self.bytes = bytes
            self.streamBytes = streamBytes
            self.batchBytes = batchBytes
            self.streams = streams
        }
    }

    private let registry: Mutex<MemoryRegistry>
    private let limits: Limits
    private let wallClock: @Sendable () -> Timestamp
    private let byteCount = Atomic(0)

    /// An empty log whose first era is drawn at random.
    ///
    /// - Parameters:
    ///   - limits: How much it holds.
    ///   - wallClock: What time it is, for timestamps, lifetimes and ages.
    public convenience init(limits: Limits = Limits(), wallClock: @escaping @Sendable () -> Timestamp = Timestamp.now) {
        var generator = SystemRandomNumberGenerator()
        self.init(limits: limits, drawingEraFrom: &generator, wallClock: wallClock)
    }

    /// An empty log whose first era is drawn from `generator`.
    public convenience init(
        limits: Limits = Limits(), drawingEraFrom generator: inout some RandomNumberGenerator,
        wallClock: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.init(limits: limits, firstEra: .random(in: 1...(1 << 19), using: &generator), wallClock: wallClock)
    }

    /// An empty log whose streams begin in an era, up to 2¹⁹: for tests, and for who counts instances.
    public init(
        limits: Limits = Limits(), firstEra: UInt32, wallClock: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.limits = limits
        self.wallClock = wallClock
        registry = Mutex(MemoryRegistry(firstEra: min(firstEra, 1 << 19), wallClock: wallClock))
    }

    /// How many bytes of events all streams keep together.
    public var storedBytes: Int { byteCount.load(ordering: .relaxed) }

    /// Removes the streams whose lifetime is over, and tells those who wait for them.
    public func removeExpired() {
        withRegistry { $0.removeExpired() }
    }

    /// Makes a stream, or says that one with the same options is there.
    public func create(_ stream: StreamID, options: StreamOptions) async throws(EventLogError) -> StreamCreation {
        let creation = try withRegistry { (registry) throws(EventLogError) in
            try registry.create(stream, options, maxStreams: limits.streams)
        }
        // A fork has events from the start.
        if creation.isNew, options.fork != nil { try? with(stream) { _, _ in } }
        return creation
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
        let (result, signal) = try with(stream) { (state, cell) throws(EventLogError) in
            switch try state.ledger.check(entry, contentType: options.contentType, in: stream) {
            case .nothing(let result): return (result, nil as AppendSignal?)
            case .append(let result):
                guard size == 0 || storedBytes + size <= limits.bytes else {
                    throw EventLogError(
                        .storage, stream,
                        "the log holds \(limits.bytes) bytes and nothing was appended; delete streams, or raise Limits.bytes"
                    )
                }
                let now = wallClock()
                state.lastUse = now
                state.append(events, entry, now: now)
                state.trim(maxBytes: limits.streamBytes, now: now)
                return (result, cell.signal)
            }
        }
        signal?.notify()
        return result
    }

    /// The events after `offset`, up to `limit`.
    public func read(
        _ stream: StreamID, after offset: Offset, limit: PageLimit
    ) async throws(EventLogError) -> EventPage {
        try with(stream) { (state, cell) throws(EventLogError) in
            if cell.isTimed {
                let now = wallClock()
                state.lastUse = now
                state.trim(maxBytes: limits.streamBytes, now: now)
            }
            return try state.page(after: offset, limit: limit)
        }
    }

    /// What is known of a stream.
    public func info(_ stream: StreamID) async throws(EventLogError) -> StreamInfo {
        try with(stream) { (state, _) in state.info }
    }

    /// What tells of the stream's appends.
    public func signal(for stream: StreamID) async throws(EventLogError) -> AppendSignal {
        try with(stream) { (_, cell) in cell.signal }
    }

    /// Gives `producer` its next epoch.
    public func claim(_ producer: ProducerID, in stream: StreamID) async throws(EventLogError) -> UInt64 {
        try with(stream) { (state, _) throws(EventLogError) in try state.claim(producer) }
    }

    /// Removes a stream and its events; forks keep what they share.
    public func delete(_ stream: StreamID) async throws(EventLogError) {
        try withRegistry { (registry) throws(EventLogError) in try registry.delete(stream) }
    }

    /// Names of streams in bytewise order.
    public func list(prefix: String, after name: StreamID?, limit: Int) async throws(EventLogError) -> [StreamID] {
        withRegistry { $0.list(prefix: prefix, after: name, limit: limit) }
    }

    // Works on a stream under its lock, and counts what it then holds.
    private func with<Value: Sendable>(
        _ stream: StreamID, _ body: (inout MemoryStream, MemoryCell) throws(EventLogError) -> Value
    ) throws(EventLogError) -> Value {
        while true {
            let cell = try withRegistry { (registry) throws(EventLogError) in try registry.cell(of: stream) }
            let value = try cell.state.withLock { (state) throws(EventLogError) -> Value? in
                if state.isRemoved { return nil }
                defer {
                    let change = state.takeByteChange()
                    if change != 0 { byteCount.add(change, ordering: .relaxed) }
                }
                return try body(&state, cell)
            }
            if let value { return value }
        }
    }

    private func withRegistry<Value: Sendable, Failure: Error>(
        _ body: (inout MemoryRegistry) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let (result, removed) = registry.withLock { registry in
            let result = Result { () throws(Failure) in try body(&registry) }
            // The common case: nothing to take.
            if registry.removed.isEmpty { return (result, [MemoryCell]()) }
            defer { registry.removed = [] }
            return (result, registry.removed)
        }
        for cell in removed {
            byteCount.subtract(cell.state.withLock { $0.countedBytes }, ordering: .relaxed)
            cell.signal.notify()
        }
        return try result.get()
    }
}
