public import StreamCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Checkpoints in files: a folder for each stream, a file for each run, which another process on the machine, or one after a crash, can read.
///
/// A record is written to a file beside, which changes names with the one in place, so that a reader gets the old one or the new one whole. The old one's file is written over later: whoever copies
/// files meanwhile, as a backup does, may find the checksum of one broken, and gets it whole when it holds a shared `flock` on it and it still has its name then. Files are for their owner only, as they hold conversations. A file's
/// modification time is the moment from which on it may not be used, so that ``removeExpired(at:)`` need not look into any.
public struct FileCheckpointStore: CheckpointStore {
    /// What a checkpoint survives once it is written.
    public enum Durability: Sendable, Hashable {
        /// The end of the process. After the machine's end it may be missing, torn, an older one or another run's, of which checksum and key tell what must be told; nothing is
        /// lost by that.
        case buffered
        /// The end of the machine; takes as long as the disk takes.
        case synced
    }

    /// The folder.
    public let directory: String
    /// What a checkpoint survives.
    public let durability: Durability
    /// The largest record that is written or read, in bytes.
    public let maxBytes: Int
    private let files: RecordFiles

    /// A store in a folder, which is made when it is not there.
    ///
    /// - Throws: `storage` when the folder cannot be made.
    public init(
        directory: String, durability: Durability = .buffered, maxBytes: Int = 64 << 20
    ) throws(CheckpointStoreError) {
        self.directory = directory
        self.durability = durability
        self.maxBytes = max(0, maxBytes)
        files = RecordFiles(directory: directory)
        try Files.makeFolder(directory, withParents: true)
    }

    /// Keeps a record in place of the run's earlier one.
    ///
    /// - Throws: `invalidKey` when the run's name makes a file name longer than 240 bytes, `tooLarge`, `storage`.
    @concurrent
    public func write(
        _ record: [UInt8], for key: Checkpoint.Key, expiresAt: Timestamp
    ) async throws(CheckpointStoreError) {
        guard record.count <= maxBytes else {
            throw CheckpointStoreError(
                .tooLarge, "the checkpoint of run \(key.run) has \(record.count) bytes, the store takes \(maxBytes)")
        }
        let (folder, file) = try paths(key)
        try files.put(record, at: file, in: folder, modified: expiresAt, isSynced: durability == .synced)
    }

    /// The run's record, as it was written; nil when there is none.
    ///
    /// - Throws: `invalidKey`, `tooLarge`, `storage`.
    @concurrent
    public func read(_ key: Checkpoint.Key) async throws(CheckpointStoreError) -> [UInt8]? {
        try Files.read(try paths(key).file, maxBytes: maxBytes)
    }

    /// Forgets the run's record, and the files of older records that this store would write over.
    ///
    /// - Throws: `invalidKey`, `storage`.
    @concurrent
    public func remove(_ key: Checkpoint.Key) async throws(CheckpointStoreError) {
        try Files.remove(try paths(key).file)
        files.removeSpares()
    }

    /// Removes the files that may no longer be used, and what writes that were ended by a crash an hour ago or earlier have left.
    ///
    /// - Returns: How many records were removed.
    /// - Throws: `storage`.
    @concurrent
    @discardableResult
    public func removeExpired(at now: Timestamp) async throws(CheckpointStoreError) -> Int {
        var count = 0
        for name in try Files.names(in: directory) {
            let path = "\(directory)/\(name)"
            if RecordFiles.isNameless(name) {
                // It has either been written within the hour, or nobody will miss it.
                let age = now.millisecondsSince1970 / 1000 - (Files.changed(path) ?? .max)
                // What is no file stays, and keeps nothing else.
                if age >= 3600 { unlink(path) }
                continue
            }
            guard StreamID(fileName: name) != nil else { continue }
            for file in try Files.names(in: path) where file.hasSuffix(FileCheckpointStore.suffix) {
                guard let expiry = Files.modified("\(path)/\(file)"), expiry <= now else { continue }
                try Files.remove("\(path)/\(file)")
                count += 1
            }
            // Fails while there are files in it, and that is meant.
            rmdir(path)
        }
        return count
    }

    private static let suffix = ".checkpoint"

    private func paths(_ key: Checkpoint.Key) throws(CheckpointStoreError) -> (folder: String, file: String) {
        let name = FileCheckpointStore.fileName(key.run)
        guard name.utf8.count <= 240 else {
            throw CheckpointStoreError(
                .invalidKey, "the run's name '\(key.run.prefix(40))…' makes a file name of more than 240 bytes")
        }
        let folder = "\(directory)/\(key.stream.fileName)"
        return (folder, "\(folder)/\(name)\(FileCheckpointStore.suffix)")
    }

    // Two runs never share it, not even where case is ignored.
    static func fileName(_ run: String) -> String {
        var name = ""
        for (position, byte) in run.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: ".") where position > 0: name += "."
            default:
                let digits = String(byte, radix: 16)
                name += digits.utf8.count == 1 ? "!0\(digits)" : "!\(digits)"
            }
        }
        return name.isEmpty ? "!" : name
    }
}
