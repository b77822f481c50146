#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A folder that is there for a test.
enum TemporaryFolder {
    static func with<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let path = make()
        defer { remove(path) }
        return try await body(path)
    }

    static func make() -> String {
        var template = "/tmp/filelog-XXXXXX".utf8CString
        return template.withUnsafeMutableBufferPointer { buffer in
            // A template of mkdtemp(3), ended by a NUL.
            guard let start = buffer.baseAddress, let path = mkdtemp(start) else {
                preconditionFailure("no folder: errno \(errno)")
            }
            return String(cString: path)
        }
    }

    static func remove(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                        String(cString: $0)
                    }
                }
                if name != ".", name != ".." { remove(path + "/" + name) }
            }
            closedir(directory)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
