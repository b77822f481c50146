import StreamCore

/// The segment that a stream's frames are written to.
struct SegmentWriter: Sendable {
    let name: SegmentName
    let file: OpenFile
    let salt: UInt64
    /// Where the next frame goes.
    private(set) var end: Int
    /// How far the file reaches.
    private(set) var allocated: Int
    /// How far it was written, in zeros behind the frames: a sync of what is written over them writes data and no metadata.
    private var written: Int
    private(set) var index: SegmentIndex
    /// When the first frame was appended; nil where there is none, or it was not looked at.
    private(set) var began: Timestamp?
    /// When the last frame was appended.
    private(set) var latest: Timestamp?
    /// Where the last ledger stands: the header (0) or a checkpoint.
    var checkpoint: Int

    /// The first stretch that is allocated, which doubles up to ``maxStretch``: short streams take little room.
    static let minStretch = 32 << 10
    static let maxStretch = 1 << 20
    private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

    /// Makes a segment's file with its header, under a name that nobody looks at until ``publish(in:of:)``.
    init(new header: SegmentHeader, in directory: String, of system: any FileSystem) throws(FileFault) {
        name = header.name
        let path = "\(directory)/\(name.fileName)"
        let newPath = path + SegmentWriter.newSuffix
        // One that is there was begun and given up: nothing in it was ever acknowledged.
        do throws(FileError) { _ = try system.remove(newPath) } catch { throw .storage(error) }
        file = try OpenFile(newPath, .createNew, in: system, finalPath: path)
        salt = header.salt
        let bytes = header.bytes
        end = 0
        allocated = 0
        written = 0
        index = SegmentIndex()
        checkpoint = 0
        do throws(FileFault) {
            try reserve(bytes.count, isSynced: false)
            try file.write(bytes, at: 0)
        } catch {
            _ = try? system.remove(newPath)
            throw error
        }
        end = bytes.count
        written = end
    }

    /// The end of a segment's name until it is published.
    static let newSuffix = ".new"

    /// Gives the file the name of a segment; one that has it goes.
    func publish(in directory: String, of system: any FileSystem) throws(FileFault) {
        let path = "\(directory)/\(name.fileName)"
        do throws(FileError) { try system.rename(path + SegmentWriter.newSuffix, to: path) } catch {
            throw .storage(error)
        }
    }

    /// Goes on in a segment that is there, whose frames end at `end` and are followed by zeros up to `size`.
    init(
        _ name: SegmentName, file: OpenFile, salt: UInt64, end: Int, size: Int, index: SegmentIndex, checkpoint: Int,
        times: (began: Timestamp?, latest: Timestamp?)
    ) {
        began = times.began
        latest = times.latest
        self.name = name
        self.file = file
        self.salt = salt
        self.end = end
        allocated = max(size, end)
        written = allocated
        self.index = index
        self.checkpoint = checkpoint
    }

    /// Makes sure that so many bytes more can be written without the file growing, and synced without a change of metadata where they are to be.
    ///
    /// Reserved blocks read as zeros, but each first write to one of them changes metadata at the next sync: what is synced one by one goes where zeros were written.
    /// For what is only buffered that would be twice the writing for nothing.
    private mutating func reserve(_ count: Int, isSynced: Bool) throws(FileFault) {
        if end + count > allocated { try allocate(goal(beyond: allocated, count)) }
        guard isSynced, end + count > written else { return }
        let goal = goal(beyond: written, count)
        if goal > allocated { try allocate(goal) }
        while written < goal {
            let count = min(SegmentWriter.zeros.count, goal - written)
            try SegmentWriter.zeros.withUnsafeBufferPointer { (zeros) throws(FileFault) in
                try file.write(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: zeros[..<count])), at: written)
            }
            written += count
        }
    }

    private func goal(beyond position: Int, _ count: Int) -> Int {
        let stretch = min(max(position, SegmentWriter.minStretch), SegmentWriter.maxStretch)
        return (max(end + count, position + stretch) + 4095) & ~4095
    }

    private mutating func allocate(_ goal: Int) throws(FileFault) {
        try file.allocate(at: allocated, count: goal - allocated)
        allocated = goal
    }

    /// Takes note of a frame that was written.
    mutating func note(_ header: FrameHeader, at position: Int) {
        if began == nil { began = header.timestamp }
        latest = header.timestamp
        index.note(header, at: position)
    }

    /// Writes frames behind those that are there; after an error none of them count.
    mutating func write(_ frames: [UInt8], isSynced: Bool) throws(FileFault) {
        try reserve(frames.count, isSynced: isSynced)
        try file.write(frames, at: end)
        end += frames.count
        written = max(written, end)
    }
}
