import DurableLog
import ProgressTracking
import StreamCore
import Synchronization

/// A whole system in one thread, and everything that can go wrong with it, drawn from one seed.
///
/// A model tells stories and breaks off in the midst of them; agents stream them through the stores, call tools, report progress and keep checkpoints; processes are killed, compete for the same
/// runs, are drained; the machine loses its power; the disk fails; answers get lost; readers come and go; somebody cancels. At the end every run is brought to its end, and it is checked that
/// - each reader saw each event once and in order, or was told of a gap, which only a loss of power may bring;
/// - nothing that was acknowledged or seen is missing at the durability that it was asked for, and no offset ever had two events;
/// - an append under a fenced epoch was never taken, and no epoch was given twice;
/// - the text that readers show, by the seams, is what the model said; each run has one ending, and one result of each call;
/// - no tool was executed again after its result was synced, nor ever if it must not be repeated;
/// - usage is the sum over all attempts; a percentage never fell within an attempt; what a reporter said last was published;
/// - the progress store equals the fold of the log at its offset.
///
/// The tasks of a simulation run on an executor of its own, which chooses by the seed whose turn it is, over a clock that moves when nobody can go on without it: the same seed gives the same
/// simulation, on every machine. A failure says the one line that replays it.
///
///     try SystemSimulation.run(seeds: 0..<10_000)                             // the stores of this package, in files
///     try SystemSimulation.run(seeds: 0..<1000, replayCommand: "swift test --filter MyStoreTests") { MyStorage($0) }
///
/// ## To simulate stores of your own
/// Conform a type to ``SimulatedStorage``: it opens the stores, and ends them as a crash does. Stores that work on threads of their own hand that work to
/// ``SimulationEnvironment/perform``; those that cannot be kept to one thread cannot be simulated, and have the compliance suites.
public struct SystemSimulation: Sendable {
    /// The seed.
    public let seed: UInt64
    private let replayCommand: String
    private let trace: (@Sendable (String) -> Void)?
    private let makeStorage: @Sendable (SimulationEnvironment) -> any SimulatedStorage

    /// A simulation of a seed.
    ///
    /// - Parameters:
    ///   - seed: Everything that happens is drawn from it.
    ///   - replayCommand: What runs a test that replays the seed in the environment variable `SIMULATION_SEED`, for the failure's message.
    ///   - trace: Is told in words what happens, for looking into a failing seed.
    ///   - storage: Makes the stores.
    public init(
        seed: UInt64, replayCommand: String = "swift test --filter SystemSimulationTests",
        trace: (@Sendable (String) -> Void)? = nil,
        storage: @escaping @Sendable (SimulationEnvironment) -> any SimulatedStorage = { SimulatedFiles($0) }
    ) {
        self.seed = seed
        self.replayCommand = replayCommand
        self.trace = trace
        makeStorage = storage
    }

    /// Runs simulations one after another, up to the first that fails.
    ///
    /// - Throws: ``SimulationFailure``.
    public static func run(
        seeds: Range<UInt64>, replayCommand: String = "swift test --filter SystemSimulationTests",
        storage: @escaping @Sendable (SimulationEnvironment) -> any SimulatedStorage = { SimulatedFiles($0) }
    ) throws(SimulationFailure) {
        for seed in seeds { try SystemSimulation(seed: seed, replayCommand: replayCommand, storage: storage).run() }
    }

    // Far more than any simulation takes: one that does not end is found out.
    private static let stepLimit = 2_000_000

    /// Runs the simulation, on the calling thread.
    ///
    /// - Returns: What happened, in figures.
    /// - Throws: ``SimulationFailure`` with what must not be and the line that replays it.
    @discardableResult
    public func run() throws(SimulationFailure) -> SimulationReport {
        let scheduler = SimulationScheduler(seed: seed)
        let witness = SimulationWitness(trace: trace)
        let worker = SimulatedWorker(scheduler)
        let environment = SimulationEnvironment(
            seed: scheduler.drawSeed(), wallClock: { scheduler.clock.timestamp }, perform: { worker.perform($0) })
        let history = SimulationHistory(SimulatedWorld(scheduler, witness), makeStorage(environment))
        let result = Mutex<SimulationReport?>(nil)
        Task(executorPreference: scheduler) {
            let report = await history.run()
            result.withLock { $0 = report }
        }
        while result.withLock({ $0 == nil }) {
            if let violation = witness.violation { throw failure(violation) }
            if history.storage.hasStopped { history.world.endLife() }
            if scheduler.steps > SystemSimulation.stepLimit { throw failure("it goes on for ever") }
            if !scheduler.step(), !scheduler.passTime() {
                throw failure("nobody can go on, and nobody waits for time to pass")
            }
        }
        // What is left are tasks that nobody waits for, on their way out.
        while scheduler.step() {}
        if let violation = witness.violation { throw failure(violation) }
        guard var report = result.withLock({ $0 }) else { throw failure("it has no end") }
        report.trace = scheduler.digest
        report.steps = scheduler.steps
        return report
    }

    private func failure(_ what: String) -> SimulationFailure {
        SimulationFailure(seed: seed, message: what, replay: "SIMULATION_SEED=\(seed) \(replayCommand)")
    }
}

/// What happened in a simulation, in figures.
public struct SimulationReport: Sendable, Hashable {
    /// The digest of everything that happened, in its order: the same for the same seed.
    public internal(set) var trace: UInt64 = 0
    /// How many steps the tasks took.
    public internal(set) var steps = 0
    /// How many events the log has in the end.
    public internal(set) var events = 0
    /// How often processes or machines ended.
    public internal(set) var crashes = 0
    /// How many recoveries there were, as the seams tell.
    public internal(set) var seams = 0
    /// How many runs ended well.
    public internal(set) var finishedRuns = 0
    /// How many places of the log were lost with the power.
    public internal(set) var lostEvents = 0
}

/// A simulation in which something was that must not be.
public struct SimulationFailure: Error, Sendable, CustomStringConvertible {
    /// The seed.
    public let seed: UInt64
    /// What must not be.
    public let message: String
    /// The line that runs this simulation again.
    public let replay: String

    /// Message and replay line.
    public var description: String { "\(message)\n    \(replay)" }
}
