import StreamCore

/// The folder of a stream in the making: at a place of its own, and moved in one step to where it is looked for.
struct StreamFolder {
    /// How the note of a fork begins, in the folder of its source.
    static let forkPrefix = "fork-"

    private let context: StreamContext
    private let path: String
    private var system: any FileSystem { context.system }

    init(_ context: StreamContext, at path: String) throws(FileFault) {
        self.context = context
        self.path = path
        try storing { () throws(FileError) in
            try LogFolder.remove(path, context.system)
            _ = try context.system.makeDirectory(path)
        }
        let manifest = try OpenFile("\(path)/\(StreamScan.manifestName)", .createNew, in: system)
        try manifest.write(context.manifest.bytes, at: 0)
        try manifest.sync()
    }

    /// The note in a source's folder that it has a fork.
    static func note(of fork: StreamID, in path: String) -> String {
        "\(path)/\(forkPrefix)\(fork.fileName)"
    }

    /// Begins the segment that will be written to, with frames that are there already.
    ///
    /// - Parameter generation: That of the segments before it, or greater, or it would not count beside them.
    func begin(
        _ ledger: StreamLedger, era: UInt32, firstOrdinal: UInt64, generation: UInt32 = 0, frames: [UInt8] = []
    ) throws(FileFault) {
        let header = SegmentHeader(
            incarnation: context.manifest.incarnation, salt: context.salt, firstOrdinal: firstOrdinal,
            syncedOrdinal: firstOrdinal - 1, before: ledger.tail, era: era, generation: generation,
            ledger: ledger.bytes)
        var segment = try SegmentWriter(new: header, in: path, of: system)
        try segment.write(frames, isSynced: false)
        try segment.publish(in: path, of: system)
        try segment.file.sync()
    }

    /// Has a segment of another stream, under the same name.
    func link(_ name: SegmentName, from directory: String) throws(FileFault) {
        try storing { () throws(FileError) in
            try system.link("\(directory)/\(name.fileName)", to: "\(path)/\(name.fileName)")
        }
    }

    /// Moves the folder to its place; it is on disk when this returns.
    ///
    /// - Parameter ordinal: The newest frame, which is synced as everything before it.
    func publish(era: UInt32, ordinal: UInt64 = 0, to folder: LogFolder) throws(FileFault) {
        var mark = StreamMark()
        mark.sequence = 1
        mark.session = context.session
        mark.syncedOrdinal = ordinal
        mark.endOrdinal = ordinal
        mark.era = era
        mark.flags = .clean
        mark.lastUsed = context.manifest.created
        mark.incarnation = context.manifest.incarnation
        let file = try OpenFile("\(path)/\(StreamScan.markName)", .createNew, in: system)
        try file.write(mark.bytes, at: mark.position)
        try file.sync()
        try storing { () throws(FileError) in
            try system.syncDirectory(path)
            if context.manifest.options.lifetime != .unlimited {
                system.close(try system.open(folder.expiring(context.stream), .create))
                try system.syncDirectory(folder.expiring)
            }
            try system.rename(path, to: context.directory)
            try system.syncDirectory(folder.streams)
        }
    }
}
