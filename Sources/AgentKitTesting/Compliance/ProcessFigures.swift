#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What this process holds of the system, to find out what a piece of code leaves behind.
public enum ProcessFigures {
    /// How many descriptors are open.
    public static var openDescriptors: Int { descriptors().count }

    /// How many open descriptors are sockets.
    public static var openSockets: Int {
        descriptors().count { descriptor in
            var status = stat()
            return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
        }
    }

    /// How many threads there are; nil where that cannot be told (Apple's platforms).
    public static var threads: Int? {
        #if canImport(Darwin)
            nil
        #else
            entries(of: "/proc/self/task")?.count
        #endif
    }

    /// How many bytes of memory are resident; nil where that cannot be told (Apple's platforms).
    public static var residentBytes: Int? {
        #if canImport(Darwin)
            nil
        #else
            pages().map { $0 * Int(getpagesize()) }
        #endif
    }

    private static func descriptors() -> [Int32] {
        #if canImport(Darwin)
            let folder = "/dev/fd"
        #else
            let folder = "/proc/self/fd"
        #endif
        // Names are read first and checked then: the descriptor of the folder itself is closed by then.
        return (entries(of: folder) ?? []).compactMap { Int32($0) }.filter { fcntl($0, F_GETFD) >= 0 }
    }

    private static func entries(of folder: String) -> [String]? {
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            // The name ends with a NUL within its field, as readdir(3) promises.
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    #if !canImport(Darwin)
        /// The second number of /proc/self/statm.
        private static func pages() -> Int? {
            let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            var bytes = [UInt8](repeating: 0, count: 256)
            let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return nil }
            let words = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
            return words.count > 1 ? Int(words[1]) : nil
        }
    #endif
}
