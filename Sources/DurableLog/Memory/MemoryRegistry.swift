import StreamCore
import Synchronization

/// Which streams a ``MemoryEventLog`` has, and what is remembered of those that are gone.
struct MemoryRegistry: Sendable {
    /// How many deleted streams are remembered by name.
    static let maxGone = 10_000

    private var cells: [StreamID: MemoryCell] = [:]
    // How many forks a stream has, deleted or not, and which it is a fork of.
    private var forkCounts: [StreamID: Int] = [:]
    /// Deleted streams that are kept for their forks.
    private var kept: Set<StreamID> = []
    // The last eras of deleted streams: one of the same name begins in a later one.
    private var gone: [StreamID: UInt32] = [:]
    private var firstEra: UInt32

    init(firstEra: UInt32) {
        self.firstEra = firstEra
    }

    mutating func cell(of stream: StreamID, now: Timestamp) throws(EventLogError) -> MemoryCell {
        guard let cell = live(stream, now) else {
            if kept.contains(stream) {
                throw EventLogError(.deleted, stream, "the stream was deleted and is only kept for its forks")
            }
            throw EventLogError(.notFound, stream, "there is no such stream; create it first")
        }
        return cell
    }

    // The stream, unless its time is over.
    private mutating func live(_ stream: StreamID, _ now: Timestamp) -> MemoryCell? {
        guard let cell = cells[stream] else { return nil }
        guard let end = cell.state.withLock({ $0.expiresAt }), end <= now else { return cell }
        remove(stream, cell)
        cell.signal.notify()
        return nil
    }

    mutating func create(
        _ stream: StreamID, _ options: StreamOptions, maxStreams: Int, now: Timestamp
    ) throws(EventLogError) -> StreamCreation {
        if let cell = live(stream, now) {
            let info = cell.state.withLock { $0.info }
            guard info.matches(options) else {
                throw EventLogError(.conflict, stream, "the stream is there with other options")
            }
            return StreamCreation(isNew: false, info: info)
        }
        guard !kept.contains(stream) else {
            throw EventLogError(.deleted, stream, "a deleted stream of this name is kept for its forks")
        }
        if cells.count >= maxStreams { expire(now) }
        guard cells.count < maxStreams else {
            throw EventLogError(
                .storage, stream, "the log has \(maxStreams) streams; delete some, or raise Limits.streams")
        }
        let made = try make(stream, options, now)
        cells[stream] = MemoryCell(made)
        return StreamCreation(isNew: true, info: made.info)
    }

    private mutating func make(
        _ stream: StreamID, _ options: StreamOptions, _ now: Timestamp
    ) throws(EventLogError) -> MemoryStream {
        guard var fork = options.fork else {
            let era = gone.removeValue(forKey: stream).map { max(firstEra, $0 + 1) } ?? firstEra
            let ledger = StreamLedger(contentType: options.contentType, era: era, isClosed: options.isClosed)
            return MemoryStream(stream, options, ledger: ledger, now: now)
        }
        let source = try cell(of: fork.source, now: now)
        let made = try source.state.withLock { (source) throws(EventLogError) -> MemoryStream in
            let offset = fork.offset ?? source.ledger.tail
            guard options.contentType == source.ledger.contentType else {
                throw EventLogError(
                    .conflict, stream, "a fork has its source's content type, \(source.ledger.contentType)")
            }
            try source.ledger.checkRead(after: offset, oldest: source.oldest, in: source.id)
            fork.offset = offset
            return source.forked(as: stream, at: offset, options, now: now)
        }
        forkCounts[fork.source, default: 0] += 1
        return made
    }

    /// Forgets a stream, or keeps its name while it has forks.
    mutating func remove(_ stream: StreamID, _ cell: MemoryCell) {
        cells[stream] = nil
        let (era, fork) = cell.state.withLock { ($0.ledger.era, $0.options.fork) }
        if gone.count >= MemoryRegistry.maxGone {
            // Those that are forgotten by name are remembered by the era that all new streams begin in.
            firstEra = max(firstEra, (gone.values.max() ?? 0) + 1)
            gone = [:]
        }
        gone[stream] = era
        if forkCounts[stream, default: 0] > 0 { kept.insert(stream) }
        if let source = fork?.source { release(source) }
    }

    private mutating func release(_ source: StreamID) {
        guard let count = forkCounts[source] else { return }
        forkCounts[source] = count > 1 ? count - 1 : nil
        if count == 1 { kept.remove(source) }
    }

    private mutating func expire(_ now: Timestamp) {
        for stream in Array(cells.keys) { _ = live(stream, now) }
    }

    mutating func list(prefix: String, after name: StreamID?, limit: Int, now: Timestamp) -> [StreamID] {
        let names = cells.keys.filter { stream in
            stream.description.utf8.starts(with: prefix.utf8) && name.map { $0 < stream } ?? true
        }
        var found: [StreamID] = []
        for stream in names.sorted() where found.count < max(1, limit) {
            if live(stream, now) != nil { found.append(stream) }
        }
        return found
    }
}

extension StreamInfo {
    /// Whether a creation with `options` means this stream.
    ///
    /// The closed state counts as it is now (Durable Streams, PUT), a fork point without an offset as any.
    func matches(_ options: StreamOptions) -> Bool {
        var (mine, theirs) = (self.options, options)
        mine.isClosed = isClosed
        if theirs.fork != nil, theirs.fork?.offset == nil { theirs.fork?.offset = mine.fork?.offset }
        return mine == theirs
    }
}
