/// What the file log asks of a file system: so few calls that a test can stand in for each of them and for a loss of power.
///
/// A file is named by its descriptor, positions are bytes from its start. Every call may block.
package protocol FileSystem: Sendable {
    /// Opens a file; the caller closes the descriptor.
    func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32
    /// Closes a descriptor.
    func close(_ file: Int32)
    /// Writes at a position and returns how many bytes were written, which may be fewer than asked for and is at least one.
    func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, at position: Int) throws(FileError) -> Int
    /// Reads at a position and returns how many bytes there were: fewer only at the file's end.
    func read(into bytes: UnsafeMutableRawBufferPointer, from file: Int32, at position: Int) throws(FileError) -> Int
    /// Reserves room, so that a later write there cannot fail for the lack of it; the new part of the file reads as zeros.
    func allocate(_ file: Int32, at position: Int, count: Int) throws(FileError)
    /// Makes a file shorter or longer.
    func truncate(_ file: Int32, to size: Int) throws(FileError)
    /// The file's size and its number within the file system.
    func status(of file: Int32) throws(FileError) -> FileStatus
    /// Returns when what was written survives the loss of power. Its failure is final: what was not on disk by then may never be.
    func sync(_ file: Int32) throws(FileError)
    /// Returns when the names in a directory survive the loss of power.
    func syncDirectory(_ path: String) throws(FileError)
    /// Makes a directory; false when it is there already.
    func makeDirectory(_ path: String) throws(FileError) -> Bool
    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(FileError)
    /// Removes a file's name; false when there is none.
    func remove(_ path: String) throws(FileError) -> Bool
    /// Moves a file or directory, in one step; a file that stands at the new place goes.
    func rename(_ path: String, to newPath: String) throws(FileError)
    /// Gives a file a second name.
    func link(_ path: String, to newPath: String) throws(FileError)
    /// The names in a directory, in no order; nil when there is no such directory.
    func list(_ path: String) throws(FileError) -> [String]?
    /// Takes the exclusive lock of an open file, which ends with its descriptor; false when somebody else holds it.
    func lock(_ file: Int32) throws(FileError) -> Bool
    /// 16 bytes that change whenever the machine starts, when what was not synced may be lost; nil when that cannot be told.
    var bootIdentity: [UInt8]? { get }
}

/// How a file is opened.
package enum FileMode: Sendable, Hashable {
    /// To read a file that is there.
    case read
    /// To read and write a file that is there.
    case write
    /// To read and write, making the file when it is not there.
    case create
    /// To read and write a file that must not be there yet.
    case createNew
}

/// A file's size and number.
package struct FileStatus: Sendable, Hashable {
    /// Bytes.
    package var size: Int
    /// The number that tells the file from all others of its file system at the same time.
    package var number: UInt64

    /// A status from its parts.
    package init(size: Int, number: UInt64) {
        self.size = size
        self.number = number
    }
}

/// A call of the system that failed.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The call, by its name in C.
    package var call: String
    /// The file or directory; empty when only its descriptor was known.
    package var path: String
    /// The system's error number.
    package var number: Int32
    /// What the number means.
    package var meaning: String

    /// An error from its parts.
    package init(call: String, path: String, number: Int32, meaning: String) {
        self.call = call
        self.path = path
        self.number = number
        self.meaning = meaning
    }

    package var description: String {
        "\(call)\(path.isEmpty ? "" : " of \(path)"): \(meaning) (errno \(number))"
    }
}

extension FileSystem {
    /// Writes all bytes, however many calls that takes.
    func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32, at position: Int) throws(FileError) {
        var written = 0
        while written < bytes.count {
            written += try write(
                UnsafeRawBufferPointer(rebasing: bytes[written...]), to: file, at: position + written)
        }
    }

    func writeAll(_ bytes: [UInt8], to file: Int32, at position: Int) throws(FileError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
            try writeAll(UnsafeRawBufferPointer(bytes), to: file, at: position)
        }
    }

    /// Up to `count` bytes at a position: fewer at the file's end.
    func read(_ file: Int32, at position: Int, count: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        // The error leaves in a variable of this function, not of a closure of `withContiguousStorageIfAvailable`.
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(FileError) {
                initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), from: file, at: position)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Does something with a file that is open for that long.
    func with<Value>(
        _ path: String, _ mode: FileMode, _ body: (Int32) throws(FileError) -> Value
    ) throws(FileError) -> Value {
        let file = try open(path, mode)
        defer { close(file) }
        return try body(file)
    }
}
