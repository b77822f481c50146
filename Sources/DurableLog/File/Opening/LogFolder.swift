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

    /// Removes a folder without folders in it, and what is in it.
    static func remove(_ path: String, _ system: any FileSystem) throws(FileError) {
        guard let names = try system.list(path) else { return }
        for name in names { _ = try system.remove("\(path)/\(name)") }
        try system.removeDirectory(path)
    }
}
