public import StreamCore

/// Who may do what: the host's hooks, asked before the first byte of every answer, and again at every reconnect.
public struct DeliveryAccess: Sendable {
    /// What a principal wants to do with a stream.
    public enum Permission: Sendable, Hashable {
        /// Read its public events.
        case read
        /// Append to it, or make it.
        case append
    }

    /// Says who shows these credentials.
    ///
    /// - Throws: `unauthenticated` where nobody does. What it says is sent to the client.
    public typealias Authenticate =
        @Sendable (DeliveryCredentials) async throws(DeliveryRefusal) -> DeliveryPrincipal

    /// Says whether the principal may; what it says is asked again at every connection.
    public typealias Authorise = @Sendable (DeliveryPrincipal, StreamID, Permission) async -> Bool

    /// Who shows these credentials.
    public var authenticate: Authenticate
    /// Whether somebody may do something with a stream.
    public var authorise: Authorise
    /// From which origins pages may read.
    public var origins: OriginPolicy
    /// Where single-use tickets come from, which stand in the query as `ticket` in place of any other credential; nil for none.
    public var tickets: TicketOffice?
    /// How often somebody may do something; nil for any number of times.
    public var rates: RateLimiter?

    /// Access from its parts.
    public init(
        authenticate: @escaping Authenticate, authorise: @escaping Authorise, origins: OriginPolicy = .sameOrigin,
        tickets: TicketOffice? = nil, rates: RateLimiter? = nil
    ) {
        self.authenticate = authenticate
        self.authorise = authorise
        self.origins = origins
        self.tickets = tickets
        self.rates = rates
    }

    /// Everybody may read and append everything, from every page: for trials, and for what is public.
    public static let open = DeliveryAccess(
        authenticate: { (_) throws(DeliveryRefusal) in .anonymous }, authorise: { _, _, _ in true }, origins: .any)

    /// Who connects: counted against the address before the credential is looked at, and against the principal behind it.
    ///
    /// - Throws: `rateLimited`, `unauthenticated`, or what ``authenticate`` throws.
    func principal(
        _ credentials: DeliveryCredentials, ticket: String?
    ) async throws(DeliveryRefusal) -> DeliveryPrincipal {
        try rates?.take(.connections, address: credentials.request.remoteAddress)
        let principal: DeliveryPrincipal
        if let ticket, let tickets {
            guard let holder = tickets.redeem(ticket) else {
                throw DeliveryRefusal(.unauthenticated, "the ticket is not valid, or was used: ask for another")
            }
            principal = holder
        } else {
            principal = try await authenticate(credentials)
        }
        try rates?.take(.connections, principal: principal.id)
        return principal
    }

    /// Refuses somebody who may not.
    ///
    /// - Throws: `forbidden`.
    func check(
        _ principal: DeliveryPrincipal, _ stream: StreamID, _ permission: Permission
    ) async throws(DeliveryRefusal) {
        guard await authorise(principal, stream, permission) else {
            throw DeliveryRefusal(.forbidden, "you may not \(permission == .read ? "read" : "append to") this stream")
        }
    }

    /// Who sends a request, if it may.
    func admit(
        _ request: DeliveryRequest, _ parameters: QueryItems, to stream: StreamID, _ permission: Permission
    ) async throws(DeliveryRefusal) -> DeliveryPrincipal {
        let principal = try await principal(DeliveryCredentials(request), ticket: parameters["ticket"])
        try await check(principal, stream, permission)
        return principal
    }
}
