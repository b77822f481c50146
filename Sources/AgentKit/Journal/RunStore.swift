public import DurableLog
public import StreamCore
public import StreamRecovery

/// Where an agent's runs are kept, and how they recover: what makes a run survive its process, its connection and its readers.
///
///     let store = RunStore(log: try await FileEventLog.open(directory))
///     let agent = StreamingAgent(model: model) { $0.store = store }
///     for try await chunk in agent.execute("A poem, please", id: "poem-1") { … }
///     // In another process, after a crash:
///     for try await chunk in agent.recover("poem-1") { … }
///
/// An agent with a store writes everything into the log before anybody sees it: its request, every chunk, what its tools answered. When
/// the model's stream breaks, the run goes on by the recovery ladder; ``AgentConfiguration/retry`` is not asked then.
public struct RunStore: Sendable {
    /// Where runs are written.
    public var log: any EventLog
    /// What the streams of projects are made with; streams that are there already stay as they are.
    public var streamOptions = StreamOptions()
    /// Where shortcuts to the state of runs are kept, which spare a recovery to read all of the log; nil for none.
    public var checkpoints: (any CheckpointStore)?
    /// How many chunks pass between two checkpoints within a block, beside those at the ends of blocks; at least 1.
    public var checkpointInterval = 512
    /// How long a checkpoint may be used.
    public var checkpointLifetime = Duration.seconds(3600)

    /// How broken runs go on: the ladder, the retry law, the limits.
    public var recovery: RecoveryManager
    /// What is known of the providers, shared by all runs that are to spare them together.
    public var health: ProviderHealth
    /// Models that may answer when the agent's own cannot be asked, best first.
    public var fallbackModels: [any StreamingModel] = []
    /// How long a model's stream may bring nothing before it counts as broken; nil for any time.
    public var idleLimit: Duration? = IdleWatchdog().limit
    /// What the host says when a tool had begun before its process was gone and nobody knows what came of it, or when a tool that the provider runs itself would
    /// run again by asking anew; nil never allows it.
    ///
    /// Asked where ``/StreamRecovery/RecoveryManager/toolReruns`` says so.
    public var approvesRerun: (@Sendable (ToolCall, ToolContext) async -> Bool)?

    /// What runs tell of their progress by themselves; nil for nothing.
    public var progress: RunProgressOptions? = RunProgressOptions()

    /// Which chunks the readers of the log may see; the others are kept for recovery only.
    ///
    /// By default all. Keep what tools are given and answer from visitors with `{ $0.eventType != .tool }`.
    public var isPublic: @Sendable (AgentChunk) -> Bool = { _ in true }

    /// A store over a log, with the package's recovery ladder.
    public init(
        log: any EventLog, checkpoints: (any CheckpointStore)? = nil, recovery: RecoveryManager = RecoveryManager(),
        health: ProviderHealth = ProviderHealth()
    ) {
        self.log = log
        self.checkpoints = checkpoints
        self.recovery = recovery
        self.health = health
    }
}

/// Where a run belongs: its project, and its part in it.
public struct RunPlace: Sendable, Hashable {
    /// The project, whose stream holds the run; nil for a project of its own, named like the run.
    public var project: StreamID?
    /// The agent's part in the project, which readers filter by; nil for the agent's name.
    public var agentID: String?
    /// How much of the project's work this run is, beside its other runs; finite and above 0.
    public var weight: Double
    /// How many tokens the run's model will write, about, which its percentage is judged by; nil where nobody knows.
    public var expectedTokens: Int?

    /// A place from its parts.
    public init(
        project: StreamID? = nil, agentID: String? = nil, weight: Double = 1, expectedTokens: Int? = nil
    ) {
        self.project = project
        self.agentID = agentID
        self.weight = weight
        self.expectedTokens = expectedTokens
    }

    /// A project of the run's own.
    public static let own = RunPlace()
}
