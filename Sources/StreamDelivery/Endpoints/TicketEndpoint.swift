public import StreamCore
import WireProtocols

/// Gives a single-use ticket to who shows a credential: `POST` answers `{"ticket":"…"}`, which is then the query's `ticket` of an `EventSource` or a `WebSocket`.
public struct TicketEndpoint: DeliveryHandler {
    private let tickets: TicketOffice
    private let access: DeliveryAccess
    private let limits: RequestLimits
    private let instrumentation: Instrumentation

    /// An endpoint that gives tickets of `access.tickets`; nil where it has none.
    ///
    /// `instrumentation` is told of refusals.
    public init?(
        access: DeliveryAccess, limits: RequestLimits = RequestLimits(), instrumentation: Instrumentation = .none
    ) {
        self.instrumentation = instrumentation
        guard let tickets = access.tickets else { return nil }
        self.tickets = tickets
        self.access = access
        self.limits = limits
    }

    /// Gives a ticket.
    public func respond(to request: DeliveryRequest) async -> DeliveryResponse {
        await access.respond(to: request, methods: "POST", instrumentation) { () throws(DeliveryRefusal) in
            try limits.check(request)
            guard request.method == "POST" else {
                throw DeliveryRefusal(.methodNotAllowed, "a ticket is asked for with POST")
            }
            // A ticket is no credential for another one.
            let principal = try await access.principal(DeliveryCredentials(request), ticket: nil)
            let ticket = try tickets.issue(to: principal)
            return DeliveryResponse(
                headers: ["content-type": "application/json", "cache-control": "no-store"],
                body: .bytes(Array(#"{"ticket":"\#(ticket)"}"#.utf8)))
        }
    }
}
