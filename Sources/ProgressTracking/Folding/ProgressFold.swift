public import StreamCore

/// What a project's stream says about progress up to an offset: the newest record of each agent, and their histories.
///
/// It is the pure law that every ``ProgressStore`` obeys: a state is a function of the stream up to ``offset`` and of the limits, whoever folds it
/// and in however many steps.
public struct ProgressFold: Sendable, Hashable {
    struct Agent: Sendable, Hashable {
        var latest: LoggedProgress
        var points: [ProgressPoint]

        mutating func take(_ logged: LoggedProgress, limit: Int) {
            latest = logged
            points.append(ProgressPoint(logged))
            if points.count > limit { points = points.downsampled(to: limit / 2) }
        }
    }

    /// How much is kept.
    public let limits: ProgressLimits
    /// Everything up to here is in.
    public private(set) var offset = Offset.start
    /// How many progress events no record could be read from: somebody else's mistake, which stops nobody.
    public private(set) var unreadableCount = 0
    private(set) var agents: [String: Agent] = [:]

    /// The state before the first event.
    public init(limits: ProgressLimits = ProgressLimits()) {
        self.limits = limits
    }

    /// A state as it was kept.
    init(limits: ProgressLimits, offset: Offset, unreadableCount: Int, agents: [String: Agent]) {
        self.limits = limits
        self.offset = offset
        self.unreadableCount = unreadableCount
        self.agents = agents
    }

    /// Goes on by a stretch of the stream: by what is new in it, or not at all when something before it was not seen yet.
    ///
    /// - Returns: Whether the state now holds everything through the stretch's end.
    @discardableResult
    public mutating func advance(by step: ProgressAdvance) -> Bool {
        guard offset >= step.after else { return false }
        guard offset < step.through else { return true }
        unreadableCount += step.unreadable.count { $0 > offset }
        for logged in step.records where logged.offset > offset { take(logged) }
        offset = step.through
        return true
    }

    private mutating func take(_ logged: LoggedProgress) {
        let id = logged.record.agentID
        if agents[id] == nil {
            makeRoom()
            agents[id] = Agent(latest: logged, points: [])
        }
        agents[id]?.take(logged, limit: limits.points)
    }

    private mutating func makeRoom() {
        guard agents.count >= limits.agents else { return }
        // Those that ended before those that did not, then by age; offsets differ, so that there is one answer.
        let first = agents.values.map(\.latest).min {
            ($0.record.status.isTerminal ? 0 : 1, $0.offset) < ($1.record.status.isTerminal ? 0 : 1, $1.offset)
        }
        if let first { agents[first.record.agentID] = nil }
    }
}

extension ProgressFold {
    /// The newest record of an agent, or nil when it has said nothing.
    public func record(of agent: String) -> AgentProgress? { agents[agent]?.latest.record }

    /// The newest record of each agent, by agent id.
    public var records: [AgentProgress] {
        agents.values.map(\.latest.record).sorted { $0.agentID.utf8.lexicographicallyPrecedes($1.agentID.utf8) }
    }

    /// The project as a whole.
    public var project: ProjectProgress { ProjectProgress(records) }

    /// An agent's history in a range of time, oldest first, in at most so many points (see `downsampled(to:)` of their array).
    public func history(of agent: String, _ query: ProgressHistoryQuery = ProgressHistoryQuery()) -> [ProgressPoint] {
        guard let points = agents[agent]?.points else { return [] }
        return points.filter { query.contains($0.timestamp) }.downsampled(to: query.maxPoints)
    }
}

/// Which part of a history is wanted, and in how many points.
public struct ProgressHistoryQuery: Sendable, Hashable {
    /// The earliest time, itself included; nil for the beginning.
    public var from: Timestamp?
    /// The latest time, itself included; nil for the end.
    public var through: Timestamp?
    /// The most points, at least 1; twice as many as the chart has columns loses nothing that can be seen.
    public var maxPoints: Int

    /// A query from its parts; by default everything.
    public init(from: Timestamp? = nil, through: Timestamp? = nil, maxPoints: Int = .max) {
        self.from = from
        self.through = through
        self.maxPoints = max(1, maxPoints)
    }

    func contains(_ time: Timestamp) -> Bool {
        (from.map { time >= $0 } ?? true) && (through.map { time <= $0 } ?? true)
    }
}
