import StreamCore

/// Reads all of a stream's files and says what is whole; it changes nothing.
struct StreamInspection {
    private let directory: String
    private let system: any FileSystem
    private(set) var report: FileLogReport.Stream
    private var names: [SegmentName] = []
    /// The segments that can be opened.
    private var segments: [SegmentName: SegmentFile] = [:]
    /// The newest frame that is known to be synced.
    private var syncedOrdinal: UInt64 = 0
    /// Where the stream stands, as far as it was read without a break.
    private var position: StreamPosition?

    /// Inspects a stream's directory; nil when there is no stream in it (any more).
    init?(_ stream: StreamID, in directory: String, _ system: any FileSystem) throws(FileFault) {
        self.directory = directory
        self.system = system
        report = FileLogReport.Stream(stream)
        guard let manifest = try StreamManifest.read(in: directory, system) else { return nil }
        let mark = try StreamMark.read(in: directory, system)
        names = try SegmentName.list(in: directory, system).filter { $0.firstOrdinal >= mark?.oldestSegment ?? 0 }
        report.segments = names.count
        syncedOrdinal = mark?.syncedOrdinal ?? 0
        if manifest.stream != stream {
            add(
                .damage(
                    path: "\(directory)/\(StreamScan.manifestName)", position: 0, what: "it is of \(manifest.stream)"))
        }
        if mark == nil {
            let path = "\(directory)/\(StreamScan.markName)"
            add(.damage(path: path, position: 0, what: "the commit mark is missing, or neither of its slots is whole"))
        }
        if names.isEmpty { add(.damage(path: directory, position: 0, what: "the stream has no segment")) }
        try openSegments()
        for number in names.indices {
            guard let segment = segments[names[number]] else { continue }
            if try !inspect(segment, number) { break }
        }
    }

    // What each segment says had been synced when it was begun counts for those before it.
    private mutating func openSegments() throws(FileFault) {
        var faults: [(UInt64, FileFault)] = []
        for name in names {
            do throws(FileFault) {
                let segment = try SegmentFile(name, in: directory, of: system)
                segments[name] = segment
                syncedOrdinal = max(syncedOrdinal, segment.header.syncedOrdinal)
            } catch {
                guard case .damage = error else { throw error }
                faults.append((name.firstOrdinal, error))
            }
        }
        for (ordinal, fault) in faults {
            let isLast = names.last?.firstOrdinal == ordinal
            if isLast, ordinal > syncedOrdinal { setTorn(fault) } else { add(fault) }
        }
    }

    /// Reads a segment; false where the stream ends in it, whatever follows.
    private mutating func inspect(_ segment: SegmentFile, _ number: Int) throws(FileFault) -> Bool {
        let header = segment.header
        let limit = number + 1 < names.count ? names[number + 1].firstOrdinal : .max
        report.bytes += header.size
        var position = try begin(segment)
        var scan = SegmentScan(end: header.size, nextOrdinal: header.firstOrdinal, syncedOrdinal: syncedOrdinal)
        var events = 0
        var range = report.range
        var broken: FileFault?
        do throws(FileFault) {
            try scan.run(segment.file, salt: header.salt, limit: limit) { (frame, at, bytes) throws(FileFault) in
                if frame.isControl { return }
                let path = segment.file.path
                guard let entry = LedgerEntry(frame, bytes), StreamInspection.holdsItsEvents(frame, bytes) else {
                    let what = "record \(frame.ordinal) does not hold what its header says"
                    throw .damage(path: path, position: at, what: what)
                }
                guard position.ledger.replay(entry, frame) else {
                    let what = "record \(frame.ordinal) does not follow the one before it"
                    throw .damage(path: path, position: at, what: what)
                }
                position.ordinal = frame.ordinal
                events += frame.eventCount
                guard frame.eventCount > 0, let first = Offset(era: frame.era, index: frame.before.index + 1) else {
                    return
                }
                range = min(range?.lowerBound ?? first, first)...frame.last
            }
        } catch {
            guard case .damage = error else { throw error }
            broken = error
        }
        syncedOrdinal = max(syncedOrdinal, scan.syncedOrdinal)
        report.bytes += scan.end - header.size
        report.events += events
        report.range = range
        report.isClosed = position.ledger.isClosed
        self.position = position
        if let broken {
            add(broken)
            self.position = nil
            return true
        }
        if scan.nextOrdinal == limit { return try inspectEnd(segment, scan, limit) }
        if scan.isSealed, limit == .max { return true }
        if syncedOrdinal >= scan.nextOrdinal {
            scan.syncedOrdinal = syncedOrdinal
            add(scan.fault(segment.file))
            self.position = nil
            return true
        }
        if scan.isTorn || limit != .max {
            setTorn(
                .damage(
                    path: segment.file.path, position: scan.end,
                    what: "record \(scan.nextOrdinal) is not whole (\(scan.reason ?? "nothing is there"))"))
        }
        return false
    }

    /// Whether the ledger with which a segment begins is that of the end of the one before it.
    private mutating func begin(_ segment: SegmentFile) throws(FileFault) -> StreamPosition {
        let header = segment.header
        let ledger = try? StreamLedger(bytes: header.ledger)
        if ledger == nil {
            add(.damage(path: segment.file.path, position: SegmentHeader.fixedSize, what: "its ledger cannot be read"))
        }
        if let position, let ledger, position.ledger.tail != ledger.tail || position.ordinal + 1 != header.firstOrdinal
        {
            add(.damage(path: segment.file.path, position: 0, what: "it does not follow the segment before it"))
        }
        let fallback = StreamLedger(contentType: "", era: header.before.era)
        return StreamPosition(ordinal: header.firstOrdinal - 1, ledger: ledger ?? position?.ledger ?? fallback)
    }

    /// What stands behind the last record of a segment that another one follows: its seal, or nothing that counts.
    private mutating func inspectEnd(
        _ segment: SegmentFile, _ scan: SegmentScan, _ limit: UInt64
    ) throws(FileFault) -> Bool {
        if let seal = segment.seal {
            report.bytes += seal.header.length
            return true
        }
        var walk = FrameWalk(segment.file, salt: segment.header.salt, at: scan.end)
        if case .damage(let reason) = try walk.look(for: nil) {
            let what = "what follows its last record is no seal (\(reason)); events are not lost by it"
            add(.damage(path: segment.file.path, position: scan.end, what: what))
        }
        return true
    }

    private static func holdsItsEvents(_ frame: FrameHeader, _ bytes: UnsafeRawBufferPointer) -> Bool {
        var decoder = EventDecoder()
        var events: [LoggedEvent] = []
        var room = PageRoom(PageLimit(events: .max, bytes: .max))
        return decoder.decode(frame, bytes, after: .start, into: &events, room: &room)
            && events.count == frame.eventCount
    }

    private mutating func add(_ fault: FileFault) {
        if let damage = FileLogReport.Damage(fault) { report.damage.append(damage) }
    }

    private mutating func setTorn(_ fault: FileFault) {
        report.tornTail = FileLogReport.Damage(fault)
    }
}

extension FileLogReport.Damage {
    /// The damage of a fault that is one.
    init?(_ fault: FileFault) {
        guard case .damage(let path, let position, let what) = fault else { return nil }
        self.init(path: path, position: position, what: what)
    }
}
