import StreamCore

extension SegmentChain {
    /// Writes the frames after `synced` up to an ordinal anew, into a segment that is synced, and removes what they stood in.
    ///
    /// - Parameter era: The era of what follows.
    /// - Returns: Where the stream stands then: earlier than asked for when the frames could not all be read back.
    mutating func rescue(
        from synced: StreamPosition, through ordinal: UInt64, era: UInt32, now: Timestamp
    ) throws(FileFault) -> StreamPosition {
        segment = nil
        let frames = try readBack(from: synced, through: ordinal)
        let header = SegmentHeader(
            incarnation: context.manifest.incarnation, salt: context.salt, firstOrdinal: synced.ordinal + 1,
            syncedOrdinal: synced.ordinal, before: synced.ledger.tail, era: min(era, Offset.maxEra),
            generation: generation + 1, ledger: synced.ledger.bytes)
        var new = try SegmentWriter(new: header, in: context.directory, of: context.system)
        let start = new.end
        try new.write(frames.bytes, isSynced: false)
        for frame in frames.frames { new.note(frame.header, at: start + frame.position) }
        try new.file.sync()
        try new.publish(in: context.directory, of: context.system)
        // By its generation it stands in place of what begins there or later, whether that can be removed or not.
        let replaced = names.filter { $0.firstOrdinal >= header.firstOrdinal }
        names.removeAll { $0.firstOrdinal >= header.firstOrdinal }
        names.append(new.name)
        generation += 1
        try storing { () throws(FileError) in
            try context.system.syncDirectory(context.directory)
            for name in replaced { _ = try context.system.remove("\(context.directory)/\(name.fileName)") }
        }
        unsynced = []
        isDirectoryUnsynced = false
        segment = new
        recordCheckpoint(Place(segment: new.name.firstOrdinal, position: 0), isSynced: true)
        return frames.position
    }

    /// The frames after `synced`, from descriptors of their own, up to the first that is not whole.
    private func readBack(
        from synced: StreamPosition, through ordinal: UInt64
    ) throws(FileFault) -> (bytes: [UInt8], frames: [Frame], position: StreamPosition) {
        var bytes: [UInt8] = []
        var frames: [Frame] = []
        var position = synced
        for (place, name) in names.enumerated() where position.ordinal < ordinal {
            let next = place + 1 < names.count ? names[place + 1].firstOrdinal : .max
            guard next > position.ordinal + 1, name.firstOrdinal <= position.ordinal + 1 else { continue }
            let file = try SegmentFile(name, in: context.directory, of: context.system)
            var scan = SegmentScan(
                end: file.header.size, nextOrdinal: name.firstOrdinal, syncedOrdinal: synced.ordinal)
            // What cannot be read now may be another time; what is damaged is where the frames end.
            try scan.run(file.file, salt: file.header.salt, limit: min(next, ordinal + 1)) { header, _, frame in
                guard !header.isControl, header.ordinal == position.ordinal + 1,
                    let entry = LedgerEntry(header, frame), position.ledger.replay(entry, header)
                else { return }
                frames.append(Frame(header: header, position: bytes.count))
                bytes.append(contentsOf: frame)
                position.ordinal += 1
            }
        }
        return (bytes, frames, position)
    }
}
