import StreamCore
import Synchronization

/// Which streams a ``MemoryEventLog`` has, and what is remembered of those that are gone.
struct MemoryRegistry: Sendable {
    /// How many deleted streams are remembered by name.
    static let maxGone = 10_000

    private let wallClock: @Sendable () -> Timestamp
    private var cells: [StreamID: MemoryCell] = [:]
    // How many forks a stream has, deleted or not.
    private var forkCounts: [StreamID: Int] = [:]
    // Deleted streams that are kept for their forks, with the streams that they are forks of themselves.
    private var kept: [StreamID: StreamID?] = [:]
    // The last eras of deleted streams: one of the same name begins in a later one.
    private var gone: [StreamID: UInt32] = [:]
    private var firstEra: UInt32
    /// Streams that were removed; their readers are to be told, by who holds no lock.
    var removed: [MemoryCell] = []

    init(firstEra: UInt32, wallClock: @escaping @Sendable () -> Timestamp) {
        self.firstEra = firstEra
        self.wallClock = wallClock
    }

    mutating func cell(of stream: StreamID) throws(EventLogError) -> MemoryCell {
        if let cell = live(stream) { return cell }
        if kept[stream] != nil {
            throw EventLogError(.deleted, stream, "the stream was deleted and is only kept for its forks")
        }
        throw EventLogError(.notFound, stream, "there is no such stream; create it first")
    }

    // The stream, unless its time is over.
    private mutating func live(_ stream: StreamID) -> MemoryCell? {
        guard let cell = cells[stream] else { return nil }
        guard cell.mayExpire, let end = cell.state.withLock({ $0.expiresAt }), end <= wallClock() else { return cell }
        remove(stream, cell)
        return nil
    }

    mutating func create(
        _ stream: StreamID, _ options: StreamOptions, maxStreams: Int
    ) throws(EventLogError) -> StreamCreation {
        if let cell = live(stream) {
            let info = cell.state.withLock { $0.info }
            guard info.matches(options) else {
                throw EventLogError(.conflict, stream, "the stream is there with other options: \(info.options)")
            }
            return StreamCreation(isNew: false, info: info)
        }
        guard kept[stream] == nil else {
            throw EventLogError(.deleted, stream, "a deleted stream of this name is kept for its forks")
        }
        if cells.count >= maxStreams { removeExpired() }
        guard cells.count < maxStreams else {
            throw EventLogError(
                .storage, stream, "the log has \(maxStreams) streams; delete some, or raise Limits.streams")
        }
        let made = try make(stream, options)
        gone[stream] = nil
        let info = made.info
        cells[stream] = MemoryCell(made)
        return StreamCreation(isNew: true, info: info)
    }

    private mutating func make(_ stream: StreamID, _ options: StreamOptions) throws(EventLogError) -> MemoryStream {
        let now = wallClock()
        let era = max(firstEra, gone[stream].map { $0 + 1 } ?? 0)
        guard era <= Offset.maxEra else {
            throw EventLogError(.storage, stream, "no era is left for a stream of this name; choose another")
        }
        guard let fork = options.fork else {
            let ledger = StreamLedger(contentType: options.contentType, era: era, isClosed: options.isClosed)
            return MemoryStream(stream, options, ledger: ledger, now: now)
        }
        let made = try cell(of: fork.source).state.withLock { (source) throws(EventLogError) -> MemoryStream in
            guard StreamOptions.isSameType(options.contentType, source.options.contentType) else {
                throw EventLogError(
                    .conflict, stream, "a fork has its source's content type, \(source.options.contentType)")
            }
            let offset = fork.offset ?? source.info.tail
            _ = try source.page(after: offset, limit: PageLimit(events: 1))
            var options = options
            options.fork?.offset = offset
            return source.forked(as: stream, at: offset, options, era: era, now: now)
        }
        forkCounts[fork.source, default: 0] += 1
        return made
    }

    mutating func delete(_ stream: StreamID) throws(EventLogError) {
        remove(stream, try cell(of: stream))
    }

    // Forgets a stream, or keeps its name while it has forks.
    private mutating func remove(_ stream: StreamID, _ cell: MemoryCell) {
        cells[stream] = nil
        let (era, fork) = cell.state.withLock { state in
            state.isRemoved = true
            return (state.lastEra, state.options.fork)
        }
        if gone.count >= MemoryRegistry.maxGone {
            // Those that are forgotten by name are remembered by the era that all new streams begin in.
            firstEra = max(firstEra, (gone.values.max() ?? 0) + 1)
            gone = [:]
        }
        gone[stream] = era
        if forkCounts[stream] != nil {
            // It holds on to its own source for as long as others hold on to it.
            kept[stream] = .some(fork?.source)
        } else if let fork {
            release(fork.source)
        }
        removed.append(cell)
    }

    private mutating func release(_ source: StreamID) {
        guard let count = forkCounts[source] else { return }
        forkCounts[source] = count > 1 ? count - 1 : nil
        if count == 1, let next = kept.removeValue(forKey: source), let next { release(next) }
    }

    /// Removes the streams whose time is over.
    mutating func removeExpired() {
        for (stream, cell) in cells where cell.mayExpire { _ = live(stream) }
    }

    mutating func list(prefix: String, after name: StreamID?, limit: Int) -> [StreamID] {
        let names = cells.keys.filter { stream in
            stream.description.utf8.starts(with: prefix.utf8) && name.map { $0 < stream } ?? true
        }
        var found: [StreamID] = []
        for stream in names.sorted() where found.count < max(1, limit) {
            if live(stream) != nil { found.append(stream) }
        }
        return found
    }
}

/// A stream with its lock and its signal.
final class MemoryCell: TailSource {
    let state: Mutex<MemoryStream>
    let signal = AppendSignal()
    /// Whether the stream is removed by itself one day.
    let mayExpire: Bool
    /// Whether reading depends on the time, or is to be remembered.
    let isTimed: Bool

    init(_ stream: MemoryStream) {
        mayExpire = stream.options.lifetime != .unlimited
        isTimed = mayExpire || stream.options.retention.maxAge != nil
        state = Mutex(stream)
        signal.read(from: self)
    }

    /// A page without looking the stream up: one short lock, in which references are copied.
    func page(after offset: Offset, limit: PageLimit) throws(EventLogError) -> EventPage? {
        if isTimed { return nil }
        return try state.withLock { (state) throws(EventLogError) in
            state.isRemoved ? nil : try state.page(after: offset, limit: limit)
        }
    }
}
