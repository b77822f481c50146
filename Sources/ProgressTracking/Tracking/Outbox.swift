import StreamCore

/// What a tracker knows of its agents, and the records that are to be published, the newest of each agent, in the order in which they fell due.
struct Outbox: Sendable {
    private(set) var agents: [String: ProgressCoalescer] = [:]
    private var waiting: [String: Duration] = [:]
    private var order: [String] = []
    private var due: [String: AgentProgress] = [:]

    /// When something falls due that was not taken yet; nil when nothing does.
    var nextDue: Duration? { order.isEmpty ? waiting.values.min() : .zero }

    /// What the agents have said, published or not, by agent id.
    var records: [AgentProgress] {
        agents.keys.sorted().compactMap { agents[$0]?.record }
    }

    /// Adds an agent, unless its run is here already.
    mutating func add(_ coalescer: ProgressCoalescer) {
        let origin = coalescer.origin
        if agents[origin.agentID]?.origin == origin { return }
        agents[origin.agentID] = coalescer
        waiting[origin.agentID] = nil
    }

    mutating func change(
        _ agent: String, _ change: (inout ProgressCoalescer) -> ProgressCoalescer.Action
    ) -> ProgressCoalescer.Action {
        guard let index = agents.index(forKey: agent) else { return .none }
        let action = change(&agents.values[index])
        waiting[agent] = nil
        switch action {
        case .emit(let record): put(record)
        case .wait(let time): waiting[agent] = time
        case .none: break
        }
        return action
    }

    /// Makes everything due that was said.
    mutating func flush(at time: Duration) {
        for agent in agents.keys.sorted() {
            if let record = agents[agent]?.flush(at: time) { put(record) }
        }
        waiting = [:]
    }

    /// Ends all agents that have not ended.
    mutating func end(_ status: ProgressStatus, at time: Duration, timestamp: Timestamp?) {
        let update = ProgressUpdate(status: status)
        for agent in agents.keys.sorted() {
            _ = change(agent) { $0.update(update, at: time, timestamp: timestamp) }
        }
        flush(at: time)
    }

    /// Takes out what is due.
    mutating func take(at time: Duration) -> [AgentProgress] {
        for (agent, moment) in waiting.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) where moment <= time {
            _ = change(agent) { $0.poll(at: time) }
        }
        defer {
            order = []
            due = [:]
        }
        return order.compactMap { due[$0] }
    }

    /// Takes back what could not be published, but for what a newer record stands for by now.
    mutating func putBack(_ records: [AgentProgress]) {
        let missing = records.filter { due[$0.agentID] == nil }
        order = missing.map(\.agentID) + order
        for record in missing { due[record.agentID] = record }
    }

    private mutating func put(_ record: AgentProgress) {
        if due.updateValue(record, forKey: record.agentID) == nil { order.append(record.agentID) }
    }
}
