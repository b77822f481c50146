import StreamCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension LogFolder {
    /// Makes what is missing of the folder.
    func make(_ system: any FileSystem) throws(FileFault) {
        try storing { () throws(FileError) in
            var isNew = false
            for path in [path, streams, kept, expiring, temporary] {
                if try system.makeDirectory(path) { isNew = true }
            }
            if isNew { try system.syncDirectory(path) }
        }
    }

    /// Takes the writer's lock and says who has it.
    func take(_ file: OpenFile, _ system: any FileSystem) throws(FileFault) {
        let isFree: Bool
        isFree = try storing { () throws(FileError) in try system.lock(file.descriptor) }
        guard isFree else {
            let holder = String(decoding: try file.read(at: 0, count: 20).prefix { $0 != 0x0A }, as: UTF8.self)
            throw .refused(
                EventLogError(
                    .locked, nil,
                    "process \(holder) writes the log at \(path); end it, or open the log with FileEventLog.reader"))
        }
        let text = Array("\(getpid())\n".utf8)
        try file.write(text, at: 0)
        try file.truncate(to: text.count)
    }

    /// What the log remembers of its last session; where that is damaged or gone, of the last that its streams know of, after which anything may be lost.
    func lastRecord(_ system: any FileSystem) throws(FileFault) -> LogRecord {
        let bytes = try system.contents(record, limit: LogRecord.slotSize + LogRecord.usedSize) ?? []
        let found = try LogRecord.read(record, system)
        if let found, !bytes.withUnsafeBytes(LogRecord.hasDamagedSlot) { return found }
        var known = found ?? LogRecord()
        for place in [streams, kept] {
            for name in try storing({ () throws(FileError) in try system.list(place) ?? [] }) {
                // A stream whose mark cannot be read counts as one that may have lost something anyway.
                guard let mark = try? StreamMark.read(in: "\(place)/\(name)", system) else { continue }
                known.session = max(known.session, mark.session)
            }
        }
        known.isClean = false
        known.boot = [UInt8](repeating: 0, count: known.boot.count)
        return known
    }

    /// Removes what an earlier process was making or removing when it ended.
    func clean(_ system: any FileSystem) throws(FileFault) {
        try storing { () throws(FileError) in
            for name in try system.list(temporary) ?? [] {
                try LogFolder.remove("\(temporary)/\(name)", system)
            }
        }
    }
}
