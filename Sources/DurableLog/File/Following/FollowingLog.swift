import StreamCore
import Synchronization

/// A log as a process beside its writer has it: it opens files to read them, and makes and changes none.
final class FollowingLog: Sendable {
    let folder: LogFolder
    let system: any FileSystem
    let limits: FileLogLimits
    let clock: @Sendable () -> Timestamp
    private let cache: SegmentFileCache
    private let watcher = Mutex<DirectoryWatcher?>(nil)
    private let streams = Mutex(Streams())

    fileprivate struct Streams: Sendable {
        var entries: [StreamID: Entry] = [:]
        var clock: UInt64 = 0
    }

    fileprivate struct Entry: Sendable {
        var stream: FollowedStream
        var used: UInt64
        weak var signal: AppendSignal?
    }

    init(_ path: String, _ options: FileLogOptions, _ system: any FileSystem) {
        folder = LogFolder(path: path)
        self.system = system
        limits = options.limits
        clock = options.wallClock
        cache = SegmentFileCache(capacity: limits.openSegments, system: system)
    }

    deinit {
        watcher.withLock { $0 }?.stop()
    }

    /// The stream, opened when it is not known, unless its time is over.
    func stream(_ id: StreamID) throws(EventLogError) -> FollowedStream {
        while true {
            let found = if let known = known(id) { known } else { try open(id) }
            guard found.isOver else { return found }
            // By what was known of it, which may be old.
            guard try found.currentView() != nil else {
                forget(found)
                continue
            }
            guard found.isOver else { return found }
            let isForked = (try? folder.forks(of: id, in: found.directory, system).isEmpty) == false
            throw EventLogError(isForked ? .deleted : missing(id).code, id, "the stream's lifetime is over")
        }
    }

    private func known(_ id: StreamID) -> FollowedStream? {
        streams.withLock { streams in
            streams.clock += 1
            streams.entries[id]?.used = streams.clock
            return streams.entries[id]?.stream
        }
    }

    /// Forgets a stream that is gone, so that one in its place is found.
    func forget(_ stream: FollowedStream) {
        streams.withLock { streams in
            if streams.entries[stream.stream]?.stream === stream { streams.entries[stream.stream] = nil }
        }
    }

    private func open(_ id: StreamID) throws(EventLogError) -> FollowedStream {
        let follower: StreamFollower?
        do throws(FileFault) {
            follower = try StreamFollower.open(id, in: folder.stream(id), cache)
        } catch {
            throw error.error(id)
        }
        guard let follower else { throw missing(id) }
        let stream = FollowedStream(follower, cache: cache, clock: clock)
        streams.withLock { $0.put(stream, most: limits.openStreams) }
        return stream
    }

    private func missing(_ id: StreamID) -> EventLogError {
        if ((try? system.list(folder.kept(id))) ?? nil) != nil {
            return EventLogError(.deleted, id, "the stream was deleted and is only kept for its forks")
        }
        guard ((try? system.list(folder.streams)) ?? nil) != nil else { return noLog(id) }
        return EventLogError(.notFound, id, "there is no such stream in \(folder.path)")
    }

    func noLog(_ id: StreamID?) -> EventLogError {
        EventLogError(.notFound, id, "there is no log at \(folder.path); its writer makes it")
    }

    // MARK: Waking

    /// The stream's signal, fed by one watch of its directory for as long as anybody holds it; nil where the stream is gone.
    func signal(of stream: FollowedStream) throws(EventLogError) -> AppendSignal? {
        // Told here, or by the watch from now on.
        guard try stream.currentView() != nil else { return nil }
        let id = stream.stream
        if let signal = streams.withLock({ $0.entries[id]?.stream === stream ? $0.entries[id]?.signal : nil }) {
            return signal
        }
        let signal = try watched(stream)
        // Two may get here at once: the first one's signal is everybody's.
        let kept = streams.withLock { streams -> AppendSignal? in
            guard streams.entries[id]?.stream === stream else { return nil }
            if let other = streams.entries[id]?.signal { return other }
            streams.entries[id]?.signal = signal
            return signal
        }
        guard kept === signal else { return kept }
        // Only now is it sure that the watched directory is the stream's.
        return try stream.currentView() == nil ? nil : signal
    }

    private func watched(_ stream: FollowedStream) throws(EventLogError) -> AppendSignal {
        do throws(FileFault) {
            let watcher = try sharedWatcher()
            let relay = SignalRelay(stream)
            let watch = try watcher.watch(stream.directory) { relay.tell($0) }
            // As long as somebody is woken, the stream stays.
            let signal = AppendSignal(onRelease: {
                watcher.unwatch(watch)
                stream.dropRecent()
            })
            relay.signal.withLock { $0.signal = signal }
            stream.keepRecent(limits.recentBytes)
            signal.read(from: stream)
            return signal
        } catch {
            throw error.error(stream.stream)
        }
    }

    var watchCount: Int { watcher.withLock { $0?.count } ?? 0 }

    private func sharedWatcher() throws(FileFault) -> DirectoryWatcher {
        try watcher.withLock { (watcher) throws(FileFault) in
            if let watcher { return watcher }
            let new = try DirectoryWatcher()
            watcher = new
            return new
        }
    }
}

extension FollowingLog.Streams {
    /// Keeps a stream, and as many others that are not waited for as there is room.
    fileprivate mutating func put(_ stream: FollowedStream, most: Int) {
        clock += 1
        if entries.count >= most {
            let idle = entries.filter { $0.value.signal == nil }.sorted { $0.value.used < $1.value.used }
            for (id, _) in idle.prefix(entries.count - most + 1) { entries[id] = nil }
        }
        guard entries[stream.stream] == nil else { return }
        entries[stream.stream] = FollowingLog.Entry(stream: stream, used: clock)
    }
}

/// Passes the changes of a directory on to a stream and those who wait for it, without keeping either.
private final class SignalRelay: Sendable {
    struct WeakSignal: Sendable {
        weak var signal: AppendSignal?
    }

    let signal = Mutex(WeakSignal())
    private let stream: Mutex<WeakStream>

    private struct WeakStream: Sendable {
        weak var stream: FollowedStream?
    }

    init(_ stream: FollowedStream) {
        self.stream = Mutex(WeakStream(stream: stream))
    }

    func tell(_ change: DirectoryChange) {
        stream.withLock { $0.stream }?.noteChange(ofNames: change.isOfNames)
        signal.withLock { $0.signal }?.notify()
    }
}
