public import StreamCore

/// What an agent tells about a run at its start.
public struct AgentStart: Sendable, Hashable {
    /// The run's identity.
    public var runID: String
    /// The agent's name.
    public var agent: String
    /// What the agent was asked.
    public var input: AgentInput
    /// Whether another process, or an earlier execution, had begun the run.
    public var isTakeover: Bool

    /// A start from its parts.
    public init(runID: String, agent: String, input: AgentInput, isTakeover: Bool = false) {
        self.runID = runID
        self.agent = agent
        self.input = input
        self.isTakeover = isTakeover
    }
}

/// Code of the host that an agent calls, and waits for, as a run goes on; what a hook throws ends the run.
public struct AgentHooks: Sendable {
    /// Called before the model is asked.
    public var onStart: (@Sendable (AgentStart) async throws -> Void)?
    /// Called with each chunk before anybody is handed it, so that what is kept is never behind what was seen.
    ///
    /// Of a chunk of kind error it is told too; what it throws then changes nothing.
    public var onChunk: (@Sendable (AgentChunk) async throws -> Void)?
    /// Called with the result of a run that ended without an error, interrupted ones included, before the final chunks.
    public var onCompletion: (@Sendable (AgentResult) async throws -> Void)?

    /// Hooks from their parts.
    public init(
        onStart: (@Sendable (AgentStart) async throws -> Void)? = nil,
        onChunk: (@Sendable (AgentChunk) async throws -> Void)? = nil,
        onCompletion: (@Sendable (AgentResult) async throws -> Void)? = nil
    ) {
        self.onStart = onStart
        self.onChunk = onChunk
        self.onCompletion = onCompletion
    }
}
