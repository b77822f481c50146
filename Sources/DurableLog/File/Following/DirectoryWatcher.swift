import StreamCore
import Synchronization

/// What changed in a directory that is watched.
struct DirectoryChange: Sendable, Hashable {
    /// Whether files came, went or were renamed, the directory itself included; else only what stands in them.
    var isOfNames: Bool
}

/// Tells who watches a directory that something in it was changed, by whichever process.
///
/// The system tells it (inotify, kqueue), so that nothing is polled; one thread waits for all directories.
final class DirectoryWatcher: Sendable {
    typealias Handler = @Sendable (DirectoryChange) -> Void

    /// A watch, to be ended once.
    struct Watch: Sendable, Hashable {
        fileprivate var directory: ChangeSource.Directory
        fileprivate var number: UInt64
    }

    private struct State: Sendable {
        var handlers: [ChangeSource.Directory: [UInt64: Handler]] = [:]
        var number: UInt64 = 0
    }

    private let source: ChangeSource
    private let state = Mutex(State())

    init() throws(FileFault) {
        source = try ChangeSource()
        // The thread holds the watcher and lets go of it, and so of the descriptors, when it is stopped.
        guard let thread = WorkerThread({ [self] in run() }) else {
            throw .refused(EventLogError(.storage, nil, "no thread could be started to watch directories"))
        }
        thread.detach()
    }

    /// Has `handler` called, on the watcher's thread, when something changes in a directory from now on; it must return at once.
    func watch(_ path: String, _ handler: @escaping Handler) throws(FileFault) -> Watch {
        // The same directory has one watch of the system, which must not end while it begins again: hence under the lock.
        try state.withLock { (state) throws(FileFault) in
            let directory = try source.add(path)
            state.number += 1
            state.handlers[directory, default: [:]][state.number] = handler
            return Watch(directory: directory, number: state.number)
        }
    }

    /// Ends a watch.
    func unwatch(_ watch: Watch) {
        state.withLock { state in
            guard state.handlers[watch.directory]?.removeValue(forKey: watch.number) != nil else { return }
            guard state.handlers[watch.directory]?.isEmpty == true else { return }
            state.handlers[watch.directory] = nil
            source.remove(watch.directory)
        }
    }

    /// How many directories are watched.
    var count: Int { state.withLock { $0.handlers.count } }

    /// Ends the thread, which may be the calling one.
    func stop() {
        source.stop()
    }

    private func run() {
        while let events = source.wait() {
            for event in events {
                let handlers = state.withLock { state -> [Handler] in
                    guard let directory = event.directory else { return state.handlers.values.flatMap(\.values) }
                    defer { if event.isLast { state.handlers[directory] = nil } }
                    return state.handlers[directory].map { Array($0.values) } ?? []
                }
                for handler in handlers { handler(DirectoryChange(isOfNames: event.isOfNames)) }
            }
        }
    }
}

/// What the system told.
struct ChangeEvent: Sendable {
    /// Where; nil for anywhere, as more happened than the system could tell.
    var directory: ChangeSource.Directory?
    var isOfNames: Bool
    /// Whether nothing more will be told of the directory, as it is gone.
    var isLast = false
}
