import StreamCore

/// What a process beside the writer may see of a stream: a value that catches up by looking into the files, which it never changes.
///
/// Frames come in their order and each is seen once it cannot be taken back: a frame that was written alone as soon as it is whole, one of a group (`held`) when
/// the mark or a later frame says that its commit has succeeded. The mark is always read before the frames, and the names again where the mark tells of newer
/// ones: so bytes that were given up are never taken for those that stand in their place.
struct StreamFollower {
    let stream: StreamID
    let directory: String
    let manifest: StreamManifest
    let cache: SegmentFileCache
    /// The segments that count.
    var names: [SegmentName]
    /// Which of them the end is in.
    var number: Int
    var place: Place
    /// The end of what may be seen.
    var position: StreamPosition
    private(set) var mark: StreamMark
    /// The newest frame that is known to be synced.
    var syncedOrdinal: UInt64
    /// When the last append that was passed was made.
    var lastAppend: Timestamp?
    /// Why nothing behind ``position`` can be seen; nil where nothing is there yet.
    var damage: FileFault?

    /// Where the end is in its segment, whose file is open only while it is read.
    struct Place: Sendable {
        /// Where the next frame is looked for; nil for the segment's beginning.
        var end: Int?
        var index = SegmentIndex()
        var isSealed = false
    }

    /// What became of a stream that was looked at again.
    enum Outcome: Sendable {
        /// It went on from where it was.
        case continued
        /// It had to be opened anew: what was between is not told.
        case reopened
        /// It was removed, and perhaps another one made in its place.
        case gone
    }

    /// Is given each append that has become visible, with its frame.
    typealias Visit = (FrameHeader, UnsafeRawBufferPointer) -> Void

    /// Opens a stream's directory; nil when there is no stream in it.
    ///
    /// What changes while it is looked at is looked at again.
    static func open(
        _ stream: StreamID, in directory: String, _ cache: SegmentFileCache
    ) throws(FileFault) -> StreamFollower? {
        var attempt = 0
        while true {
            attempt += 1
            do throws(FileFault) {
                guard let manifest = try StreamManifest.read(in: directory, cache.system) else { return nil }
                var follower = try StreamFollower(stream, directory, manifest, cache)
                try follower.advance { _, _ in }
                // That all of it was of one life of the stream.
                if try follower.lookAgain() { return follower }
            } catch {
                // The writer may have removed or replaced what was listed before.
                guard attempt < StreamFollower.attempts else { throw error }
            }
            if attempt == StreamFollower.attempts {
                throw .refused(EventLogError(.unavailable, stream, "the stream is another one each time"))
            }
        }
    }

    private static let attempts = 8

    private init(
        _ stream: StreamID, _ directory: String, _ manifest: StreamManifest, _ cache: SegmentFileCache
    ) throws(FileFault) {
        self.stream = stream
        self.directory = directory
        self.manifest = manifest
        self.cache = cache
        mark = try StreamMark.read(in: directory, cache.system) ?? StreamMark()
        let start = try ScanStart(in: directory, mark: mark, cache.system)
        names = start.names
        number = start.number
        place = Place(end: start.place.end, index: start.place.index, isSealed: start.place.isSealed)
        position = start.position
        syncedOrdinal = start.syncedOrdinal
    }

    /// Whether the directory is still that of the stream.
    private func lookAgain() throws(FileFault) -> Bool {
        let mark = try StreamMark.read(in: directory, cache.system)
        if let mark, mark.incarnation != 0 { return mark.incarnation == manifest.incarnation }
        return try StreamManifest.read(in: directory, cache.system)?.incarnation == manifest.incarnation
    }

    /// Catches up with the writer.
    ///
    /// - Parameters:
    ///   - listing: Whether a new segment may be there that nothing else tells of.
    ///   - visit: Is given the appends that became visible, unless the stream had to be reopened.
    mutating func refresh(listing: Bool, _ visit: Visit) throws(FileFault) -> Outcome {
        if let mark = try StreamMark.read(in: directory, cache.system) {
            if mark.incarnation != manifest.incarnation { return .gone }
            self.mark = mark
            syncedOrdinal = max(syncedOrdinal, mark.syncedOrdinal)
        } else if try !lookAgain() {
            return .gone
        }
        damage = nil
        // What is there was trimmed, or given up for something else.
        if isBehindMark, try !list() { return try reopen() }
        do throws(FileFault) {
            try advance(visit)
            if listing || place.isSealed || damage != nil {
                let before = names
                if try !list() { return try reopen() }
                if names != before || damage != nil { try advance(visit) }
            }
        } catch {
            guard case .storage(let cause) = error, cause.isNotFound else { throw error }
            return try reopen()
        }
        return .continued
    }

    private mutating func reopen() throws(FileFault) -> Outcome {
        guard let new = try StreamFollower.open(stream, in: directory, cache),
            new.manifest.incarnation == manifest.incarnation
        else { return .gone }
        self = new
        return .reopened
    }

    private var isBehindMark: Bool {
        guard let last = names.last, let first = names.first else { return true }
        return (mark.generation, mark.segment) > (last.generation, last.firstOrdinal)
            || first.firstOrdinal < mark.oldestSegment
    }

    /// Reads the segments' names; false where the stream goes on in one that does not begin where this value stands.
    private mutating func list() throws(FileFault) -> Bool {
        let oldest = mark.oldestSegment
        let found = try SegmentName.list(in: directory, cache.system).filter { $0.firstOrdinal >= oldest }
        let next = position.ordinal + 1
        guard let seat = found.lastIndex(where: { $0.firstOrdinal <= next }) else { return false }
        if found[seat] != names[number] {
            guard found[seat].firstOrdinal == next else { return false }
            do throws(FileFault) {
                _ = try file(of: found[seat])
            } catch {
                guard case .damage = error, next > syncedOrdinal else { throw error }
                // Begun and never synced: as if it were not there.
                return true
            }
            place = Place()
        }
        names = found
        number = seat
        return true
    }

    /// Passes the frames that may be seen.
    private mutating func advance(_ visit: Visit) throws(FileFault) {
        damage = nil
        while true {
            let limit = number + 1 < names.count ? names[number + 1].firstOrdinal : .max
            try walk(to: limit, visit)
            guard position.ordinal + 1 == limit else { return }
            number += 1
            place = Place()
        }
    }

    func file(of name: SegmentName) throws(FileFault) -> SegmentFile {
        try cache.segment(name, in: directory, life: manifest.incarnation, isEnded: false)
    }

    /// The place before the oldest event that is kept.
    var floor: Offset { names.first?.before ?? position.ledger.tail }

    /// What a reader may see now.
    var view: StreamView {
        StreamView(
            stream: stream, directory: directory, life: manifest.incarnation, segments: Array(names[...number]),
            ordinal: position.ordinal, tail: position.ledger.tail, isClosed: position.ledger.isClosed,
            ledger: position.ledger, damage: damage, lastIndex: place.index)
    }
}
