import StreamCore

extension SegmentChain {
    /// Writes the frames after `synced` up to an ordinal anew, into a segment that is synced, and removes what they stood in.
    ///
    /// - Returns: Where the stream stands then: earlier than asked for when the frames could not all be read back.
    mutating func rescue(
        from synced: StreamPosition, through ordinal: UInt64, now: Timestamp
    ) throws(FileFault) -> StreamPosition {
        segment = nil
        let frames = readBack(from: synced, through: ordinal)
        let header = SegmentHeader(
            incarnation: context.manifest.incarnation, salt: context.salt, firstOrdinal: synced.ordinal + 1,
            syncedOrdinal: synced.ordinal, before: synced.ledger.tail, era: min(synced.ledger.era + 1, Offset.maxEra),
            ledger: synced.ledger.bytes)
        var new = try SegmentWriter(new: header, in: context.directory, of: context.system)
        let start = new.end
        try new.write(frames.bytes)
        for frame in frames.frames { new.note(frame.header, at: start + frame.position) }
        try new.file.sync()
        try new.publish(in: context.directory, of: context.system)
        // Those that begin later would stand behind the new one with what is in it already, and with what failed.
        let replaced = names.filter { $0.firstOrdinal > header.firstOrdinal }
        try storing { () throws(FileError) in
            for name in replaced { _ = try context.system.remove("\(context.directory)/\(name.fileName)") }
            try context.system.syncDirectory(context.directory)
        }
        names.removeAll { $0.firstOrdinal >= header.firstOrdinal }
        names.append(new.name)
        unsynced = []
        isDirectoryUnsynced = false
        segment = new
        recordCheckpoint(Place(segment: new.name.firstOrdinal, position: 0), isSynced: true)
        return frames.position
    }

    /// The frames after `synced`, from descriptors of their own, up to the first that is not whole.
    private func readBack(
        from synced: StreamPosition, through ordinal: UInt64
    ) -> (bytes: [UInt8], frames: [Frame], position: StreamPosition) {
        var bytes: [UInt8] = []
        var frames: [Frame] = []
        var position = synced
        for (place, name) in names.enumerated() where position.ordinal < ordinal {
            let next = place + 1 < names.count ? names[place + 1].firstOrdinal : .max
            guard next > position.ordinal + 1, name.firstOrdinal <= position.ordinal + 1 else { continue }
            guard let file = try? SegmentFile(name, in: context.directory, of: context.system) else { break }
            var scan = SegmentScan(
                end: file.header.size, nextOrdinal: name.firstOrdinal, syncedOrdinal: synced.ordinal)
            // An error of the disk is where the frames end.
            try? scan.run(file.file, salt: file.header.salt, limit: min(next, ordinal + 1)) { header, _, frame in
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
