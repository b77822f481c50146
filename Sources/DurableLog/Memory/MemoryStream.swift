import StreamCore

/// One stream of a ``MemoryEventLog``, a value under the log's rules.
struct MemoryStream: Sendable {
    let id: StreamID
    let options: StreamOptions
    var ledger: StreamLedger
    /// When it was last appended to or read, for a sliding lifetime.
    var lastUse: Timestamp
    /// How many bytes of events it holds.
    private(set) var byteCount = 0
    // Events up to `head` are gone; they leave the array when they are the larger part of it, so that this costs nothing on the whole.
    private var events: [LoggedEvent] = []
    private var head = 0

    init(_ id: StreamID, _ options: StreamOptions, ledger: StreamLedger, now: Timestamp) {
        self.id = id
        self.options = options
        self.ledger = ledger
        lastUse = now
    }

    var count: Int { events.count - head }
    var oldest: Offset? { head < events.count ? events[head].offset : nil }

    /// When it goes by itself.
    var expiresAt: Timestamp? {
        switch options.lifetime {
        case .unlimited: nil
        case .sliding(let lifetime): lastUse.advanced(by: lifetime)
        case .until(let end): end
        }
    }

    var info: StreamInfo {
        StreamInfo(
            options: options, tail: ledger.tail, oldest: oldest, isClosed: ledger.isClosed, expiresAt: expiresAt)
    }

    /// Takes a batch that the ledger has allowed.
    mutating func append(_ batch: [StreamEvent], _ entry: LedgerEntry, now: Timestamp) {
        var index = ledger.tail.index
        let era = ledger.era
        ledger.apply(entry)
        for event in batch {
            index += 1
            guard let offset = Offset(era: era, index: index) else { return }
            events.append(LoggedEvent(offset: offset, timestamp: now, event: event))
            byteCount += event.storedByteCount
        }
    }

    /// Lets go of what the retention, or `maxBytes` of the log, does not keep.
    mutating func trim(maxBytes: Int, now: Timestamp) {
        let retention = options.retention
        let maxCount = max(0, retention.maxEvents ?? .max)
        let maxBytes = min(maxBytes, max(0, retention.maxBytes ?? .max))
        let oldestTime = retention.maxAge.map { now.advanced(by: .zero - $0) }
        while head < events.count {
            let event = events[head]
            guard count > maxCount || byteCount > maxBytes || oldestTime.map({ event.timestamp < $0 }) ?? false
            else { break }
            byteCount -= event.event.storedByteCount
            head += 1
        }
        if head > 32, head > events.count / 2 {
            events.removeFirst(head)
            head = 0
        }
    }

    /// A page of the events after `offset`.
    func page(after offset: Offset, limit: PageLimit) throws(EventLogError) -> EventPage {
        try ledger.checkRead(after: offset, oldest: oldest, in: id)
        var start = head
        if offset != .start, let oldest, offset.index >= oldest.index { start += Int(offset.index - oldest.index) + 1 }
        var end = start
        var room = limit.bytes
        let last = min(events.count, start + limit.events)
        while end < last {
            let size = events[end].event.payload.count
            if size > room, end > start { break }
            room -= size
            end += 1
        }
        let isUpToDate = end == events.count
        return EventPage(
            events: Array(events[start..<end]), next: end > start ? events[end - 1].offset : offset,
            isUpToDate: isUpToDate, isAtEnd: isUpToDate && ledger.isClosed)
    }

    /// The stream that has this one's events up to `offset`.
    func forked(as id: StreamID, at offset: Offset, _ options: StreamOptions, now: Timestamp) -> MemoryStream {
        let ledger = ledger.forked(at: offset, isClosed: options.isClosed)
        var fork = MemoryStream(id, options, ledger: ledger, now: now)
        fork.events = events[head...].filter { $0.offset <= offset }
        fork.byteCount = fork.events.reduce(0) { $0 + $1.event.storedByteCount }
        return fork
    }
}

extension StreamEvent {
    /// What an event counts for in limits of memory: its texts and some for what stands around them.
    var storedByteCount: Int { payload.count + type.rawValue.utf8.count + source.utf8.count + 64 }
}

extension Timestamp {
    /// The time that much later, or at the end of time.
    func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, isBeyond) = millisecondsSince1970.addingReportingOverflow(
            milliseconds + attoseconds / 1_000_000_000_000_000)
        if overflow || isBeyond { return Timestamp(millisecondsSince1970: seconds < 0 ? .min : .max) }
        return Timestamp(millisecondsSince1970: sum)
    }
}
