import StreamCore

/// What the files of a stream say about its end: found by reading from the last ledger that is known to be synced.
struct StreamScan {
    let directory: String
    let manifest: StreamManifest
    let mark: StreamMark?
    /// The segments that count.
    var names: [SegmentName]
    var position: StreamPosition
    /// The newest position that is known to be synced, among those that were passed.
    var synced: StreamPosition
    /// Where that is: the segment, and the place in its file; 0 where its header may not be synced either.
    var syncedPlace = (number: 0, end: 0)
    /// When the last append that was passed was made.
    var lastAppend: Timestamp?
    /// The last segment, and what is known of its inside.
    var last: LastSegment?
    /// Whether something behind the end was not wholly written, or is not whole any more without having been synced.
    var isTorn = false
    /// What stands at the end though something else was synced there.
    var damage: FileFault?

    struct LastSegment {
        var segment: SegmentFile
        var end: Int
        var index: SegmentIndex
        var checkpoint: Int
        var isSealed: Bool
        /// When the first append that was passed was made.
        var began: Timestamp?

        /// The segment's beginning.
        init(_ segment: SegmentFile) {
            self.segment = segment
            end = segment.header.size
            index = SegmentIndex()
            checkpoint = 0
            isSealed = false
        }
    }

    static let manifestName = "stream"
    static let markName = "mark"

    /// Reads a stream's directory; nil when there is no stream in it.
    static func read(_ directory: String, _ system: any FileSystem) throws(FileFault) -> StreamScan? {
        guard let manifest = try StreamManifest.read(in: directory, system) else { return nil }
        let mark = try StreamMark.read(in: directory, system)
        var scan = StreamScan(directory: directory, manifest: manifest, mark: mark)
        try scan.run(system)
        return scan
    }

    private init(directory: String, manifest: StreamManifest, mark: StreamMark?) {
        self.directory = directory
        self.manifest = manifest
        self.mark = mark
        names = []
        position = StreamPosition(ordinal: 0, ledger: StreamLedger(contentType: manifest.options.contentType, era: 0))
        synced = position
    }

    private mutating func run(_ system: any FileSystem) throws(FileFault) {
        let from = try ScanStart(in: directory, mark: mark, system)
        names = from.names
        isTorn = from.isTorn
        damage = from.damage
        position = from.position
        synced = from.position
        var known = from.syncedOrdinal
        var place = from.place
        syncedPlace = (from.number, place.end > place.segment.header.size ? place.end : 0)
        for number in from.number..<names.count {
            guard let segment = from.opened[names[number]] else { break }
            let isLast = number + 1 == names.count
            let limit = isLast ? .max : names[number + 1].firstOrdinal
            if number > from.number { place = LastSegment(segment) }
            if place.isSealed {
                last = place
                return
            }
            var scan = SegmentScan(end: place.end, nextOrdinal: position.ordinal + 1, syncedOrdinal: known)
            try scan.run(segment.file, salt: segment.header.salt, limit: limit) {
                (header, at, frame) throws(FileFault) in
                if header.flags.contains(.checkpoint) { place.checkpoint = at }
                // The index has records only: a ledger bears the number of the record before it.
                if header.isControl { return }
                place.index.note(header, at: at)
                guard let entry = LedgerEntry(header, frame) else {
                    throw .damage(path: segment.file.path, position: at, what: "its producer cannot be read")
                }
                guard position.ledger.replay(entry, header) else {
                    throw .damage(
                        path: segment.file.path, position: at, what: "it does not follow the record before it")
                }
                position.ordinal = header.ordinal
                lastAppend = header.timestamp
                if place.began == nil { place.began = header.timestamp }
                if header.ordinal == known {
                    synced = position
                    syncedPlace = (number, at + header.length)
                }
            }
            known = max(known, scan.syncedOrdinal)
            place.end = scan.end
            place.isSealed = scan.isSealed
            last = place
            if scan.nextOrdinal < limit, !isLast || scan.isDamaged {
                if known >= scan.nextOrdinal {
                    scan.syncedOrdinal = known
                    damage = scan.fault(segment.file)
                } else {
                    isTorn = true
                }
                names.removeSubrange((number + 1)...)
                return
            }
            isTorn = isTorn || (isLast && scan.isTorn)
            if isLast, !place.isSealed {
                // One that grows ends with a page of zeros, and holds what its mark knows of: else its end was cut off.
                let size = try segment.file.status().size
                isTorn = isTorn || !size.isMultiple(of: StreamScan.pageSize) || mark?.endOrdinal ?? 0 > position.ordinal
            }
        }
    }

    /// What segments grow by.
    private static let pageSize = 4096
}
