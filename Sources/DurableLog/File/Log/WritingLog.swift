import StreamCore
import Synchronization

/// A log as the process that writes it has it.
final class WritingLog: Sendable {
    let folder: LogFolder
    let system: any FileSystem
    let limits: FileLogLimits
    let clock: @Sendable () -> Timestamp
    let record: LogRecord
    let eras: EraFile
    let cache: SegmentFileCache
    let table = StreamTable()
    let thread: CommitThread
    private let recordFile: OpenFile
    /// Held for its lock.
    private let lockFile: Mutex<OpenFile?>
    private let isShutDown = Atomic(false)

    init(
        _ path: String, _ options: FileLogOptions, _ system: any FileSystem, _ worker: CommitThread.Worker? = nil
    ) throws(EventLogError) {
        thread = CommitThread(worker: worker)
        folder = LogFolder(path: path)
        self.system = system
        limits = options.limits
        clock = options.wallClock
        eras = EraFile(directory: path, system: system)
        cache = SegmentFileCache(capacity: limits.openSegments, system: system)
        do throws(FileFault) {
            try folder.make(system)
            let lock = try OpenFile(folder.lock, .create, in: system)
            try folder.take(lock, system)
            lockFile = Mutex(lock)
            let file = try OpenFile(folder.record, .create, in: system)
            let found = try folder.lastRecord(system)
            let record = found.next(boot: system.bootIdentity, fileNumber: try file.status().number)
            try file.write(record.bytes, at: record.position)
            try file.sync()
            if found.sequence == 0 { try storing { () throws(FileError) in try system.syncDirectory(path) } }
            recordFile = file
            self.record = record
            try folder.clean(system)
        } catch {
            throw error.error(nil)
        }
        guard thread.start() else {
            throw EventLogError(.storage, nil, "no thread could be started for the log at \(path)")
        }
    }

    deinit {
        thread.stop()
    }

    func checkOpen(_ stream: StreamID?) throws(EventLogError) {
        if isShutDown.load(ordering: .acquiring) {
            throw EventLogError(.unavailable, stream, "the log at \(folder.path) has been shut down")
        }
        if Task.isCancelled {
            throw EventLogError(.cancelled, stream, "the calling task was cancelled before anything was done")
        }
    }

    /// Does something that waits for the disk on the log's own thread.
    func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws(EventLogError) -> Value
    ) async throws(EventLogError) -> Value {
        // Safe: resumed once, by the job or here when the job is not taken.
        let result = await withUnsafeContinuation {
            (continuation: UnsafeContinuation<Result<Value, EventLogError>, Never>) in
            let isTaken = thread.perform {
                continuation.resume(returning: Result { () throws(EventLogError) in try body() })
            }
            if !isTaken {
                continuation.resume(
                    returning: .failure(EventLogError(.unavailable, nil, "the log has been shut down")))
            }
        }
        return try result.get()
    }

    /// The stream, opened when it is not open, whether its time is over or not.
    func opened(_ id: StreamID) throws(EventLogError) -> FileStream {
        if let stream = table.stream(id) { return stream }
        let (stream, isNew) = try table.with(id) { (slot) throws(EventLogError) in
            if let stream = slot.stream { return (stream, false) }
            guard let stream = try open(id, signal: slot.signal) else { throw missing(id) }
            slot.stream = stream
            slot.signal = stream.signal
            return (stream, true)
        }
        if isNew { putAwaySurplus() }
        return stream
    }

    private func missing(_ id: StreamID) -> EventLogError {
        if (try? isKept(id)) == true {
            return EventLogError(.deleted, id, "the stream was deleted and is only kept for its forks")
        }
        return EventLogError(.notFound, id, "there is no such stream in \(folder.path); create it first")
    }

    private func open(_ id: StreamID, signal: AppendSignal?) throws(EventLogError) -> FileStream? {
        do throws(FileFault) {
            let directory = folder.stream(id)
            guard let scan = try StreamScan.read(directory, system) else { return nil }
            let context = StreamContext(
                stream: id, directory: directory, manifest: scan.manifest, system: system, limits: limits,
                session: record.session)
            let mayHaveLost = scan.mark.map { $0.session < record.lossSession } ?? true
            let writer = try scan.writer(context, mayHaveLost: mayHaveLost)
            return FileStream(writer, signal: signal ?? AppendSignal(), thread: thread, cache: cache, clock: clock)
        } catch {
            throw error.error(id)
        }
    }

    private func putAwaySurplus() {
        for id in table.surplus(over: limits.openStreams) {
            _ = thread.perform { [table] in
                table.with(id) { slot in
                    if let stream = slot.stream, stream.putAway() { slot.stream = nil }
                }
            }
        }
    }

    /// Syncs everything, says that nothing is lost, and ends the thread.
    func shutDown() {
        guard !isShutDown.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var isClean = true
        for id in table.streams {
            table.with(id) { slot in
                guard let stream = slot.stream else { return }
                if stream.putAway() { slot.stream = nil } else { isClean = false }
                stream.signal.notify()
            }
        }
        var last = record
        last.sequence += 1
        last.isClean = isClean
        try? recordFile.write(last.bytes, at: last.position)
        try? recordFile.sync()
        lockFile.withLock { $0 = nil }
    }
}
