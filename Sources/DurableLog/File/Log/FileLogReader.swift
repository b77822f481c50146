public import StreamCore

/// A file log read beside the process that writes it: made with ``FileEventLog/reader(directory:options:)``, by any number of processes.
///
/// It sees what the writer's own readers see: an event that was appended with ``Durability/buffered`` once it is written, one with ``Durability/synced`` once it is
/// synced, never one that is taken back. It goes on when the writer is killed and when another takes over. Cursors are woken by the system
/// (inotify, kqueue), one watch for all cursors of a stream; nothing is polled. That needs a local file system.
///
/// It changes nothing in the directory: what writes is refused with `unavailable`, and reading does not extend a sliding lifetime.
public final class FileLogReader: EventLog {
    private let log: FollowingLog
    var folder: LogFolder { log.folder }
    var system: any FileSystem { log.system }

    package init(directory: String, options: FileLogOptions, system: any FileSystem) {
        log = FollowingLog(directory, options, system)
    }

    /// How many directories are watched at the moment.
    package var watchCount: Int { log.watchCount }

    /// The events after `offset` that the writer has made visible, also where the writer is gone.
    ///
    /// - Throws: As the protocol says; `notFound` where there is no log (yet) in the directory as well.
    public func read(
        _ stream: StreamID, after offset: Offset, limit: PageLimit
    ) async throws(EventLogError) -> EventPage {
        while true {
            try checkCancelled(stream)
            let found = try log.stream(stream)
            if let page = try found.read(after: offset, limit) { return page }
            log.forget(found)
        }
    }

    /// What is known of a stream.
    public func info(_ stream: StreamID) async throws(EventLogError) -> StreamInfo {
        while true {
            try checkCancelled(stream)
            let found = try log.stream(stream)
            if let info = try found.info() { return info }
            log.forget(found)
        }
    }

    /// What tells of the stream's appends, whichever process makes them.
    ///
    /// - Throws: As the protocol says; `storage` when the system takes no more watches, which names its limit.
    public func signal(for stream: StreamID) async throws(EventLogError) -> AppendSignal {
        while true {
            try checkCancelled(stream)
            let found = try log.stream(stream)
            if let signal = try log.signal(of: found) { return signal }
            log.forget(found)
        }
    }

    /// Names of streams in bytewise order, from the directory's names.
    ///
    /// - Throws: `notFound` where there is no log in the directory.
    public func list(prefix: String, after name: StreamID?, limit: Int) async throws(EventLogError) -> [StreamID] {
        try checkCancelled(nil)
        let names = try log.folder.list(prefix, after: name, limit: limit, log.system) { (try? log.stream($0)) != nil }
        guard let names else { throw log.noLog(nil) }
        return names
    }

    /// Refused with `unavailable`.
    public func create(_ stream: StreamID, options: StreamOptions) async throws(EventLogError) -> StreamCreation {
        throw refusal(stream)
    }

    /// Refused with `unavailable`.
    public func append(
        _ events: [StreamEvent], to stream: StreamID, options: AppendOptions
    ) async throws(EventLogError) -> AppendResult {
        throw refusal(stream)
    }

    /// Refused with `unavailable`.
    public func claim(_ producer: ProducerID, in stream: StreamID) async throws(EventLogError) -> UInt64 {
        throw refusal(stream)
    }

    /// Refused with `unavailable`.
    public func delete(_ stream: StreamID) async throws(EventLogError) {
        throw refusal(stream)
    }

    private func refusal(_ stream: StreamID) -> EventLogError {
        EventLogError(
            .unavailable, stream, "the log at \(log.folder.path) is open for reading only; its writer is a FileEventLog"
        )
    }

    private func checkCancelled(_ stream: StreamID?) throws(EventLogError) {
        if Task.isCancelled {
            throw EventLogError(.cancelled, stream, "the calling task was cancelled before anything was done")
        }
    }
}

extension FileEventLog {
    /// A log for reading only, beside the process that writes it or without one.
    ///
    /// - Parameters:
    ///   - directory: The log's directory. It need not be there yet: until a writer has made it, what is asked is answered with `notFound`.
    ///   - options: `recentBytes`, `maxOpenStreams` and `wallClock` count; the others are the writer's.
    public static func reader(directory: String, options: FileLogOptions = FileLogOptions()) -> FileLogReader {
        FileLogReader(directory: directory, options: options, system: SystemFileSystem())
    }
}
