import CFileSystem
import StreamCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The few calls of the system that a store in files makes.
enum Files {
    static func makeFolder(_ path: String, withParents: Bool) throws(CheckpointStoreError) {
        if withParents, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            let parent = String(path[..<slash])
            if access(parent, F_OK) != 0 { try makeFolder(parent, withParents: true) }
        }
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw failure("make the folder", path) }
    }

    /// Writes a new file under the first of the given paths that is free.
    static func make(
        _ bytes: [UInt8], modified: Timestamp, isSynced: Bool, path next: () -> String
    ) throws(CheckpointStoreError) -> String {
        while true {
            let path = next()
            let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if file >= 0 {
                do throws(CheckpointStoreError) {
                    try closing(file, path) { () throws(CheckpointStoreError) in
                        try fill(file, path, with: bytes, modified: modified, isSynced: isSynced)
                    }
                } catch {
                    unlink(path)
                    throw error
                }
                return path
            }
            // Left by an ended process that had our number.
            if errno != EEXIST { throw failure("make", path) }
        }
    }

    /// Writes over a file that nobody needs.
    ///
    /// - Returns: False when somebody reads it, or has it under another name, too, or others than its owner may use it.
    static func overwrite(
        _ path: String, with bytes: [UInt8], modified: Timestamp, isSynced: Bool
    ) throws(CheckpointStoreError) -> Bool {
        let file = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw failure("open", path) }
        return try closing(file, path) { () throws(CheckpointStoreError) in
            var status = stat()
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else { return false }
            // A process that another thread begins has the descriptor, too, until it runs its program: its lock would outlive ours.
            defer { flock(file, LOCK_UN) }
            guard fstat(file, &status) == 0, status.st_nlink == 1, status.st_uid == geteuid(),
                status.st_mode & (S_IFMT | 0o177) == S_IFREG
            else { return false }
            try fill(file, path, with: bytes, modified: modified, isSynced: isSynced)
            return true
        }
    }

    /// Closes a file behind what is done with it.
    private static func closing<Value>(
        _ file: Int32, _ path: String, _ body: () throws(CheckpointStoreError) -> Value
    ) throws(CheckpointStoreError) -> Value {
        let value: Value
        do throws(CheckpointStoreError) {
            value = try body()
        } catch {
            _ = close(file)
            throw error
        }
        // Network file systems tell of a failed write only here.
        if close(file) != 0 { throw failure("close", path) }
        return value
    }

    /// Gives a file that is open its contents, and no others.
    private static func fill(
        _ file: Int32, _ path: String, with bytes: [UInt8], modified: Timestamp, isSynced: Bool
    ) throws(CheckpointStoreError) {
        try writeAll(bytes, file, path)
        if ftruncate(file, off_t(bytes.count)) != 0 { throw failure("shorten", path) }
        var times = [timespec(modified), timespec(modified)]
        if futimens(file, &times) != 0 { throw failure("set the times of", path) }
        if isSynced, fsync(file) != 0 { throw failure("sync", path) }
    }

    private static func writeAll(_ bytes: [UInt8], _ file: Int32, _ path: String) throws(CheckpointStoreError) {
        var written = 0
        while written < bytes.count {
            // Sound: the pointer is used within the call only, and the count is what is left of the array.
            let count = bytes.withUnsafeBytes { buffer in
                #if canImport(Darwin)
                    Darwin.write(file, buffer.baseAddress.unsafelyUnwrapped + written, buffer.count - written)
                #elseif canImport(Glibc)
                    Glibc.write(file, buffer.baseAddress.unsafelyUnwrapped + written, buffer.count - written)
                #elseif canImport(Musl)
                    Musl.write(file, buffer.baseAddress.unsafelyUnwrapped + written, buffer.count - written)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path) }
            written += count
        }
    }

    /// The file's bytes; nil when it is not there.
    static func read(_ path: String, maxBytes: Int) throws(CheckpointStoreError) -> [UInt8]? {
        var tries = 0
        while true {
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else {
                if errno == ENOENT { return nil }
                throw failure("open", path)
            }
            defer { _ = close(file) }
            tries += 1
            // Whoever locks files for long is no writer of ours.
            if hold(file, path) || tries == maxTries { return try read(file, path, maxBytes: maxBytes) }
        }
    }

    private static let maxTries = 1000

    /// Keeps writers from writing over a file; false when it has lost its name and may be written over already.
    private static func hold(_ file: Int32, _ path: String) -> Bool {
        // Where files cannot be locked nobody writes over one.
        if flock(file, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR { return false }
        var (opened, named) = (stat(), stat())
        return fstat(file, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino
            && opened.st_dev == named.st_dev
    }

    private static func read(_ file: Int32, _ path: String, maxBytes: Int) throws(CheckpointStoreError) -> [UInt8] {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure("look at", path) }
        guard status.st_size <= maxBytes else {
            throw CheckpointStoreError(
                .tooLarge, "'\(path)' has \(status.st_size) bytes, more than the \(maxBytes) that a checkpoint may have"
            )
        }
        // It does not change as long as it is held.
        let size = Int(status.st_size)
        var failed: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                // Sound: `count` is less than the buffer's size, and at most the rest of it is filled.
                let length = readOnce(file, buffer.baseAddress.unsafelyUnwrapped + count, size - count)
                if length < 0, errno == EINTR { continue }
                if length < 0 { failed = errno }
                guard length > 0 else { return }
                count += length
            }
        }
        if failed != 0 {
            errno = failed
            throw failure("read", path)
        }
        return bytes
    }

    private static func readOnce(_ file: Int32, _ address: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        #if canImport(Darwin)
            Darwin.read(file, address, count)
        #elseif canImport(Glibc)
            Glibc.read(file, address, count)
        #elseif canImport(Musl)
            Musl.read(file, address, count)
        #endif
    }

    /// Exchanges the names of two files; false when one is not there, or the file system cannot.
    static func exchange(_ path: String, _ other: String) -> Bool {
        file_system_exchange(path, other) == 0
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func rename(_ path: String, to target: String) throws(CheckpointStoreError) {
        #if canImport(Darwin)
            let result = Darwin.rename(path, target)
        #elseif canImport(Glibc)
            let result = Glibc.rename(path, target)
        #elseif canImport(Musl)
            let result = Musl.rename(path, target)
        #endif
        if result != 0 { throw failure("rename '\(path)' to", target) }
    }

    static func sync(_ folder: String) throws(CheckpointStoreError) {
        let file = open(folder, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("open", folder) }
        defer { _ = close(file) }
        if fsync(file) != 0 { throw failure("sync", folder) }
    }

    static func remove(_ path: String) throws(CheckpointStoreError) {
        if unlink(path) != 0, errno != ENOENT { throw failure("remove", path) }
    }

    static func names(in folder: String) throws(CheckpointStoreError) -> [String] {
        guard let listing = opendir(folder) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw failure("list", folder)
        }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            // Sound: the system ends the name with a zero within the entry, which stands until the next call.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The file's modification time, or nil when it is not there.
    static func modified(_ path: String) -> Timestamp? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return Timestamp(millisecondsSince1970: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// When the file was made or changed, in seconds since 1970.
    static func changed(_ path: String) -> Int64? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
            return Int64(status.st_ctimespec.tv_sec)
        #else
            return Int64(status.st_ctim.tv_sec)
        #endif
    }

    private static func failure(_ what: String, _ path: String) -> CheckpointStoreError {
        let code = errno
        return CheckpointStoreError(
            .storage, "cannot \(what) '\(path)': \(String(cString: strerror(code))) (errno \(code))")
    }
}

extension timespec {
    // Moments that no file system can hold become the nearest that all can: 1970 and 2106.
    fileprivate init(_ timestamp: Timestamp) {
        let milliseconds = min(max(0, timestamp.millisecondsSince1970), Int64(UInt32.max) * 1000)
        self.init(tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
    }
}
