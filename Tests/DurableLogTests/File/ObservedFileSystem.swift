import DurableLog
import Synchronization

/// A file system that counts what is read and can be looked into while a sync is under way.
final class ObservedFileSystem: FileSystem {
    private let below: any FileSystem
    private let read = Atomic(0)
    private let descriptors = Atomic(0)
    private let onSync = Mutex<(@Sendable () -> Void)?>(nil)

    init(_ below: any FileSystem) {
        self.below = below
    }

    /// The bytes that were read so far.
    var bytesRead: Int { read.load(ordering: .relaxed) }
    /// The descriptors that are open.
    var openDescriptors: Int { descriptors.load(ordering: .relaxed) }

    /// Has something done whenever a file is to be synced, before it is.
    func beforeSync(_ body: (@Sendable () -> Void)?) {
        onSync.withLock { $0 = body }
    }

    func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
        let file = try below.open(path, mode)
        descriptors.add(1, ordering: .relaxed)
        return file
    }

    func close(_ file: Int32) {
        descriptors.subtract(1, ordering: .relaxed)
        below.close(file)
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, from file: Int32, at position: Int) throws(FileError) -> Int {
        let count = try below.read(into: bytes, from: file, at: position)
        read.add(count, ordering: .relaxed)
        return count
    }

    func sync(_ file: Int32) throws(FileError) {
        onSync.withLock { $0 }?()
        try below.sync(file)
    }

    func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, at position: Int) throws(FileError) -> Int {
        try below.write(bytes, to: file, at: position)
    }
    func allocate(_ file: Int32, at position: Int, count: Int) throws(FileError) {
        try below.allocate(file, at: position, count: count)
    }
    func truncate(_ file: Int32, to size: Int) throws(FileError) { try below.truncate(file, to: size) }
    func status(of file: Int32) throws(FileError) -> FileStatus { try below.status(of: file) }
    func syncDirectory(_ path: String) throws(FileError) { try below.syncDirectory(path) }
    func makeDirectory(_ path: String) throws(FileError) -> Bool { try below.makeDirectory(path) }
    func removeDirectory(_ path: String) throws(FileError) { try below.removeDirectory(path) }
    func remove(_ path: String) throws(FileError) -> Bool { try below.remove(path) }
    func rename(_ path: String, to newPath: String) throws(FileError) { try below.rename(path, to: newPath) }
    func link(_ path: String, to newPath: String) throws(FileError) { try below.link(path, to: newPath) }
    func list(_ path: String) throws(FileError) -> [String]? { try below.list(path) }
    func lock(_ file: Int32) throws(FileError) -> Bool { try below.lock(file) }
    var bootIdentity: [UInt8]? { below.bootIdentity }
}
