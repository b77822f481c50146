import StreamCore

/// Makes the folder of a new stream.
enum StreamFolder {
    /// Makes a stream's folder at a place of its own and moves it to where it is looked for: so it is there whole or not at all.
    static func make(
        _ context: StreamContext, at temporary: String, ledger: StreamLedger, parents: [String]
    ) throws(FileFault) {
        let system = context.system
        do throws(FileError) {
            try LogFolder.remove(temporary, system)
            _ = try system.makeDirectory(temporary)
        } catch {
            throw .storage(error)
        }
        let manifest = try OpenFile("\(temporary)/\(StreamScan.manifestName)", .createNew, in: system)
        try manifest.write(context.manifest.bytes, at: 0)
        try manifest.sync()
        let header = SegmentHeader(
            incarnation: context.manifest.incarnation, salt: context.salt, firstOrdinal: 1, syncedOrdinal: 0,
            before: ledger.tail, era: ledger.era, ledger: ledger.bytes)
        let segment = try SegmentWriter(new: header, in: temporary, of: system)
        try segment.publish(in: temporary, of: system)
        try segment.file.sync()
        var mark = StreamMark()
        mark.sequence = 1
        mark.session = context.session
        mark.segment = 1
        mark.oldestSegment = 1
        mark.era = ledger.era
        mark.incarnation = context.manifest.incarnation
        let markFile = try OpenFile("\(temporary)/\(StreamScan.markName)", .createNew, in: system)
        try markFile.write(mark.bytes, at: mark.position)
        try markFile.sync()
        do throws(FileError) {
            try system.syncDirectory(temporary)
            try system.rename(temporary, to: context.directory)
            for parent in parents { try system.syncDirectory(parent) }
        } catch {
            throw .storage(error)
        }
    }
}
