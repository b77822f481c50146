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
        var response: DeliveryResponse
        do throws(DeliveryRefusal) {
            if let preflight = access.origins.preflight(request, methods: "POST") { return preflight }
            try limits.check(request)
            guard request.method == "POST" else {
                throw DeliveryRefusal(.methodNotAllowed, "a ticket is asked for with POST")
            }
            // A ticket is no credential for another one.
            let principal = try await access.principal(DeliveryCredentials(request), ticket: nil)
            let ticket = try tickets.issue(to: principal)
            response = DeliveryResponse(
                headers: ["content-type": "application/json", "cache-control": "no-store"],
                body: .bytes(Array(#"{"ticket":"\#(ticket)"}"#.utf8)))
        } catch {
            instrumentation.report(
                .requestRefused(code: error.code.rawValue, status: error.status, address: request.remoteAddress))
            response = error.response
        }
        access.origins.allow(request, &response.headers)
        return response
    }
}
