public import DurableLog
import StreamCore
import Synchronization

/// A file system in memory that fails as it is told, and that can lose its power.
///
/// It knows what is only in the system's cache and what is on disk, sector by sector. ``crashed()`` gives what another process finds after this one was
/// killed; ``withoutPower(seed:)`` what it finds after a loss of power, with what was not synced there, lost, or there in part.
public final class FaultInjectingFileSystem: Sendable {
    struct State: Sendable {
        var disk = VirtualDisk()
        var open: [Int32: Int] = [:]
        var locks: [Int: Int32] = [:]
        var nextDescriptor: Int32 = 3
        var failures: [FileFailure] = []
        var boot: UInt8 = 1
        var capacity = Int.max
        var counts: [FileFailure.Call: Int] = [:]
        var callsLeft: Int?
    }

    let state: Mutex<State>

    /// An empty file system.
    public init() {
        state = Mutex(State())
    }

    init(_ state: State) {
        self.state = Mutex(state)
    }

    /// A log in this file system.
    public func openLog(
        _ directory: String = "/log", options: FileLogOptions = FileLogOptions()
    ) throws(EventLogError) -> FileEventLog {
        try FileEventLog(directory: directory, options: options, system: self)
    }

    /// A log in this file system whose waiting for the disk is done by `worker`, in place of a thread of the log's own.
    ///
    /// - Parameters:
    ///   - directory: The log's directory.
    ///   - options: How the log does its work.
    ///   - worker: Is given jobs, each to be run once, one after another and in their order; it may run a job at once.
    public func openLog(
        _ directory: String = "/log", options: FileLogOptions = FileLogOptions(),
        worker: @escaping @Sendable (_ job: @escaping @Sendable () -> Void) -> Void
    ) throws(EventLogError) -> FileEventLog {
        try FileEventLog(directory: directory, options: options, system: self, worker: worker)
    }

    /// Has calls fail; failures of the same call count independently.
    public func fail(_ failures: FileFailure...) {
        state.withLock { $0.failures += failures }
    }

    /// Forgets the failures that have not come yet, and the capacity.
    public func heal() {
        state.withLock { state in
            state.failures = []
            state.capacity = .max
        }
    }

    /// How many bytes all files together may have; more than that is met by `ENOSPC`.
    public func limit(to bytes: Int) {
        state.withLock { $0.capacity = bytes }
    }

    /// How many bytes all files together have.
    public var size: Int { state.withLock { $0.disk.files.values.reduce(0) { $0 + $1.cached.count } } }

    /// How often a call was made.
    public func count(of call: FileFailure.Call) -> Int { state.withLock { $0.counts[call] ?? 0 } }

    // MARK: Crashes

    /// Has the machine end in the midst of its work: after so many calls more, every call fails with `EIO` and changes nothing.
    ///
    /// What is there then is given by ``crashed()`` or ``withoutPower(seed:)``.
    public func stop(afterCalls count: Int) {
        state.withLock { $0.callsLeft = max(0, count) }
    }

    /// Whether the machine has ended by ``stop(afterCalls:)``.
    public var hasStopped: Bool { state.withLock { $0.callsLeft == 0 } }

    /// What is there when the process was killed: everything that was written, and no lock.
    public func crashed() -> FaultInjectingFileSystem {
        FaultInjectingFileSystem(rebooted(losesPower: false, seed: 0))
    }

    /// What is there after a loss of power: of what was not synced, sectors are there or not, as the seed decides.
    public func withoutPower(seed: UInt64) -> FaultInjectingFileSystem {
        FaultInjectingFileSystem(rebooted(losesPower: true, seed: seed))
    }

    private func rebooted(losesPower: Bool, seed: UInt64) -> State {
        state.withLock { state in
            var next = State()
            next.disk = state.disk
            next.boot = state.boot
            if losesPower {
                var random = SeededRandom(seed: seed)
                next.disk = state.disk.afterLoss(&random)
                next.boot &+= 1
            }
            return next
        }
    }

    // MARK: Looking at files, and damaging them

    /// The paths of all files, sorted.
    public var paths: [String] {
        state.withLock { state in
            state.disk.names.compactMap { name, entry in entry == .directory ? nil : name }.sorted()
        }
    }

    /// The bytes of a file; nil when there is none.
    public func contents(of path: String) -> [UInt8]? {
        state.withLock { state in
            guard case .file(let number) = state.disk.names[path] else { return nil }
            return state.disk.files[number]?.cached
        }
    }

    /// Gives a file other bytes, on disk.
    public func replace(_ path: String, with bytes: [UInt8]) {
        state.withLock { state in
            guard case .file(let number) = state.disk.names[path] else { return }
            state.disk.files[number] = VirtualDisk.File(cached: bytes, stored: bytes)
        }
    }
}
