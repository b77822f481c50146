import DurableLog
import StreamCore

/// The files of a store: one for each project, and one that the writing process holds locked.
struct ProgressDirectory: Sendable {
    /// What is in a project's file.
    struct Project: Sendable {
        var fold: ProgressFold
        /// The bytes of the state in full, at the file's beginning.
        var stateSize: Int
        /// The bytes of it that count; what follows is a line that was not finished.
        var size: Int
        /// The file, as it was read or written.
        var status: FileStatus
    }

    // A file is written anew when what came since is as long as the state, and at least this.
    private static let leastGrowth = 64 << 10

    private static let maxSize = 1 << 30

    let path: String
    let system: any FileSystem

    /// Holds the directory for one writer, as long as it lives.
    final class Lock: Sendable {
        private let file: Int32
        private let system: any FileSystem

        init(file: Int32, system: any FileSystem) {
            self.file = file
            self.system = system
        }

        deinit {
            system.close(file)
        }
    }

    /// Makes the directory and takes its lock.
    func lock() throws(ProgressError) -> Lock {
        try storing("the store in \(path) cannot be opened") { () throws(FileError) -> Lock? in
            _ = try system.makeDirectory(path)
            let file = try system.open("\(path)/writer.lock", .create)
            let isFree: Bool
            do throws(FileError) {
                isFree = try system.lock(file)
            } catch {
                system.close(file)
                throw error
            }
            if isFree { return Lock(file: file, system: system) }
            system.close(file)
            return nil
        }
        .orThrow(ProgressError(.locked, "somebody else writes to the store in \(path); open it for reading only"))
    }

    /// The state of a project's file, or nil when there is none.
    func status(of project: StreamID) throws(ProgressError) -> FileStatus? {
        try storing("the progress of \(project) cannot be looked at") { () throws(FileError) in
            try withFile(of: project, .read) { (file) throws(FileError) in try system.status(of: file) }
        }
    }

    /// What is in a project's file, or nil when there is none.
    func read(_ project: StreamID) throws(ProgressError) -> Project? {
        let found = try storing("the progress of \(project) cannot be read") { () throws(FileError) in
            try withFile(of: project, .read) { (file) throws(FileError) in
                let status = try system.status(of: file)
                return (status, try bytes(of: file, count: min(status.size, ProgressDirectory.maxSize)))
            }
        }
        guard let (status, bytes) = found else { return nil }
        guard status.size <= ProgressDirectory.maxSize else {
            throw ProgressError(.corrupt, "\(filePath(project)) has \(status.size) bytes, which no such file has")
        }
        do throws(ProgressFile.Damage) {
            let contents = try ProgressFile.read(bytes)
            return Project(
                fold: contents.fold, stateSize: contents.stateSize, size: contents.size,
                status: FileStatus(size: bytes.count, number: status.number))
        } catch {
            throw ProgressError(
                .corrupt,
                "\(filePath(project)), byte \(error.position): \(error.what); build it anew from the log of \(project)")
        }
    }

    /// Writes a state in full, which is on disk before it takes the place of what was there.
    func write(_ fold: ProgressFold, as project: StreamID) throws(ProgressError) -> Project {
        var bytes: [UInt8] = []
        ProgressFile.write(fold, to: &bytes)
        let state = bytes
        let target = filePath(project)
        let beside = target + ".new"
        return try storing("the progress of \(project) cannot be written") { () throws(FileError) in
            _ = try system.remove(beside)
            let file = try system.open(beside, .createNew)
            defer { system.close(file) }
            try write(state, to: file, at: 0)
            try system.sync(file)
            try system.rename(beside, to: target)
            try system.syncDirectory(path)
            let status = try system.status(of: file)
            return Project(fold: fold, stateSize: state.count, size: state.count, status: status)
        }
    }

    /// Adds a stretch that `project` has folded in already.
    func append(_ step: ProgressAdvance, to found: inout Project, as project: StreamID) throws(ProgressError) {
        var bytes: [UInt8] = []
        ProgressFile.write(step, to: &bytes)
        if found.size + bytes.count - found.stateSize > max(found.stateSize, ProgressDirectory.leastGrowth) {
            found = try write(found.fold, as: project)
            return
        }
        let line = bytes
        let (size, known) = (found.size, found.status.size)
        let status = try storing("the progress of \(project) cannot be written") { () throws(FileError) in
            try withFile(of: project, .write) { (file) throws(FileError) in
                if known > size { try system.truncate(file, to: size) }
                try write(line, to: file, at: size)
                return try system.status(of: file)
            }
        }
        guard let status else {
            throw ProgressError(.storage, "\(filePath(project)) is gone; build it anew from the log of \(project)")
        }
        found.size += line.count
        found.status = status
    }

    /// Removes a project's file, if it is there.
    func remove(_ project: StreamID) throws(ProgressError) {
        try storing("the progress of \(project) cannot be removed") { () throws(FileError) in
            if try system.remove(filePath(project)) { try system.syncDirectory(path) }
        }
    }

    private func filePath(_ project: StreamID) -> String { "\(path)/\(project.fileName).progress" }

    private func storing<Value>(
        _ what: String, _ body: () throws(FileError) -> Value
    ) throws(ProgressError) -> Value {
        do throws(FileError) {
            return try body()
        } catch {
            throw ProgressError(.storage, what, underlying: error)
        }
    }

    // Nil when the file is not there.
    private func withFile<Value>(
        of project: StreamID, _ mode: FileMode, _ body: (Int32) throws(FileError) -> Value
    ) throws(FileError) -> Value? {
        let file: Int32
        do throws(FileError) {
            file = try system.open(filePath(project), mode)
        } catch {
            if error.number == SystemErrorNumber.notFound { return nil }
            throw error
        }
        defer { system.close(file) }
        return try body(file)
    }

    private func bytes(of file: Int32, count: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(FileError) in try system.read(into: buffer, from: file, at: 0) }
        }
        bytes.removeLast(count - (try result.get()))
        return bytes
    }

    private func write(_ bytes: [UInt8], to file: Int32, at position: Int) throws(FileError) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(FileError) in
                var written = 0
                while written < bytes.count {
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                    written += try system.write(rest, to: file, at: position + written)
                }
            }
        }
        try result.get()
    }
}

extension Optional {
    fileprivate func orThrow<Failure: Error>(_ error: Failure) throws(Failure) -> Wrapped {
        guard let self else { throw error }
        return self
    }
}
