import StreamCore

/// Where things are in a log's directory.
struct LogFolder: Sendable {
    let path: String

    /// The writer's lock, which holds its process id.
    var lock: String { path + "/lock" }
    /// The log's own record.
    var record: String { path + "/log" }
    /// A folder for each stream.
    var streams: String { path + "/streams" }
    /// The folders of streams that were deleted and are kept for their forks.
    var kept: String { path + "/kept" }
    /// A name for each stream that may be removed by itself, so that the others need not be looked at.
    var expiring: String { path + "/expiring" }
    /// Folders that are being made or removed; nothing in it counts.
    var temporary: String { path + "/temporary" }

    func stream(_ stream: StreamID) -> String { "\(streams)/\(stream.fileName)" }
    func expiring(_ stream: StreamID) -> String { "\(expiring)/\(stream.fileName)" }
    func kept(_ stream: StreamID) -> String { "\(kept)/\(stream.fileName)" }

    /// Names of streams in bytewise order, after `name` and with `prefix`, at most `limit` (at least 1); nil where there is no log.
    ///
    /// - Parameter isThere: Whether a stream whose lifetime may be over is there.
    func list(
        _ prefix: String, after name: StreamID?, limit: Int, _ system: any FileSystem, isThere: (StreamID) -> Bool
    ) throws(EventLogError) -> [StreamID]? {
        do throws(FileError) {
            guard let names = try system.list(streams) else { return nil }
            let expiring = Set(try system.list(expiring) ?? [])
            let streams = names.compactMap(StreamID.init(fileName:)).filter { id in
                id.description.utf8.starts(with: prefix.utf8) && name.map { $0 < id } ?? true
            }
            var found: [StreamID] = []
            for id in streams.sorted() where found.count < max(1, limit) {
                // Only those that may be over are opened.
                if !expiring.contains(id.fileName) || isThere(id) { found.append(id) }
            }
            return found
        } catch {
            throw FileFault.storage(error).error(nil)
        }
    }

    /// The forks of a stream whose folder is at `path` that are there, deleted and kept themselves included.
    func forks(of id: StreamID, in path: String, _ system: any FileSystem) throws(FileFault) -> [StreamID] {
        let names: [String]
        names = try storing { () throws(FileError) in try system.list(path) ?? [] }
        var forks: [StreamID] = []
        for name in names where name.hasPrefix(StreamFolder.forkPrefix) {
            // A note of a fork that was never made, or that is gone, counts for nothing.
            guard let fork = StreamID(fileName: String(name.dropFirst(StreamFolder.forkPrefix.count))) else { continue }
            for place in [stream(fork), kept(fork)] {
                let manifest = try StreamManifest.read(in: place, system)
                if manifest?.options.fork?.source == id { forks.append(fork) }
            }
        }
        return forks
    }

    /// Removes a folder without folders in it, and what is in it.
    static func remove(_ path: String, _ system: any FileSystem) throws(FileError) {
        guard let names = try system.list(path) else { return }
        for name in names { _ = try system.remove("\(path)/\(name)") }
        try system.removeDirectory(path)
    }
}
