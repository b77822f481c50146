public import DurableLog
public import StreamCore
public import WireProtocols

/// What a subscription reads of the log: a stream, from where on, and which of its events.
public struct StreamSelection: Sendable {
    /// The stream.
    public var stream: StreamID
    /// Where to begin.
    public var start: DeliveryHub.Start
    /// Which events are wanted; internal ones never are.
    public var filter: EventFilter
    /// Whether events go over WebSocket as a tRPC server sends tracked values, in `{"id":…,"data":…}`.
    ///
    /// By default they go as they are, so that `onData` of a client sees the event itself. Over server-sent events a client wraps them by itself.
    public var isWrapped: Bool

    /// A selection from its parts.
    public init(
        _ stream: StreamID, start: DeliveryHub.Start = .after(.start), filter: EventFilter = .public,
        isWrapped: Bool = false
    ) {
        self.stream = stream
        self.start = start
        self.filter = filter
        self.isWrapped = isWrapped
    }

    /// A selection that goes on after the event that a subscriber has, or begins with the oldest that is kept.
    ///
    /// - Parameters:
    ///   - stream: The stream.
    ///   - lastEventID: The context's ``ProcedureContext/lastEventID``.
    ///   - filter: Which of its events are wanted.
    ///   - isWrapped: Whether an event is put into `{"id":…,"data":…}` over WebSocket.
    /// - Throws: ``/WireProtocols/TRPCError`` with `BAD_REQUEST` for an id that is no offset.
    public init(
        _ stream: StreamID, after lastEventID: String?, filter: EventFilter = .public, isWrapped: Bool = false
    ) throws(TRPCError) {
        var start = Offset.start
        if let lastEventID {
            guard let offset = Offset(lastEventID) else {
                throw TRPCError(.badRequest, "`lastEventId` is none of this stream's ids")
            }
            start = offset
        }
        self.init(stream, start: .after(start), filter: filter, isWrapped: isWrapped)
    }
}

extension ProcedureRegistry {
    /// Adds a subscription to a stream of the log; one of the same path is replaced.
    ///
    /// Every event is tracked by its offset, so that no client misses or repeats one, whatever happens to its connections; it is encoded once for all who
    /// read it in the same way. A closed stream ends the subscription; what is not kept any more fails it with `PRECONDITION_FAILED`, and `oldest` and
    /// `newest` in the error's data.
    ///
    /// - Parameters:
    ///   - path: The procedure's path.
    ///   - hub: Reads the log.
    ///   - body: Chooses the stream; whether the caller may read it is then asked of the service's access.
    public mutating func subscription<Input: Decodable & Sendable>(
        _ path: String, over hub: DeliveryHub,
        _ body: @escaping @Sendable (Input, ProcedureContext) async throws -> StreamSelection
    ) {
        add(path) { input, context in
            let selection = try await body(try Procedure.decode(input), context)
            return .stream(selection, hub)
        }
    }
}
