#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The machine's file system.
package struct SystemFileSystem: FileSystem {
    /// The machine's file system.
    package init() {}

    package func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .write: O_RDWR
            case .create: O_RDWR | O_CREAT
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            }
        return try check("open", path) {
            #if canImport(Darwin)
                Darwin.open(path, flags | O_CLOEXEC, 0o644)
            #elseif canImport(Glibc)
                Glibc.open(path, flags | O_CLOEXEC, 0o644)
            #else
                Musl.open(path, flags | O_CLOEXEC, 0o644)
            #endif
        }
    }

    package func close(_ file: Int32) {
        #if canImport(Darwin)
            _ = Darwin.close(file)
        #elseif canImport(Glibc)
            _ = Glibc.close(file)
        #else
            _ = Musl.close(file)
        #endif
    }

    package func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, at position: Int) throws(FileError) -> Int {
        while true {
            let count = pwrite(file, bytes.baseAddress, bytes.count, off_t(position))
            if count > 0 || bytes.isEmpty { return count }
            // Nothing written and no error: what POSIX leaves open, a full device says in practice.
            if count == 0 { throw failure("pwrite", "", ENOSPC) }
            if errno != EINTR { throw failure("pwrite", "", errno) }
        }
    }

    package func read(
        into bytes: UnsafeMutableRawBufferPointer, from file: Int32, at position: Int
    ) throws(FileError) -> Int {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
            let count = pread(file, rest.baseAddress, rest.count, off_t(position + done))
            if count == 0 { break }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw failure("pread", "", errno)
            }
        }
        return done
    }

    package func allocate(_ file: Int32, at position: Int, count: Int) throws(FileError) {
        #if canImport(Darwin)
            // What the file has is kept; only what is missing beyond its end is reserved.
            var store = fstore_t(
                fst_flags: UInt32(F_ALLOCATEALL), fst_posmode: F_PEOFPOSMODE, fst_offset: 0,
                fst_length: off_t(count), fst_bytesalloc: 0)
            try check("fcntl(F_PREALLOCATE)", "") { fcntl(file, F_PREALLOCATE, &store) }
            if try status(of: file).size < position + count { try truncate(file, to: position + count) }
        #else
            var number = EINTR
            while number == EINTR { number = posix_fallocate(file, off_t(position), off_t(count)) }
            if number != 0 { throw failure("posix_fallocate", "", number) }
        #endif
    }

    package func truncate(_ file: Int32, to size: Int) throws(FileError) {
        try check("ftruncate", "") { ftruncate(file, off_t(size)) }
    }

    package func status(of file: Int32) throws(FileError) -> FileStatus {
        var status = stat()
        try check("fstat", "") { fstat(file, &status) }
        return FileStatus(size: Int(status.st_size), number: UInt64(status.st_ino))
    }

    package func sync(_ file: Int32) throws(FileError) {
        #if canImport(Darwin)
            // `fsync` alone leaves the bytes in the drive's cache there (fsync(2)).
            try check("fcntl(F_FULLFSYNC)", "") { fcntl(file, F_FULLFSYNC) }
        #else
            try check("fdatasync", "") { fdatasync(file) }
        #endif
    }

    package func syncDirectory(_ path: String) throws(FileError) {
        _ = try with(path, .read) { (file) throws(FileError) in try check("fsync", path) { fsync(file) } }
    }

    package func makeDirectory(_ path: String) throws(FileError) -> Bool {
        if mkdir(path, 0o755) == 0 { return true }
        if errno == EEXIST { return false }
        throw failure("mkdir", path, errno)
    }

    package func removeDirectory(_ path: String) throws(FileError) {
        try check("rmdir", path) { rmdir(path) }
    }

    package func remove(_ path: String) throws(FileError) -> Bool {
        if unlink(path) == 0 { return true }
        if errno == ENOENT { return false }
        throw failure("unlink", path, errno)
    }

    package func rename(_ path: String, to newPath: String) throws(FileError) {
        try check("rename", path) {
            #if canImport(Darwin)
                Darwin.rename(path, newPath)
            #elseif canImport(Glibc)
                Glibc.rename(path, newPath)
            #else
                Musl.rename(path, newPath)
            #endif
        }
    }

    package func link(_ path: String, to newPath: String) throws(FileError) {
        try check("link", path) {
            #if canImport(Darwin)
                Darwin.link(path, newPath)
            #elseif canImport(Glibc)
                Glibc.link(path, newPath)
            #else
                Musl.link(path, newPath)
            #endif
        }
    }

    package func list(_ path: String) throws(FileError) -> [String]? {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return nil }
            throw failure("opendir", path, errno)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            // Only the error number tells the end from a failure (readdir(3)).
            errno = 0
            guard let entry = readdir(directory) else {
                if errno != 0 { throw failure("readdir", path, errno) }
                return names
            }
            // The name ends with a NUL within its field, as readdir(3) promises.
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    package func lock(_ file: Int32) throws(FileError) -> Bool {
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            if errno != EINTR { throw failure("flock", "", errno) }
        }
        return true
    }

    package var bootIdentity: [UInt8]? {
        #if canImport(Darwin)
            var text = [CChar](repeating: 0, count: 64)
            var size = text.count
            guard sysctlbyname("kern.bootsessionuuid", &text, &size, nil, 0) == 0 else { return nil }
            return SystemFileSystem.identity(ofHex: text.map { UInt8(bitPattern: $0) })
        #else
            let path = "/proc/sys/kernel/random/boot_id"
            let text = try? with(path, .read) { (file) throws(FileError) in try read(file, at: 0, count: 64) }
            return text.flatMap(SystemFileSystem.identity(ofHex:))
        #endif
    }

    /// The 16 bytes of a UUID's text.
    private static func identity(ofHex text: [UInt8]) -> [UInt8]? {
        let digits = text.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 32 else { return nil }
        return stride(from: 0, to: 32, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    @discardableResult
    private func check(_ call: String, _ path: String, _ body: () -> Int32) throws(FileError) -> Int32 {
        while true {
            let result = body()
            if result >= 0 { return result }
            // An interrupted sync or open did nothing and is asked for again; it is no failed one.
            if errno != EINTR { throw failure(call, path, errno) }
        }
    }

    private func failure(_ call: String, _ path: String, _ number: Int32) -> FileError {
        FileError(call: call, path: path, number: number, meaning: String(cString: strerror(number)))
    }
}
