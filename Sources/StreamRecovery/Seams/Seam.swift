public import StreamCore

/// The public event that tells a run's readers where its answer broke, how it goes on, and what of it they must drop: `agent:seam`.
///
/// It stands in the log before anything of the continuation. A reader that drops ``droppedBlocks`` of the run and appends what follows shows the same text as every other reader;
/// ``Transcript`` does it.
///
/// The JSON form is one flat object and stable: `projectId`, `agentId`, `runId`, `type` (`seam`), `attempt`, `strategy`, `provider`, `model`, `cutOffset`, `droppedBlocks`,
/// `continuedBlock`, `superseded` (`run`, `blocks`), `cause`, `delay` and `timestamp` in milliseconds. What is not known or not the case is left out.
public struct Seam: Sendable, Hashable {
    /// Blocks that a restart replaces.
    public struct Superseded: Sendable, Hashable {
        /// The run that they belong to.
        public var runID: String
        /// Their numbers.
        public var blocks: [Int]

        /// Superseded blocks of a run.
        public init(runID: String, blocks: [Int]) {
            self.runID = runID
            self.blocks = blocks
        }
    }

    /// Whose run it is.
    public var origin: ChunkOrigin
    /// Which recovery of the run it is, counted from 1.
    public var attempt: Int
    /// The rung.
    public var strategy: RecoveryStrategy.Name
    /// The provider that is asked.
    public var provider: String
    /// The model that is asked, which may be another than before.
    public var model: String
    /// The run's last event before the seam; nil when the run has no log.
    public var cutOffset: Offset?
    /// The blocks of the run that readers drop; none of their numbers is used again.
    public var droppedBlocks: [Int]
    /// The block in which the first text of the continuation goes on; nil when it gets one of its own.
    public var continuedBlock: Int?
    /// The blocks that are replaced, when the answer starts anew; of this run, they are among ``droppedBlocks``.
    public var superseded: Superseded?
    /// What broke the answer.
    public var cause: FailureKind
    /// How long was waited, or will be, before the continuation is asked for; written in whole milliseconds.
    public var delay: Duration
    /// When the seam was written.
    public var timestamp: Timestamp?

    /// A seam from its parts.
    public init(
        origin: ChunkOrigin, attempt: Int, strategy: RecoveryStrategy.Name, provider: String, model: String,
        cutOffset: Offset? = nil, droppedBlocks: [Int] = [], continuedBlock: Int? = nil,
        superseded: Superseded? = nil, cause: FailureKind, delay: Duration = .zero, timestamp: Timestamp? = nil
    ) {
        self.origin = origin
        self.attempt = attempt
        self.strategy = strategy
        self.provider = provider
        self.model = model
        self.cutOffset = cutOffset
        self.droppedBlocks = droppedBlocks
        self.continuedBlock = continuedBlock
        self.superseded = superseded
        self.cause = cause
        self.delay = delay
        self.timestamp = timestamp
    }
}
