public import WireProtocols

/// Who calls a procedure, and how: what a procedure knows beside its input.
public struct ProcedureContext: Sendable {
    /// The procedure's path.
    public var path: String
    /// The request that the call came with; over WebSocket, the one that opened the connection.
    public var request: DeliveryRequest
    /// What the client said about itself where it could not set header fields.
    public var connectionParams: TRPCConnectionParams?
    /// Who the caller is, as the service's access found out.
    public var principal: DeliveryPrincipal
    /// The id of the last event that a subscriber has: the subscription goes on after it.
    public var lastEventID: String?

    /// A context from its parts.
    public init(
        path: String, request: DeliveryRequest, connectionParams: TRPCConnectionParams? = nil,
        principal: DeliveryPrincipal = .anonymous, lastEventID: String? = nil
    ) {
        self.path = path
        self.request = request
        self.connectionParams = connectionParams
        self.principal = principal
        self.lastEventID = lastEventID
    }
}

/// The input of procedures that take none; whatever is sent is passed over.
public struct NoInput: Decodable, Sendable {
    /// No input.
    public init() {}
    /// Takes anything.
    public init(from decoder: any Decoder) throws {}
}

/// A value that a subscription sends: with an id it is tracked, and a client that comes back goes on after it.
public struct SubscriptionValue<Value: Encodable & Sendable>: Sendable {
    /// The id, or nil.
    public var id: String?
    /// The value.
    public var value: Value

    /// A value without an id: a client that loses its connection after it begins anew.
    public init(_ value: Value) {
        self.value = value
    }

    /// A value with an id, which must not be empty and have no line break or NUL.
    public static func tracked(_ id: String, _ value: Value) -> Self {
        var tracked = Self(value)
        tracked.id = id
        return tracked
    }
}
