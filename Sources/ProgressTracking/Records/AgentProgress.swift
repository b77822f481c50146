public import StreamCore

/// How far an agent is: the whole truth about it at one moment, and never a difference to an earlier one.
///
/// Whoever reads the newest record knows everything; whoever missed some has lost nothing. The record is what the log holds (an `agent:progress`
/// event, made by `StreamEvent.init(_:)`), what a ``ProgressStore`` keeps and what browsers see. Its JSON form is one flat object, documented field by field
/// in the article on progress and stable.
///
/// A record is always within its bounds: numbers are brought into their ranges, texts are cut.
public struct AgentProgress: Sendable, Hashable {
    /// The most bytes of ``content`` and of ``reasoning``: 4 KiB.
    public static let maxTextBytes = 4096
    /// The most bytes of ``stepName``.
    public static let maxNameBytes = 256

    /// Whose progress it is: project, agent and run.
    public let origin: ChunkOrigin
    /// Which attempt at the work it is, counted from 1; within an attempt ``percentage`` never falls.
    public internal(set) var attempt: Int
    /// Where the agent stands.
    public internal(set) var status: ProgressStatus
    /// How much of the work is done, 0 … 100.
    public internal(set) var percentage: Double
    /// The step that is under way, counted from 1; 0 before the first.
    public internal(set) var currentStep: Int
    /// How many steps there are; nil when nobody knows.
    public internal(set) var totalSteps: Int?
    /// What the current step is called.
    public internal(set) var stepName: String?
    /// The current step's text: its end, at most ``maxTextBytes``, beginning with a whole character.
    public internal(set) var content: String?
    /// What the agent thinks at the current step: the end, as with ``content``.
    public internal(set) var reasoning: String?
    /// How sure the agent seems, and where the figure comes from.
    public internal(set) var confidence: Confidence?
    /// How long the work will still take, from the moment of ``lastUpdated``; nil while there is no evidence.
    public internal(set) var estimatedTimeRemaining: TimeEstimate?
    /// Tokens used so far, input and output, over all attempts.
    public internal(set) var tokensUsed: Int
    /// What the tokens cost, over all attempts; nil when a price is not known, which is not 0.
    public internal(set) var cost: Cost?
    /// How much the agent counts in the project's overall percentage, beside the others; 1 unless the host says otherwise.
    public internal(set) var weight: Double
    /// When the agent last said something.
    public internal(set) var lastUpdated: Timestamp

    /// A record from its parts; numbers are brought into their ranges (not a number counts as 0), texts are cut to their ends.
    public init(
        origin: ChunkOrigin, attempt: Int = 1, status: ProgressStatus = .queued, percentage: Double = 0,
        currentStep: Int = 0, totalSteps: Int? = nil, stepName: String? = nil, content: String? = nil,
        reasoning: String? = nil, confidence: Confidence? = nil, estimatedTimeRemaining: TimeEstimate? = nil,
        tokensUsed: Int = 0, cost: Cost? = nil, weight: Double = 1, lastUpdated: Timestamp
    ) {
        self.origin = origin
        self.attempt = max(1, attempt)
        self.status = AgentProgress.status(status)
        self.percentage = AgentProgress.percentage(percentage)
        self.currentStep = max(0, currentStep)
        self.totalSteps = totalSteps.map { max(0, $0) }
        self.stepName = stepName.map { $0.prefix(maxBytes: AgentProgress.maxNameBytes) }
        self.content = content.map { $0.suffix(maxBytes: AgentProgress.maxTextBytes) }
        self.reasoning = reasoning.map { $0.suffix(maxBytes: AgentProgress.maxTextBytes) }
        self.confidence = confidence
        self.estimatedTimeRemaining = estimatedTimeRemaining
        self.tokensUsed = max(0, tokensUsed)
        self.cost = cost
        self.weight = AgentProgress.weight(weight)
        self.lastUpdated = lastUpdated
    }

    /// The project, whose stream it is.
    public var projectID: String { origin.projectID }
    /// The agent.
    public var agentID: String { origin.agentID }
    /// The agent's run.
    public var runID: String { origin.runID }

    static let maxStatusBytes = 64
    static func status(_ value: ProgressStatus) -> ProgressStatus {
        ProgressStatus(rawValue: value.rawValue.prefix(maxBytes: maxStatusBytes))
    }
    static func percentage(_ value: Double) -> Double { value.isNaN ? 0 : min(100, max(0, value)) }
    // Bounded, so that no sum of weights is infinite.
    static func weight(_ value: Double) -> Double { value.isNaN ? 0 : min(1e9, max(0, value)) }
}
