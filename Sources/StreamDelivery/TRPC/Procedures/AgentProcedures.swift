import DurableLog
public import StreamCore
import WireProtocols

/// Which project's events are wanted, and of which of its agents.
struct ProjectInput: Decodable, Sendable {
    let projectId: String
    let agentIds: Set<String>?

    /// The most agents that can be named.
    static let maxAgents = 256
}

extension ProcedureRegistry {
    /// Adds the subscriptions to agents that web applications know: `agent.onAgentProgress {projectId, agentIds?}`, every `agent:progress` event of a project's
    /// agents, and `agent.onQualityUpdate {projectId}`, every `agent:quality` event.
    ///
    /// Their events go out as they are in the log, unwrapped over WebSocket, so that `useSubscription`'s `onData` sees the event itself. Without a
    /// `lastEventId` they begin with the oldest event that is kept, so that a page that was loaded again shows what one that stayed shows.
    ///
    /// - Parameters:
    ///   - hub: Reads the log.
    ///   - stream: The stream of a project, by default the one that has the project's id as its name. Whether the caller may read it is asked of the service's access.
    public mutating func addAgentSubscriptions(
        over hub: DeliveryHub,
        stream: @escaping @Sendable (_ projectID: String, ProcedureContext) async throws -> StreamID = { project, _ in
            try ProcedureRegistry.stream(of: project)
        }
    ) {
        func add(_ name: String, _ type: StreamEvent.EventType) {
            subscription("agent." + name, over: hub) { (input: ProjectInput, context) in
                guard input.agentIds?.count ?? 0 <= ProjectInput.maxAgents else {
                    throw TRPCError(.badRequest, "`agentIds` may have \(ProjectInput.maxAgents) agents")
                }
                return try StreamSelection(
                    try await stream(input.projectId, context), after: context.lastEventID,
                    filter: EventFilter(types: [type], sources: input.agentIds))
            }
        }
        add("onAgentProgress", .progress)
        add("onQualityUpdate", .quality)
    }

    /// The stream that has a project's id as its name.
    ///
    /// - Throws: ``/WireProtocols/TRPCError`` with `BAD_REQUEST` for an id that is no stream's name.
    public static func stream(of projectID: String) throws -> StreamID {
        do throws(StreamIDError) {
            return try StreamID(projectID)
        } catch {
            throw TRPCError(.badRequest, "`projectId` is no project's")
        }
    }
}
