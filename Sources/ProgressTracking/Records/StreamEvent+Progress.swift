public import DurableLog
public import StreamCore

extension StreamEvent {
    /// The public event that carries a record: of type `agent:progress`, from the agent, with the record's JSON as its payload.
    public init(_ progress: AgentProgress) {
        var payload: [UInt8] = []
        payload.reserveCapacity(512 + (progress.content?.utf8.count ?? 0))
        progress.write(into: &payload)
        self.init(type: .progress, source: progress.agentID, payload: payload)
    }

    /// Whether this is an event that counts as progress: public, and of type `agent:progress`.
    var isProgress: Bool { type == .progress && visibility == .public }
}

/// A record with the place of its event in the project's stream.
public struct LoggedProgress: Sendable, Hashable {
    /// The place of its event.
    public var offset: Offset
    /// The record.
    public var record: AgentProgress

    /// A record with its place.
    public init(offset: Offset, record: AgentProgress) {
        self.offset = offset
        self.record = record
    }
}

extension EventFilter {
    /// The progress of some agents, or of all.
    public static func progress(of agents: Set<String>? = nil) -> EventFilter {
        EventFilter(types: [.progress], sources: agents)
    }
}
