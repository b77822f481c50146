import DurableLog
import StreamCore
import StreamDelivery
import Synchronization

/// Waits for a source or a reader, as a host does: subscribed before the first pull.
final class Waker: Sendable {
    private let wake = AppendSignal()
    private let own: AppendSubscription
    private let subscription = Mutex<AppendSubscription?>(nil)

    init(_ signal: AppendSignal) {
        own = wake.subscribe()
        let wake = wake
        subscription.withLock { $0 = signal.subscribe { wake.notify() } }
    }

    func ready() { wake.notify() }
    func wait() async { await own.wait() }
}

extension FeedReader {
    /// A waker that is attached to the reader.
    func waker() -> Waker {
        let waker = Waker(signal)
        attach { waker.ready() }
        return waker
    }

    /// Everything up to the first wait: the pieces as text, and what was not a piece.
    func pullAll(maxBytes: Int = 1 << 20) -> (text: [String], last: FeedStep) {
        var pieces: [String] = []
        while true {
            let step = next(maxBytes: maxBytes)
            guard case .piece(let piece) = step else { return (pieces, step) }
            pieces.append(String(decoding: piece.bytes, as: UTF8.self))
        }
    }

    /// Pulls until something other than a piece or a wait comes, or `isEnough` says so.
    func pull(
        _ waker: Waker, maxBytes: Int = 1 << 20, until isEnough: (String) -> Bool = { _ in false }
    ) async -> (text: String, last: FeedStep?) {
        var text = ""
        while !Task.isCancelled {
            switch next(maxBytes: maxBytes) {
            case .piece(let piece):
                text += String(decoding: piece.bytes, as: UTF8.self)
                if isEnough(text) { return (text, nil) }
            case .wait: await waker.wait()
            case let step: return (text, step)
            }
        }
        return (text, nil)
    }
}

extension DeliverySource {
    /// Pulls until the end, or until `isEnough` says so.
    func pull(maxBytes: Int = 1 << 20, until isEnough: (String) -> Bool = { _ in false }) async -> (String, ended: Bool)
    {
        let waker = Waker(signal)
        attach { waker.ready() }
        return await pull(waker, maxBytes: maxBytes, until: isEnough)
    }

    func pull(
        _ waker: Waker, maxBytes: Int = 1 << 20, until isEnough: (String) -> Bool = { _ in false }
    ) async -> (String, ended: Bool) {
        var text = ""
        while !Task.isCancelled {
            switch next(maxBytes: maxBytes) {
            case .piece(let piece):
                text += String(decoding: piece.bytes, as: UTF8.self)
                if isEnough(text) { return (text, false) }
            case .wait: await waker.wait()
            case .end: return (text, true)
            }
        }
        return (text, false)
    }
}

/// Runs a hub for as long as `body` does.
func withHub<Value: Sendable>(
    _ log: any EventLog, limits: FeedLimits = FeedLimits(), connections: LiveConnections = LiveConnections(),
    _ body: @Sendable (DeliveryHub) async throws -> Value
) async throws -> Value {
    let hub = DeliveryHub(log: log, limits: limits, connections: connections)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await hub.run() }
        defer { group.cancelAll() }
        return try await body(hub)
    }
}

extension StreamEvent {
    /// An event with a number as its payload.
    static func number(_ number: Int, type: EventType = .content, source: String = "") -> StreamEvent {
        StreamEvent(type: type, source: source, payload: Array("\(number)".utf8))
    }

    /// An event that nobody outside may see.
    static func secret() -> StreamEvent {
        StreamEvent(type: .content, visibility: .internal, payload: Array("\"secret\"".utf8))
    }
}

extension WireFormat {
    /// Payloads, each with a blank behind it, and how many were written.
    static func plain(_ count: Counter = Counter()) -> WireFormat {
        WireFormat(name: "plain") { event, bytes in
            count.add()
            bytes += event.event.payload + [UInt8(ascii: " ")]
        }
    }
}

/// Counts across threads.
final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
    func add() { count.add(1, ordering: .sequentiallyConsistent) }
}

/// A log that has no pages at hand, as one whose store is elsewhere, and can be made to fail.
final class DistantLog: EventLog {
    let log = MemoryEventLog(firstEra: 1)
    private let failure = Mutex<EventLogError?>(nil)
    let reads = Counter()
    private let signals = Mutex<[ObjectIdentifier: (AppendSignal, AppendSignal, AppendSubscription)]>([:])

    func fail(_ error: EventLogError?) { failure.withLock { $0 = error } }

    func create(_ stream: StreamID, options: StreamOptions) async throws(EventLogError) -> StreamCreation {
        try await log.create(stream, options: options)
    }
    func append(
        _ events: [StreamEvent], to stream: StreamID, options: AppendOptions
    ) async throws(EventLogError) -> AppendResult { try await log.append(events, to: stream, options: options) }
    func read(_ stream: StreamID, after offset: Offset, limit: PageLimit) async throws(EventLogError) -> EventPage {
        reads.add()
        if let error = failure.withLock({ $0 }) { throw error }
        return try await log.read(stream, after: offset, limit: limit)
    }
    func info(_ stream: StreamID) async throws(EventLogError) -> StreamInfo { try await log.info(stream) }
    func claim(_ producer: ProducerID, in stream: StreamID) async throws(EventLogError) -> UInt64 {
        try await log.claim(producer, in: stream)
    }
    func delete(_ stream: StreamID) async throws(EventLogError) { try await log.delete(stream) }
    func list(prefix: String, after name: StreamID?, limit: Int) async throws(EventLogError) -> [StreamID] {
        try await log.list(prefix: prefix, after: name, limit: limit)
    }

    /// A signal of its own, which has no pages.
    func signal(for stream: StreamID) async throws(EventLogError) -> AppendSignal {
        let inner = try await log.signal(for: stream)
        return signals.withLock { signals in
            if let (_, outer, _) = signals[ObjectIdentifier(inner)] { return outer }
            let outer = AppendSignal()
            signals[ObjectIdentifier(inner)] = (inner, outer, inner.subscribe { [weak outer] in outer?.notify() })
            return outer
        }
    }
}
