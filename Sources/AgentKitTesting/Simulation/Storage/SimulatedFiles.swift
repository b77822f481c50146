import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery
import Synchronization

/// The stores of the package in files, over a ``FaultInjectingFileSystem``; checkpoints are in memory, as on another machine.
public final class SimulatedFiles: SimulatedStorage {
    private let environment: SimulationEnvironment
    private let options: FileLogOptions
    private let system = Mutex(FaultInjectingFileSystem())
    private let checkpoints = MemoryCheckpointStore()

    /// Empty files.
    public init(_ environment: SimulationEnvironment) {
        self.environment = environment
        options = FileLogOptions(segmentBytes: 64 << 10, recentBytes: 4096, wallClock: environment.wallClock)
    }

    private var current: FaultInjectingFileSystem { system.withLock { $0 } }

    /// Opens the stores over the files.
    public func open() async throws -> SimulatedStores {
        let system = current
        let log = try system.openLog(options: options, worker: environment.perform)
        let progress = try FileProgressStore(
            directory: "/progress", access: .readWrite, limits: ProgressLimits(), cachedProjects: 4, system: system)
        return SimulatedStores(log: log, checkpoints: checkpoints, progress: progress)
    }

    /// Leaves the files as the end of the process does, or the loss of power.
    public func crash(losesPower: Bool, seed: UInt64) async throws -> Bool {
        system.withLock { system in
            system = losesPower ? system.withoutPower(seed: seed) : system.crashed()
        }
        return losesPower
    }

    /// Shuts the log down.
    public func shutDown(_ stores: SimulatedStores) async {
        await (stores.log as? FileEventLog)?.shutDown()
        // The progress store's lock ends with its process.
        system.withLock { $0 = $0.crashed() }
    }

    /// Has calls of the file system fail.
    public func disturb(_ disturbance: SimulatedDisturbance) {
        switch disturbance {
        case .failure(let failure): current.fail(failure)
        case .stop(let count): current.stop(afterCalls: count)
        case .none: current.heal()
        }
    }

    /// Whether the machine has ended.
    public var hasStopped: Bool { current.hasStopped }
}

/// The stores of the package in memory, standing for stores on another machine, which no crash of ours concerns.
public struct SimulatedMemory: SimulatedStorage {
    private let stores: SimulatedStores

    /// Empty stores.
    public init(_ environment: SimulationEnvironment) {
        stores = SimulatedStores(
            log: MemoryEventLog(firstEra: 1, wallClock: environment.wallClock), checkpoints: MemoryCheckpointStore(),
            progress: MemoryProgressStore())
    }

    /// The stores.
    public func open() async throws -> SimulatedStores { stores }

    /// Nothing happens.
    public func crash(losesPower: Bool, seed: UInt64) async throws -> Bool { false }
}
