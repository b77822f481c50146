#if canImport(Darwin)
    import Darwin
    import StreamCore
    import Synchronization

    /// The changes of directories, from kqueue(2).
    ///
    /// A directory's own events tell of names only, so that the files that are written in it are watched beside it: the mark and the newest segment.
    final class ChangeSource: Sendable {
        /// A directory, by a number of our own, which is not given again.
        typealias Directory = Int32

        private struct Watched: Sendable {
            var path: String
            /// The directory's descriptor, and those of files in it.
            var descriptors: [String: Int32]
        }

        private struct State: Sendable {
            var directories: [Directory: Watched] = [:]
            var last: Directory = 0
        }

        private let queue: Int32
        private let state = Mutex(State())
        /// The event that ends the waiting.
        private static let stopping: UInt = 0

        init() throws(FileFault) {
            queue = kqueue()
            guard queue >= 0 else { throw ChangeSource.fault("kqueue", "") }
            _ = fcntl(queue, F_SETFD, FD_CLOEXEC)
            change(ChangeSource.stopping, Int16(EVFILT_USER), UInt16(EV_ADD | EV_CLEAR), 0, 0)
        }

        deinit {
            for watched in state.withLock({ $0.directories.values }) {
                for descriptor in watched.descriptors.values { close(descriptor) }
            }
            close(queue)
        }

        func add(_ path: String) throws(FileFault) -> Directory {
            let descriptor = open(path, O_EVTONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw ChangeSource.fault("open", path) }
            return state.withLock { state in
                state.last += 1
                state.directories[state.last] = Watched(path: path, descriptors: ["": descriptor])
                observe(descriptor, for: state.last)
                watchFiles(of: state.last, &state)
                return state.last
            }
        }

        func remove(_ directory: Directory) {
            state.withLock { state in
                // A closed descriptor's events are removed by the system.
                for descriptor in state.directories.removeValue(forKey: directory)?.descriptors.values ?? [:].values {
                    close(descriptor)
                }
            }
        }

        func stop() {
            change(ChangeSource.stopping, Int16(EVFILT_USER), 0, UInt32(NOTE_TRIGGER), 0)
        }

        /// What changed since the last call, waiting for it; nil when it was stopped.
        func wait() -> [ChangeEvent]? {
            var found: [kevent] = Array(repeating: kevent(), count: 64)
            var count = kevent(queue, nil, 0, &found, Int32(found.count), nil)
            while count < 0 {
                if errno != EINTR { return nil }
                count = kevent(queue, nil, 0, &found, Int32(found.count), nil)
            }
            var events: [ChangeEvent] = []
            for event in found.prefix(Int(count)) {
                if event.filter == Int16(EVFILT_USER) { return nil }
                let directory = Directory(truncatingIfNeeded: Int(bitPattern: event.udata))
                let isOfNames = state.withLock { state -> Bool in
                    guard let own = state.directories[directory]?.descriptors[""], own == Int32(event.ident) else {
                        return false
                    }
                    // What came between the listing and the watch of a file is told by the event that is passed on now.
                    watchFiles(of: directory, &state)
                    return true
                }
                events.append(ChangeEvent(directory: directory, isOfNames: isOfNames))
            }
            return events
        }

        /// Watches the files that are written in a directory, and no others.
        private func watchFiles(of directory: Directory, _ state: inout State) {
            guard var watched = state.directories[directory] else { return }
            let names = (try? SystemFileSystem().list(watched.path)) ?? nil ?? []
            var wanted = [StreamScan.markName]
            if let newest = names.compactMap(SegmentName.init(fileName:)).max() { wanted.append(newest.fileName) }
            for (name, descriptor) in watched.descriptors where name != "" && !wanted.contains(name) {
                close(descriptor)
                watched.descriptors[name] = nil
            }
            for name in wanted where watched.descriptors[name] == nil {
                let descriptor = open(watched.path + "/" + name, O_EVTONLY | O_CLOEXEC)
                guard descriptor >= 0 else { continue }
                watched.descriptors[name] = descriptor
                observe(descriptor, for: directory)
            }
            state.directories[directory] = watched
        }

        private func observe(_ descriptor: Int32, for directory: Directory) {
            let changes = UInt32(NOTE_WRITE | NOTE_EXTEND | NOTE_DELETE | NOTE_RENAME | NOTE_ATTRIB)
            change(UInt(descriptor), Int16(EVFILT_VNODE), UInt16(EV_ADD | EV_CLEAR), changes, Int(directory))
        }

        private func change(_ identifier: UInt, _ filter: Int16, _ flags: UInt16, _ events: UInt32, _ data: Int) {
            var change = kevent(
                ident: identifier, filter: filter, flags: flags, fflags: events, data: 0,
                udata: UnsafeMutableRawPointer(bitPattern: data))
            _ = kevent(queue, &change, 1, nil, 0, nil)
        }

        private static func fault(_ call: String, _ path: String) -> FileFault {
            let number = errno
            return .storage(
                FileError(call: call, path: path, number: number, meaning: String(cString: strerror(number))))
        }
    }
#endif
