public import DurableLog
public import ProgressTracking
public import StreamCore
public import StreamRecovery

/// The stores that the processes of a simulation share.
public struct SimulatedStores: Sendable {
    /// Where runs are written.
    public var log: any EventLog
    /// Where shortcuts to the state of runs are kept.
    public var checkpoints: any CheckpointStore
    /// Where progress is kept.
    public var progress: any ProgressStore

    /// Stores from their parts.
    public init(log: any EventLog, checkpoints: any CheckpointStore, progress: any ProgressStore) {
        self.log = log
        self.checkpoints = checkpoints
        self.progress = progress
    }
}

/// What a simulation gives to the stores that it is run with.
public struct SimulationEnvironment: Sendable {
    /// The seed of whatever a store draws itself, another for each simulation.
    public var seed: UInt64
    /// The simulated time of day.
    public var wallClock: @Sendable () -> Timestamp
    /// Does a job of a store that has a thread of its own, at a step that the simulation chooses; jobs are done in their order.
    public var perform: @Sendable (_ job: @escaping @Sendable () -> Void) -> Void
}

/// The stores under test in a ``SystemSimulation``, and what can happen to them: what somebody writes who has stores of their own.
///
/// One value is made for each simulation. What it does must be decided by its calls and by ``SimulationEnvironment/seed`` alone, or a failing seed does not fail again; and none of
/// its methods may leave to another thread or task executor.
public protocol SimulatedStorage: Sendable {
    /// Opens the stores over what is stored: at first nothing, later what was left by ``crash(losesPower:seed:)`` or ``shutDown(_:)``.
    func open() async throws -> SimulatedStores

    /// Ends the stores as the end of their process does, or that of their machine: what was acknowledged as ``/DurableLog/Durability/buffered`` survives the first, what was acknowledged as
    /// ``/DurableLog/Durability/synced`` both.
    ///
    /// Stores that another machine keeps have nothing to do, and say false.
    ///
    /// - Returns: Whether anything of what was not synced may be gone.
    func crash(losesPower: Bool, seed: UInt64) async throws -> Bool

    /// Ends the stores well; by default there is nothing to do.
    func shutDown(_ stores: SimulatedStores) async

    /// Has something go wrong soon with what the stores are kept in, or in so many calls the machine; by default nothing does.
    func disturb(_ disturbance: SimulatedDisturbance)

    /// Whether the machine has ended by a disturbance.
    var hasStopped: Bool { get }
}

extension SimulatedStorage {
    /// There is nothing to do.
    public func shutDown(_ stores: SimulatedStores) async {}
    /// Nothing goes wrong.
    public func disturb(_ disturbance: SimulatedDisturbance) {}
    /// Never.
    public var hasStopped: Bool { false }
}

/// What goes wrong with the storage of a simulation; cases may be added.
public enum SimulatedDisturbance: Sendable {
    /// Calls fail.
    case failure(FileFailure)
    /// The machine ends after so many calls.
    case stop(afterCalls: Int)
    /// Nothing goes wrong any more.
    case none
}
