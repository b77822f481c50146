public import DurableLog
public import StreamCore
public import WireProtocols

/// What a reader asks for, whatever the protocol: from where on, and which events.
public struct ReadRequest: Sendable, Hashable {
    /// From where on.
    public var start: DeliveryHub.Start
    /// Which events, public ones only.
    public var filter: EventFilter

    /// The most agents, and the most types, that a filter may name.
    public static let maxNames = 64
    /// The most bytes of such a name.
    public static let maxNameBytes = 256

    /// A request from its parts.
    public init(start: DeliveryHub.Start = .after(.start), filter: EventFilter = .public) {
        self.start = start
        self.filter = filter
    }

    /// What the query and the header fields of a request ask for.
    ///
    /// - The cursor: the header field `last-event-id`, else the query parameter `lastEventId`; an empty one is none. Without one, `from=now` begins with what
    ///   comes, and everything that is kept is sent otherwise.
    /// - `agentIds`: only events of these agents (and those of nobody in particular); comma-separated, or repeated.
    /// - `types`: only events of these types, `agent:progress` say; likewise.
    ///
    /// - Throws: `badCursor` for a cursor that is no offset, `badRequest` for a query that cannot be read whole, for another `from`, and for too many names or too long ones.
    public init(_ parameters: QueryItems, headers: HeaderFields) throws(DeliveryRefusal) {
        // What cannot be read may have been a cursor or a filter, and is not to be taken for none.
        guard parameters.isComplete else {
            throw DeliveryRefusal(.badRequest, "the query is not percent-encoded UTF-8, or has too many parameters")
        }
        filter = EventFilter(
            types: try ReadRequest.names("types", parameters).map {
                Set($0.map { StreamEvent.EventType(rawValue: $0) })
            },
            sources: try ReadRequest.names("agentIds", parameters).map { Set($0) })
        let cursor = headers["last-event-id"].flatMap { $0.isEmpty ? nil : $0 } ?? parameters["lastEventId"] ?? ""
        switch (cursor, parameters["from"]) {
        case ("", nil), ("", "start"): start = .after(.start)
        case ("", "now"): start = .tail
        case ("", _): throw DeliveryRefusal(.badRequest, "'from' is 'start' or 'now'")
        case (let text, _):
            guard let offset = Offset(text) else {
                throw DeliveryRefusal(.badCursor, "the cursor is no offset of ours: leave it out to begin anew")
            }
            start = .after(offset)
        }
    }

    private static func names(_ name: String, _ parameters: QueryItems) throws(DeliveryRefusal) -> [String]? {
        guard let list = parameters.list(name) else { return nil }
        guard list.count <= maxNames, list.allSatisfy({ $0.utf8.count <= maxNameBytes }) else {
            throw DeliveryRefusal(.badRequest, "'\(name)' has at most \(maxNames) names of \(maxNameBytes) bytes")
        }
        return list
    }
}
