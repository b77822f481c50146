import StreamCore

/// Where the search for a stream's end begins: at the newest ledger that is known to be synced.
struct ScanStart {
    let directory: String
    /// The segments that count.
    var names: [SegmentName]
    /// Which of them it begins in.
    var number: Int
    /// It and those behind it.
    var opened: [SegmentName: SegmentFile] = [:]
    /// The newest frame that is known to be synced.
    var syncedOrdinal: UInt64
    /// Whether a segment was begun and is not whole, without having been synced.
    var isTorn = false
    /// What is damaged of a segment that was synced: what stands before it can be read.
    var damage: FileFault?
    /// Where the stream stood there.
    var position: StreamPosition
    var place: StreamScan.LastSegment

    /// Looks for it in a stream's directory.
    init(in directory: String, mark: StreamMark?, _ system: any FileSystem) throws(FileFault) {
        self.directory = directory
        names = try SegmentName.list(in: directory, system).filter { $0.firstOrdinal >= mark?.oldestSegment ?? 0 }
        syncedOrdinal = mark?.syncedOrdinal ?? 0
        // From the end back to the segment in which the last synced frame stands.
        number = names.count - 1
        while number >= 0 {
            let name = names[number]
            do throws(FileFault) {
                let segment = try SegmentFile(name, in: directory, of: system)
                opened[name] = segment
                syncedOrdinal = max(syncedOrdinal, segment.header.syncedOrdinal)
                if name.firstOrdinal <= syncedOrdinal + 1 || number == 0 { break }
            } catch {
                guard case .damage = error, number > 0 else { throw error }
                // Begun and never synced: as if it were not there, nor anything behind it. Else what stands before can still be read.
                if name.firstOrdinal > syncedOrdinal { isTorn = true } else { damage = error }
                names.removeSubrange(number...)
            }
            number -= 1
        }
        guard number >= 0, let first = opened[names[number]] else {
            let path = "\(directory)/\(StreamScan.manifestName)"
            throw .damage(path: path, position: 0, what: "the stream has no segment")
        }
        place = StreamScan.LastSegment(first)
        position = StreamPosition(
            ordinal: first.header.firstOrdinal - 1, ledger: try ScanStart.ledger(first.header.ledger, first, 0))
        try take(first, mark)
    }

    /// Takes the newest ledger of the segment that is known to be synced.
    private mutating func take(_ segment: SegmentFile, _ mark: StreamMark?) throws(FileFault) {
        let header = segment.header
        if let seal = segment.seal, seal.header.ordinal <= syncedOrdinal, names.last == segment.name {
            position = StreamPosition(
                ordinal: seal.header.ordinal, ledger: try ScanStart.ledger(seal.checkpoint.ledger, segment, seal.end))
            place.end = seal.end
            place.index = seal.checkpoint.index
            place.isSealed = true
        } else if let mark, mark.checkpointSegment == header.firstOrdinal,
            mark.checkpointPosition >= UInt64(header.size), mark.checkpointPosition <= UInt64(Int32.max)
        {
            let at = Int(mark.checkpointPosition)
            var walk = FrameWalk(segment.file, salt: header.salt, at: at, stretch: 64 << 10)
            if case .frame(let frame) = try walk.look(for: nil), frame.flags.contains(.checkpoint),
                let checkpoint = walk.withFrame(frame, { Checkpoint(frame, $0) })
            {
                position = StreamPosition(
                    ordinal: frame.ordinal, ledger: try ScanStart.ledger(checkpoint.ledger, segment, at))
                place.end = at
                place.index = checkpoint.index
                place.checkpoint = at
            }
        }
    }

    private static func ledger(_ bytes: [UInt8], _ segment: SegmentFile, _ at: Int) throws(FileFault) -> StreamLedger {
        do throws(LedgerFormatError) {
            return try StreamLedger(bytes: bytes)
        } catch {
            throw .damage(path: segment.file.path, position: at, what: "\(error)")
        }
    }
}
