public import StreamCore

/// Where a run is: enough to read it, to wait for it and to cancel it.
public struct RunHandle: Sendable, Hashable {
    /// The run.
    public var runID: String
    /// The project, whose stream holds the run's events.
    public var project: StreamID
    /// The offset of the run's first record, after which all of its events come; nil where that was not looked up.
    public var start: Offset?
    /// Whether the call that returned this began the run; false when it had begun before.
    public var isNew: Bool

    /// A handle from its parts.
    public init(runID: String, project: StreamID, start: Offset? = nil, isNew: Bool = false) {
        self.runID = runID
        self.project = project
        self.start = start
        self.isNew = isNew
    }
}

/// A run that a process works on, or is about to.
public struct ActiveRun: Sendable, Hashable {
    /// How far a run is.
    public enum State: String, Sendable, Hashable {
        /// It waits for its turn.
        case queued
        /// It is worked on.
        case running
        /// It ended well.
        case finished
        /// It failed.
        case failed
        /// It was cancelled for good.
        case cancelled
        /// It stopped and can be recovered: by an interrupt, a drain, a log that failed, or another process that took it over.
        case interrupted
    }

    /// The run.
    public var runID: String
    /// The project, whose stream holds the run's events.
    public var project: StreamID
    /// The name of the run's agent.
    public var agent: String
    /// How far it is.
    public var state: State

    /// An active run from its parts.
    public init(runID: String, project: StreamID, agent: String, state: State) {
        self.runID = runID
        self.project = project
        self.agent = agent
        self.state = state
    }
}

/// What ``AgentRuns/recoverAll(quietFor:)`` found.
public struct RunRecovery: Sendable {
    /// The runs that are gone on with.
    public var recovered: [RunHandle] = []
    /// Unfinished runs whose agents are not registered, by the agents' names.
    public var unregistered: [String: [RunHandle]] = [:]
    /// Streams whose runs could not be read, and why.
    public var unreadable: [StreamID: AgentError] = [:]

    /// A recovery that found nothing.
    public init() {}
}
