import StreamCore

/// Which frames may be seen.
extension StreamFollower {
    /// Passes the frames of the segment that may be seen.
    mutating func walk(to limit: UInt64, _ visit: Visit) throws(FileFault) {
        if place.isSealed { return }
        let segment = try file(of: names[number])
        let file = segment.file
        var frames = FrameWalk(
            file, salt: segment.header.salt, at: place.end ?? segment.header.size, stretch: StreamFollower.stretch)
        // Those that wait for a later one to say that they can be seen.
        var waiting: [(header: FrameHeader, at: Int, bytes: [UInt8])] = []
        var next = position.ordinal + 1
        while next < limit {
            switch try frames.look(for: next) {
            case .frame(let header):
                syncedOrdinal = max(syncedOrdinal, header.syncedOrdinal)
                let at = frames.position
                while let first = waiting.first, isReleased(first.header) {
                    let frame = waiting.removeFirst()
                    try frame.bytes.withUnsafeBytes { bytes in
                        Result { () throws(FileFault) in try pass(frame.header, frame.at, bytes, file.path, visit) }
                    }.get()
                }
                if waiting.isEmpty, isReleased(header) {
                    try frames.withFrame(header) { bytes in
                        Result { () throws(FileFault) in try pass(header, at, bytes, file.path, visit) }
                    }.get()
                } else {
                    waiting.append((header, at, frames.withFrame(header) { Array($0) }))
                }
                frames.pass(header)
                if !header.isControl { next += 1 }
                if header.flags.contains(.seal) { return }
            case .nothing, .needs: return end(file, next, frames.position, "nothing is there")
            case .damage(let reason): return end(file, next, frames.position, reason)
            }
        }
    }

    private static let stretch = 64 << 10

    /// Where there is no frame: the end, unless one was synced there.
    private mutating func end(_ file: OpenFile, _ ordinal: UInt64, _ at: Int, _ reason: String) {
        guard ordinal <= syncedOrdinal else { return }
        damage = .damage(
            path: file.path, position: at, what: "record \(ordinal) was synced and is not whole (\(reason))")
    }

    /// Whether a frame cannot be taken back any more.
    private func isReleased(_ header: FrameHeader) -> Bool {
        !header.flags.contains(.held) || header.ordinal <= syncedOrdinal
            || (header.ordinal <= mark.endOrdinal && header.era <= mark.era)
    }

    private mutating func pass(
        _ header: FrameHeader, _ at: Int, _ frame: UnsafeRawBufferPointer, _ path: String, _ visit: Visit
    ) throws(FileFault) {
        if !header.isControl {
            guard let entry = LedgerEntry(header, frame) else {
                throw .damage(path: path, position: at, what: "its producer cannot be read")
            }
            guard position.ledger.replay(entry, header) else {
                throw .damage(path: path, position: at, what: "it does not follow the record before it")
            }
            position.ordinal = header.ordinal
            lastAppend = header.timestamp
            visit(header, frame)
        }
        place.index.note(header, at: at)
        place.end = at + header.length
        place.isSealed = header.flags.contains(.seal)
    }
}
