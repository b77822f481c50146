import StreamCore

/// The segments of a stream as they are written: begun, checkpointed, sealed and synced.
struct SegmentChain: Sendable {
    let context: StreamContext
    /// The segments that are kept, the newest last.
    var names: [SegmentName]
    /// The generation of new segments.
    var generation: UInt32 = 0
    /// The one that is written to; nil where the next frame begins a new one.
    var segment: SegmentWriter?
    /// Those with frames that are not synced, but for the current one.
    var unsynced: [Ended] = []
    /// Whether names were made in the directory that are not synced.
    var isDirectoryUnsynced = false
    /// The checkpoint that is newest, and the one that is known to be synced.
    private(set) var checkpoint: Place?
    private(set) var syncedCheckpoint: Place?

    /// What is known of sealed segments, by their first frames.
    var known: [UInt64: Facts] = [:]

    struct Facts: Sendable {
        var bytes: Int
        var sealed: Timestamp?
    }

    /// A segment that nothing more is written to, and where the stream stood at its end; nil where that was not asked.
    struct Ended: Sendable {
        var file: OpenFile
        var position: StreamPosition?
    }

    /// Where a ledger stands, for the next opening to begin at.
    struct Place: Sendable, Hashable {
        var segment: UInt64
        var position: Int
    }

    init(context: StreamContext, names: [SegmentName], segment: SegmentWriter?) {
        self.context = context
        self.names = names
        self.segment = segment
    }

    /// Sees to it that there is a segment with room, and a ledger not too far back, before frames that follow `position`.
    ///
    /// - Returns: Whether a segment was sealed.
    mutating func prepare(
        for position: StreamPosition, syncedOrdinal: UInt64, now: Timestamp
    ) throws(FileFault) -> Bool {
        guard let end = segment?.end, let checkpoint = segment?.checkpoint else {
            try begin(position, syncedOrdinal: syncedOrdinal)
            return false
        }
        if isFull(position, now) {
            try seal(position, syncedOrdinal: syncedOrdinal, now: now)
            try begin(position, syncedOrdinal: syncedOrdinal)
            return true
        }
        if end - checkpoint >= context.limits.checkpointBytes {
            try addCheckpoint(position, syncedOrdinal: syncedOrdinal, now: now)
        }
        return false
    }

    /// Writes frames, whose places in `bytes` are given, behind those that are there.
    ///
    /// After an error the segment is as it was before, as far as can be, and nothing more is written to it.
    ///
    /// - Parameters:
    ///   - bytes: The frames one behind the other.
    ///   - frames: Where each begins.
    ///   - isSynced: Whether they are synced at once.
    mutating func write(
        _ bytes: [UInt8], _ frames: some Sequence<Frame>, isSynced: Bool = false
    ) throws(FileFault) {
        guard let start = segment?.end else { preconditionFailure("a segment is prepared before frames are written") }
        do throws(FileFault) {
            // In place: a copy would take its index along.
            try segment?.write(bytes, isSynced: isSynced)
        } catch {
            if let failed = segment {
                unsynced.append(Ended(file: failed.file, position: nil))
                // Where this fails too, the next segment says by its beginning that what stands there does not count.
                try? failed.file.truncate(to: start)
            }
            segment = nil
            throw error
        }
        for frame in frames { segment?.note(frame.header, at: start + frame.position) }
    }

    /// Begins a segment behind `position`; its name is synced with the next sync.
    private mutating func begin(_ position: StreamPosition, syncedOrdinal: UInt64) throws(FileFault) {
        let header = SegmentHeader(
            incarnation: context.manifest.incarnation, salt: context.salt, firstOrdinal: position.ordinal + 1,
            syncedOrdinal: syncedOrdinal, before: position.ledger.tail, era: position.ledger.era,
            generation: generation, ledger: position.ledger.bytes)
        let new = try SegmentWriter(new: header, in: context.directory, of: context.system)
        if names.last == new.name {
            // It takes the place of one that may be on disk: when the power goes, it must not be there without its beginning.
            try new.file.sync()
        }
        try new.publish(in: context.directory, of: context.system)
        if names.last != new.name { names.append(new.name) }
        checkpoint = Place(segment: new.name.firstOrdinal, position: 0)
        segment = new
        isDirectoryUnsynced = true
    }

    /// Writes the ledger into the segment.
    mutating func addCheckpoint(
        _ position: StreamPosition, syncedOrdinal: UInt64, now: Timestamp
    ) throws(FileFault) {
        guard let open = segment else { return }
        let start = open.end
        let content = FrameContent(
            ordinal: position.ordinal, syncedOrdinal: syncedOrdinal, timestamp: now, before: position.ledger.tail,
            era: position.ledger.era, flags: .checkpoint,
            attachment: Checkpoint(ledger: position.ledger.bytes, index: open.index).attachment)
        try write(content)
        segment?.checkpoint = start
        if let segment { checkpoint = Place(segment: segment.name.firstOrdinal, position: start) }
    }

    /// Ends the segment with its index.
    private mutating func seal(
        _ position: StreamPosition, syncedOrdinal: UInt64, now: Timestamp
    ) throws(FileFault) {
        guard let full = segment else { return }
        let content = FrameContent(
            ordinal: position.ordinal, syncedOrdinal: syncedOrdinal, timestamp: full.latest ?? now,
            before: position.ledger.tail, era: position.ledger.era, flags: .seal,
            attachment: Checkpoint(ledger: position.ledger.bytes, index: full.index).sealAttachment)
        try write(content)
        if let full = segment {
            try full.file.truncate(to: full.end)
            unsynced.append(Ended(file: full.file, position: position))
        }
        segment = nil
    }

    /// Takes back what was written to the segment behind a place, as far as can be: it was not acknowledged, and is not to be found later.
    func takeBack(to end: Int) {
        try? segment?.file.truncate(to: end)
    }

    /// Whether a ledger stands so near to the end that the next opening need not look far.
    func isAtLedger(_ position: StreamPosition) -> Bool {
        guard let segment else { return true }
        return !position.ledger.isClosed && segment.end - segment.checkpoint < SegmentChain.shortWalk
    }

    private static let shortWalk = 64 << 10

    /// Leaves the stream so that its end is found at once: with a ledger at it, or sealed where nothing will follow.
    mutating func leave(_ position: StreamPosition, syncedOrdinal: UInt64, now: Timestamp) throws(FileFault) {
        if position.ledger.isClosed {
            try seal(position, syncedOrdinal: syncedOrdinal, now: now)
        } else {
            try addCheckpoint(position, syncedOrdinal: syncedOrdinal, now: now)
        }
    }

    private mutating func write(_ content: FrameContent) throws(FileFault) {
        var bytes: [UInt8] = []
        content.append(to: &bytes, salt: context.salt)
        try write(bytes, EmptyCollection<Frame>())
    }

    /// Syncs everything that was written; the files that are synced by an error's time remain to be synced again, but for their failure.
    mutating func sync() throws(FileFault) {
        for ended in unsynced { try ended.file.sync() }
        try segment?.file.sync()
        if isDirectoryUnsynced {
            try storing { () throws(FileError) in
                try context.system.syncDirectory(context.directory)
            }
        }
        unsynced = []
        isDirectoryUnsynced = false
        syncedCheckpoint = checkpoint
    }

    mutating func recordCheckpoint(_ checkpoint: Place, isSynced: Bool) {
        self.checkpoint = checkpoint
        if isSynced { syncedCheckpoint = checkpoint }
    }
}
