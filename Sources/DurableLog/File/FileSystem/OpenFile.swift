/// An open file, closed when nobody holds it any more: so a descriptor that is put away never ends under a read.
final class OpenFile: Sendable {
    let path: String
    let descriptor: Int32
    let system: any FileSystem

    /// - Parameter finalPath: The name that the file will have by the time that anybody hears of it.
    init(
        _ path: String, _ mode: FileMode, in system: any FileSystem, finalPath: String? = nil
    ) throws(FileFault) {
        self.path = finalPath ?? path
        self.system = system
        do throws(FileError) {
            descriptor = try system.open(path, mode)
        } catch {
            throw .storage(error)
        }
    }

    deinit {
        system.close(descriptor)
    }

    func read(at position: Int, count: Int) throws(FileFault) -> [UInt8] {
        try located { () throws(FileError) in try system.read(descriptor, at: position, count: count) }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at position: Int) throws(FileFault) {
        try located { () throws(FileError) in try system.writeAll(bytes, to: descriptor, at: position) }
    }

    func write(_ bytes: [UInt8], at position: Int) throws(FileFault) {
        try located { () throws(FileError) in try system.writeAll(bytes, to: descriptor, at: position) }
    }

    func allocate(at position: Int, count: Int) throws(FileFault) {
        try located { () throws(FileError) in try system.allocate(descriptor, at: position, count: count) }
    }

    func truncate(to size: Int) throws(FileFault) {
        try located { () throws(FileError) in try system.truncate(descriptor, to: size) }
    }

    func sync() throws(FileFault) {
        try located { () throws(FileError) in try system.sync(descriptor) }
    }

    func status() throws(FileFault) -> FileStatus {
        try located { () throws(FileError) in try system.status(of: descriptor) }
    }

    // Calls on descriptors do not know the path, which is what people need.
    @inline(__always)
    private func located<Value>(_ body: () throws(FileError) -> Value) throws(FileFault) -> Value {
        do throws(FileError) {
            return try body()
        } catch {
            var error = error
            error.path = path
            throw .storage(error)
        }
    }
}
