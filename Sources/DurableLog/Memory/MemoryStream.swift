import StreamCore

/// One stream of a ``MemoryEventLog``, a value under the log's rules.
struct MemoryStream: Sendable {
    let id: StreamID
    let options: StreamOptions
    private(set) var ledger: StreamLedger
    /// When it was last appended to or read, for a sliding lifetime.
    var lastUse: Timestamp
    /// Whether the log has it no more: who found it before that looks again.
    var isRemoved = false
    /// How many of its bytes the log has counted.
    private(set) var countedBytes = 0
    // How many bytes of events it holds.
    private var byteCount = 0
    private var events = EventDeque()
    // The last page and what it was an answer to: the readers that one append wakes all ask for the same.
    private var lastPage: (offset: Offset, limit: PageLimit, page: EventPage)?

    init(_ id: StreamID, _ options: StreamOptions, ledger: StreamLedger, now: Timestamp) {
        self.id = id
        self.options = options
        self.ledger = ledger
        lastUse = now
    }

    var oldest: Offset? { events.first?.offset }

    /// The last era that it has given offsets in, or will.
    var lastEra: UInt32 { ledger.era }

    /// By how much its bytes have changed since the log counted them.
    mutating func takeByteChange() -> Int {
        defer { countedBytes = byteCount }
        return byteCount - countedBytes
    }

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
        lastPage = nil
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

    /// Gives a producer its next epoch.
    mutating func claim(_ producer: ProducerID) throws(EventLogError) -> UInt64 {
        let epoch = try ledger.nextEpoch(of: producer, in: id)
        ledger.apply(LedgerEntry(claim: producer))
        return epoch
    }

    /// Lets go of what the retention, or `maxBytes` of the log, does not keep.
    mutating func trim(maxBytes: Int, now: Timestamp) {
        let retention = options.retention
        let maxCount = max(0, retention.maxEvents ?? .max)
        let maxBytes = min(maxBytes, max(0, retention.maxBytes ?? .max))
        let oldestTime = retention.maxAge.map { now.advanced(by: .zero - $0) }
        while let event = events.first {
            guard events.count > maxCount || byteCount > maxBytes || oldestTime.map({ event.timestamp < $0 }) ?? false
            else { break }
            byteCount -= event.event.storedByteCount
            events.removeFirst()
            lastPage = nil
        }
    }

    /// A page of the events after `offset`.
    mutating func page(after offset: Offset, limit: PageLimit) throws(EventLogError) -> EventPage {
        if let lastPage, lastPage.offset == offset, lastPage.limit == limit { return lastPage.page }
        let oldest = oldest
        try ledger.checkRead(after: offset, oldest: oldest, in: id)
        var start = 0
        if let oldest, offset != .start, offset.index >= oldest.index { start = Int(offset.index - oldest.index) + 1 }
        var end = start
        var room = limit.bytes
        let last = start + min(events.count - start, limit.events)
        while end < last {
            let size = events[end].event.payload.count
            if size > room, end > start { break }
            room -= size
            end += 1
        }
        let isUpToDate = end == events.count
        let page = EventPage(
            events: events.slice(start..<end), next: end > start ? events[end - 1].offset : ledger.tail,
            isUpToDate: isUpToDate, isAtEnd: isUpToDate && ledger.isClosed)
        lastPage = (offset, limit, page)
        return page
    }

    /// The stream that has this one's events up to `offset`, under a name that may have had events of eras before `era`.
    func forked(
        as id: StreamID, at offset: Offset, _ options: StreamOptions, era: UInt32, now: Timestamp
    ) -> MemoryStream {
        let ledger = ledger.forked(at: offset, isClosed: options.isClosed, era: era)
        var fork = MemoryStream(id, options, ledger: ledger, now: now)
        fork.events = events
        fork.events.cut(to: oldest.map { $0.index <= offset.index ? Int(offset.index - $0.index) + 1 : 0 } ?? 0)
        for place in 0..<fork.events.count { fork.byteCount += fork.events[place].event.storedByteCount }
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
        let (sum, isBeyond) = millisecondsSince1970.addingReportingOverflow(milliseconds)
        let (all, isFar) = sum.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        if overflow || isBeyond || isFar { return Timestamp(millisecondsSince1970: seconds < 0 ? .min : .max) }
        return Timestamp(millisecondsSince1970: all)
    }
}
