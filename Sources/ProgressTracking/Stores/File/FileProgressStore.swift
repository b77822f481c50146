package import DurableLog
public import StreamCore
import Synchronization

/// Keeps the progress of projects in a directory, a file each, which people can read.
///
/// A file holds a state and the stretches that were folded in since; when these outgrow it, a new state is written beside it, synced and put in its place. A process that is killed loses
/// nothing; a machine that loses power may lose the newest stretches, which are read from the log again. A file that is damaged otherwise (as by a disk that wrote later parts of it and not
/// earlier ones) is an error with the code `corrupt`, which names the file and the byte; ``ProgressStore/catchUp(_:from:)`` builds it anew.
///
/// One process writes; others may read beside it, and find what was whole at that moment. No file stays open.
public final class FileProgressStore: ProgressStore {
    /// What a process may do with a store.
    public enum Access: Sendable, Hashable {
        /// Reading and writing, as the only process that does.
        case readWrite
        /// Reading what another process writes.
        case readOnly
    }

    private struct State {
        var projects: [StreamID: ProgressDirectory.Project] = [:]
        var lastUses: [StreamID: UInt64] = [:]
        var uses: UInt64 = 0
    }

    /// The directory.
    public let directory: String
    private let access: Access
    private let limits: ProgressLimits
    private let cachedProjects: Int
    private let files: ProgressDirectory
    private let lock: ProgressDirectory.Lock?
    private let state = Mutex(State())

    /// A store in a directory, which is made when it is not there; its parent must be.
    ///
    /// - Parameters:
    ///   - directory: The directory's path, which nothing else is kept in.
    ///   - access: Whether this process writes.
    ///   - limits: How much is kept of a project that is new; one that is there keeps what it was made with until ``reset(_:)``.
    ///   - cachedProjects: How many projects are held in memory, those that were used last; at least 1.
    /// - Throws: `locked` when another process writes, or another store of this one; `storage`.
    public convenience init(
        directory: String, access: Access = .readWrite, limits: ProgressLimits = ProgressLimits(),
        cachedProjects: Int = 64
    ) throws(ProgressError) {
        try self.init(
            directory: directory, access: access, limits: limits, cachedProjects: cachedProjects,
            system: SystemFileSystem())
    }

    /// A store on another file system, for tests.
    package init(
        directory: String, access: Access, limits: ProgressLimits, cachedProjects: Int, system: any FileSystem
    ) throws(ProgressError) {
        self.directory = directory
        self.access = access
        self.limits = limits
        self.cachedProjects = max(1, cachedProjects)
        files = ProgressDirectory(path: directory, system: system)
        lock = access == .readWrite ? try files.lock() : nil
    }

    /// Everything that is known of a project.
    @concurrent
    public func fold(of project: StreamID) async throws(ProgressError) -> ProgressFold {
        try state.withLock { (state) throws(ProgressError) in
            guard let found = try take(project, from: &state) else { return ProgressFold(limits: limits) }
            keep(found, as: project, in: &state)
            return found.fold
        }
    }

    /// Folds a stretch of a project's stream in.
    @concurrent
    @discardableResult
    public func advance(_ project: StreamID, by step: ProgressAdvance) async throws(ProgressError) -> Offset {
        try checkWritable()
        return try state.withLock { (state) throws(ProgressError) in
            // Taken out, so that it is changed in place, and read from its file again after an error, which may have left anything there.
            guard var found = try take(project, from: &state) else {
                var fold = ProgressFold(limits: limits)
                guard fold.advance(by: step), fold.offset > .start else { return fold.offset }
                keep(try files.write(fold, as: project), as: project, in: &state)
                return fold.offset
            }
            let before = found.fold.offset
            if found.fold.advance(by: step), found.fold.offset > before {
                try files.append(step, to: &found, as: project)
            }
            keep(found, as: project, in: &state)
            return found.fold.offset
        }
    }

    /// Forgets a project, damaged or not.
    @concurrent
    public func reset(_ project: StreamID) async throws(ProgressError) {
        try checkWritable()
        try state.withLock { (state) throws(ProgressError) in
            state.projects[project] = nil
            state.lastUses[project] = nil
            try files.remove(project)
        }
    }

    private func checkWritable() throws(ProgressError) {
        guard access == .readWrite else {
            throw ProgressError(.unavailable, "the store in \(directory) was opened for reading only")
        }
    }

    private func take(_ project: StreamID, from state: inout State) throws(ProgressError) -> ProgressDirectory.Project?
    {
        if let known = state.projects.removeValue(forKey: project) {
            // Nobody else changes the files of a process that writes.
            if access == .readWrite { return known }
            if try files.status(of: project) == known.status { return known }
        }
        return try files.read(project)
    }

    private func keep(_ found: ProgressDirectory.Project, as project: StreamID, in state: inout State) {
        state.projects[project] = found
        state.uses += 1
        state.lastUses[project] = state.uses
        if state.lastUses.count > cachedProjects, let oldest = state.lastUses.min(by: { $0.value < $1.value })?.key {
            state.projects[oldest] = nil
            state.lastUses[oldest] = nil
        }
    }
}
