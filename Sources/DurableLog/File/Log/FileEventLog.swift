public import StreamCore

/// A log in a directory: one process writes it, any number of processes read it beside the writer (``reader(directory:options:)``).
///
/// Streams survive the process with ``Durability/buffered`` and the machine with ``Durability/synced``; concurrent synced appends share one wait for the disk.
/// The directory can be copied as it is (a copy begins new eras) and inspected; its format is described byte by byte in Documentation/FileLogFormat.md.
///
/// The files are read and buffered events are written in the caller's context; whatever waits for the disk is done on a thread of the log's own. The log may be let go
/// of at any time: what was acknowledged is stored. After ``shutDown()`` the next opening has nothing to look for.
public final class FileEventLog: EventLog {
    private let log: WritingLog
    var folder: LogFolder { log.folder }
    var system: any FileSystem { log.system }

    /// Opens a log for writing, making its directory when there is none.
    ///
    /// - Parameters:
    ///   - directory: The log's directory; its parent must be there.
    ///   - options: How the log does its work.
    /// - Throws: `locked` when another process (or this one) writes it, `storage`, `corrupt`.
    public convenience init(directory: String, options: FileLogOptions = FileLogOptions()) throws(EventLogError) {
        try self.init(directory: directory, options: options, system: SystemFileSystem())
    }

    /// - Parameter worker: What does the work of the log's thread, in place of it.
    package init(
        directory: String, options: FileLogOptions, system: any FileSystem,
        worker: (@Sendable (_ job: @escaping @Sendable () -> Void) -> Void)? = nil
    ) throws(EventLogError) {
        log = try WritingLog(directory, options, system, worker)
    }

    /// Syncs everything and lets go of the files and the lock; what is asked of the log afterwards is refused with `unavailable`.
    public func shutDown() async {
        _ = try? await log.onThread { [log] () throws(EventLogError) in log.shutDown() }
        // Nothing is left for it to do.
        log.thread.stop()
    }

    /// Makes a stream, which is on disk when it returns, or says that one with the same options is there.
    public func create(_ stream: StreamID, options: StreamOptions) async throws(EventLogError) -> StreamCreation {
        try log.checkOpen(stream)
        return try await log.onThread { [log] () throws(EventLogError) in try log.create(stream, options) }
    }

    /// Adds events at the end, all or none, and returns when they are as durable as `options` ask.
    public func append(
        _ events: [StreamEvent], to stream: StreamID, options: AppendOptions
    ) async throws(EventLogError) -> AppendResult {
        try log.checkSize(events, stream)
        let entry = LedgerEntry(events, options)
        while true {
            try log.checkOpen(stream)
            if let result = try await log.stream(stream)
                .append(entry, events, options.durability, options.contentType)
            {
                return result
            }
        }
    }

    /// The events after `offset`, from memory at the stream's end and from the files elsewhere.
    public func read(
        _ stream: StreamID, after offset: Offset, limit: PageLimit
    ) async throws(EventLogError) -> EventPage {
        while true {
            try log.checkOpen(stream)
            if let page = try log.stream(stream).page(after: offset, limit: limit) { return page }
        }
    }

    /// What is known of a stream.
    public func info(_ stream: StreamID) async throws(EventLogError) -> StreamInfo {
        while true {
            try log.checkOpen(stream)
            let found = try log.stream(stream)
            if let view = found.view { return log.info(found, view) }
        }
    }

    /// What tells of the stream's appends.
    public func signal(for stream: StreamID) async throws(EventLogError) -> AppendSignal {
        try log.checkOpen(stream)
        return try log.stream(stream).signal
    }

    /// Gives `producer` its next epoch; on disk when it returns.
    public func claim(_ producer: ProducerID, in stream: StreamID) async throws(EventLogError) -> UInt64 {
        while true {
            try log.checkOpen(stream)
            if let epoch = try await log.stream(stream).claim(producer) { return epoch }
        }
    }

    /// Removes a stream and its files; a stream of the same name begins in a later era.
    public func delete(_ stream: StreamID) async throws(EventLogError) {
        try log.checkOpen(stream)
        try await log.onThread { [log] () throws(EventLogError) in try log.delete(stream) }
    }

    /// Names of streams in bytewise order, from the directory's names.
    public func list(prefix: String, after name: StreamID?, limit: Int) async throws(EventLogError) -> [StreamID] {
        try log.checkOpen(nil)
        return try log.list(prefix, after: name, limit: limit)
    }
}
