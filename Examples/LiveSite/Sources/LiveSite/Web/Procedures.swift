import DurableLog
import StreamCore
import StreamDelivery
import WireProtocols

/// What a page reads of its stream, over either wire.
enum PageEvents {
    static let types: Set<StreamEvent.EventType> = [
        PagePlan.eventType, .content, .reasoning, .seam, .progress, .quality, .complete, .error,
    ]
}

struct PageInput: Decodable, Sendable {
    let projectId: String
}

extension ProcedureRegistry {
    /// The subscriptions that every application has, and one to all that a page shows.
    static func site(over hub: DeliveryHub) -> ProcedureRegistry {
        var procedures = ProcedureRegistry()
        procedures.addAgentSubscriptions(over: hub)
        procedures.subscription("page.onEvent", over: hub) { (input: PageInput, context) in
            try StreamSelection(
                try ProcedureRegistry.stream(of: input.projectId), after: context.lastEventID,
                filter: EventFilter(types: PageEvents.types))
        }
        return procedures
    }
}
