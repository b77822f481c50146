#if canImport(Glibc) || canImport(Musl)
    import StreamCore

    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif

    /// The changes of directories, from inotify(7).
    final class ChangeSource: Sendable {
        /// A directory, by its watch descriptor, which is not given again.
        typealias Directory = Int32

        private let queue: Int32
        /// A pipe, of which the end to read from becomes readable to stop.
        private let stopping: (read: Int32, write: Int32)

        init() throws(FileFault) {
            queue = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
            guard queue >= 0 else {
                throw ChangeSource.fault(
                    "inotify_init1", "", "fs.inotify.max_user_instances limits how many there may be")
            }
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else {
                let fault = ChangeSource.fault("pipe", "", "")
                close(queue)
                throw fault
            }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            stopping = (ends[0], ends[1])
        }

        deinit {
            close(queue)
            close(stopping.read)
            close(stopping.write)
        }

        func add(_ path: String) throws(FileFault) -> Directory {
            // Writes to files in it, names in it, and itself.
            let mask = UInt32(
                IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)
            let directory = inotify_add_watch(queue, path, mask)
            guard directory >= 0 else {
                throw ChangeSource.fault(
                    "inotify_add_watch", path, "fs.inotify.max_user_watches limits how many there may be")
            }
            return directory
        }

        func remove(_ directory: Directory) {
            // Fails where the directory is gone, and its watch with it.
            _ = inotify_rm_watch(queue, directory)
        }

        func stop() {
            var byte: UInt8 = 1
            _ = write(stopping.write, &byte, 1)
        }

        /// What changed since the last call, waiting for it; nil when it was stopped.
        func wait() -> [ChangeEvent]? {
            var descriptors = [
                pollfd(fd: queue, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopping.read, events: Int16(POLLIN), revents: 0),
            ]
            while poll(&descriptors, nfds_t(descriptors.count), -1) < 0 {
                if errno != EINTR { return nil }
            }
            if descriptors[1].revents != 0 { return nil }
            let bytes = [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
                count = max(0, read(queue, buffer.baseAddress, buffer.count))
            }
            return bytes.withUnsafeBytes(ChangeSource.events)
        }

        /// The events of a buffer; several in a row that say the same are one.
        private static func events(in bytes: UnsafeRawBufferPointer) -> [ChangeEvent] {
            var events: [ChangeEvent] = []
            var position = 0
            // Watch descriptor, mask, cookie and the length of the name behind them, 4 bytes each (inotify(7)).
            while position + 16 <= bytes.count {
                let directory = bytes.loadUnaligned(fromByteOffset: position, as: Int32.self)
                let mask = bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self)
                position += 16 + Int(bytes.loadUnaligned(fromByteOffset: position + 12, as: UInt32.self))
                let isOverflow = mask & UInt32(IN_Q_OVERFLOW) != 0
                let event = ChangeEvent(
                    directory: isOverflow ? nil : directory, isOfNames: mask & UInt32(IN_MODIFY) == 0,
                    isLast: mask & UInt32(IN_IGNORED) != 0)
                if let last = events.last, last.directory == event.directory, !event.isLast {
                    events[events.count - 1].isOfNames = last.isOfNames || event.isOfNames
                } else {
                    events.append(event)
                }
            }
            return events
        }

        private static func fault(_ call: String, _ path: String, _ limit: String) -> FileFault {
            let number = errno
            let isLimit = number == EMFILE || number == ENFILE || number == ENOSPC
            let meaning = String(cString: strerror(number)) + (isLimit && !limit.isEmpty ? "; \(limit)" : "")
            return .storage(FileError(call: call, path: path, number: number, meaning: meaning))
        }
    }
#endif
