import StreamCore

/// Finds the end of what a segment holds, and tells a torn tail from damage.
///
/// A tail is torn where the frames end and nothing says that more was synced: neither the mark nor a frame that stands behind. Where something does, the
/// bytes were on disk once and are no more.
struct SegmentScan {
    /// Where the frames that are whole end.
    var end: Int
    /// The ordinal of the frame that would follow.
    var nextOrdinal: UInt64
    /// The newest frame that is known to be synced.
    var syncedOrdinal: UInt64
    /// Whether bytes stand behind the end that are no frame: something was lost, or not wholly written.
    var isTorn = false
    /// Why what follows is no frame; nil where there is nothing.
    var reason: String?
    /// Whether the segment is sealed at its end.
    var isSealed = false

    init(end: Int, nextOrdinal: UInt64, syncedOrdinal: UInt64) {
        self.end = end
        self.nextOrdinal = nextOrdinal
        self.syncedOrdinal = syncedOrdinal
    }

    /// Goes on from where it stands to the end of the frames.
    ///
    /// - Parameter visit: Is given each frame with its place and its bytes.
    mutating func run(
        _ file: OpenFile, salt: UInt64, limit: UInt64 = .max,
        visit: (FrameHeader, Int, UnsafeRawBufferPointer) throws(FileFault) -> Void
    ) throws(FileFault) {
        var walk = FrameWalk(file, salt: salt, at: end)
        while nextOrdinal < limit {
            switch try walk.look(for: nextOrdinal) {
            case .frame(let header):
                syncedOrdinal = max(syncedOrdinal, header.syncedOrdinal)
                let place = walk.position
                try walk.withFrame(header) { bytes in
                    Result { () throws(FileFault) in try visit(header, place, bytes) }
                }.get()
                walk.pass(header)
                end = walk.position
                if !header.isControl { nextOrdinal += 1 }
                if header.flags.contains(.seal) {
                    isSealed = true
                    return
                }
            case .nothing, .needs:
                try lookBehind(file, salt: salt, reason: nil)
                return
            case .damage(let reason):
                try lookBehind(file, salt: salt, reason: reason)
                return
            }
        }
    }

    /// Whether the end is no end: what follows was synced.
    var isDamaged: Bool { syncedOrdinal >= nextOrdinal && !isSealed }

    func fault(_ file: OpenFile) -> FileFault {
        .damage(
            path: file.path, position: end,
            what: "record \(nextOrdinal) was synced and is not whole (\(reason ?? "nothing is there"))")
    }

    /// Looks for frames behind a place where there is none: they say what had been synced when they were written.
    private mutating func lookBehind(_ file: OpenFile, salt: UInt64, reason: String?) throws(FileFault) {
        let size = try file.status().size
        let bytes = try file.read(at: end, count: max(0, size - end))
        let (isTorn, synced) = bytes.withUnsafeBytes { bytes -> (Bool, UInt64) in
            guard let first = bytes.firstIndex(where: { $0 != 0 }) else { return (false, 0) }
            var synced: UInt64 = 0
            var position = first & ~7
            while position + FrameHeader.size <= bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
                // The ordinal is looked at before the checksum, which would make the search slow.
                if let header = FrameHeader(rest), header.ordinal > nextOrdinal, header.length <= rest.count,
                    case .frame = Frame.find(in: rest, salt: salt, ordinal: header.ordinal, isAll: true)
                {
                    synced = max(synced, header.syncedOrdinal)
                    position += header.length
                } else {
                    position += 8
                }
            }
            return (true, synced)
        }
        self.isTorn = isTorn || reason != nil
        self.reason = reason ?? (isTorn ? "it was never written, and what follows it was" : nil)
        syncedOrdinal = max(syncedOrdinal, synced)
    }
}
