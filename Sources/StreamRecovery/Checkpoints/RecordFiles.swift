import StreamCore
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Puts records into the places of older ones, whole, and writes the next ones into the files that the older ones had.
///
/// A new file for each record costs several times what its writing does: ext4 looks at every file that was removed in the last seconds to find a free inode, and writes
/// a file out that is renamed over another. So a record changes names with its predecessor, whose file is written over at the next time, unless somebody still reads it: readers hold
/// a shared lock (flock(2)) meanwhile, and nobody waits for it.
final class RecordFiles: Sendable {
    /// Where files are that have no record's name.
    private let directory: String
    private let spares = Mutex<[String]>([])
    // Process numbers alone are not each process's own where containers share a volume.
    private let token = String(UInt64.random(in: .min ... .max), radix: 36)

    /// As many as are written at once, on most machines.
    private static let maxSpares = 4
    private static let made = Atomic<UInt64>(0)

    init(directory: String) {
        self.directory = directory
    }

    deinit {
        removeSpares()
    }

    /// Whether a name is that of a file without a record's name.
    static func isNameless(_ name: String) -> Bool {
        name.hasPrefix(".") && name.hasSuffix(".tmp")
    }

    /// Puts a record into place, in a folder that is made when it is not there.
    func put(
        _ record: [UInt8], at path: String, in folder: String, modified: Timestamp, isSynced: Bool
    ) throws(CheckpointStoreError) {
        if let spare = spares.withLock({ $0.popLast() }) {
            var hasPredecessor: Bool?
            do throws(CheckpointStoreError) {
                if try Files.overwrite(spare, with: record, modified: modified, isSynced: isSynced) {
                    hasPredecessor = try replace(path, in: folder, by: spare)
                }
            } catch {
                // It may be gone, swept by another process; where the disk is full, a new file will say so.
            }
            if let hasPredecessor { return try settle(spare, hasPredecessor, in: folder, isSynced: isSynced) }
            unlink(spare)
        }
        let new = try Files.make(record, modified: modified, isSynced: isSynced) {
            // No stream's folder begins with a dot.
            "\(directory)/.\(getpid())-\(token)-\(RecordFiles.made.add(1, ordering: .relaxed).newValue).tmp"
        }
        let hasPredecessor: Bool
        do throws(CheckpointStoreError) {
            hasPredecessor = try replace(path, in: folder, by: new)
        } catch {
            unlink(new)
            throw error
        }
        try settle(new, hasPredecessor, in: folder, isSynced: isSynced)
    }

    /// Puts a file into place; whether the one that was there has its name now.
    private func replace(_ path: String, in folder: String, by new: String) throws(CheckpointStoreError) -> Bool {
        if Files.exchange(new, path) {
            if !Files.isFolder(new) { return true }
            // A file does not take the place of a folder, which somebody has made.
            _ = Files.exchange(new, path)
        }
        do throws(CheckpointStoreError) {
            try Files.rename(new, to: path)
        } catch {
            // The first of its stream; or somebody has removed the folder as an empty one.
            try Files.makeFolder(folder, withParents: false)
            try Files.rename(new, to: path)
        }
        return false
    }

    /// Keeps a predecessor's file to be written over, from when on no loss of power brings its name back.
    private func settle(
        _ spare: String, _ hasPredecessor: Bool, in folder: String, isSynced: Bool
    ) throws(CheckpointStoreError) {
        do throws(CheckpointStoreError) {
            if isSynced {
                try Files.sync(folder)
                try Files.sync(directory)
            }
        } catch {
            if hasPredecessor { unlink(spare) }
            throw error
        }
        if hasPredecessor { keep(spare) }
    }

    /// Removes the files that older records had.
    func removeSpares() {
        let paths = spares.withLock { spares in
            defer { spares = [] }
            return spares
        }
        for path in paths { unlink(path) }
    }

    private func keep(_ path: String) {
        let isKept = spares.withLock { spares in
            guard spares.count < RecordFiles.maxSpares else { return false }
            spares.append(path)
            return true
        }
        if !isKept { unlink(path) }
    }
}
