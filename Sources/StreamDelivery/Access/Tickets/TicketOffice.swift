import Synchronization

/// Issues tickets that stand in a URL's query in place of a credential, for clients that cannot set header fields: a browser's `EventSource` and `WebSocket`.
///
/// A ticket is good once, and for a short time: what remains of it in logs and histories opens nothing.
public final class TicketOffice: Sendable {
    private let state: Mutex<TicketTable>
    private let lifetime: Duration
    private let now: @Sendable () -> Duration

    /// An office without tickets.
    ///
    /// - Parameters:
    ///   - lifetime: How long a ticket is good.
    ///   - maxCount: How many may be out at a time.
    ///   - maxPerPrincipal: How many a principal may have at a time; its oldest goes when it gets another.
    ///   - now: The time since any moment, always the same; by default that of a clock that never jumps.
    public init(
        lifetime: Duration = .seconds(30), maxCount: Int = 100_000, maxPerPrincipal: Int = 16,
        now: (@Sendable () -> Duration)? = nil
    ) {
        let start = ContinuousClock.now
        self.lifetime = lifetime
        self.now = now ?? { ContinuousClock.now - start }
        state = Mutex(TicketTable(maxCount: maxCount, maxPerPrincipal: maxPerPrincipal))
    }

    /// A ticket that stands for a principal: 43 characters that a URL may hold as they are.
    ///
    /// - Throws: `unavailable` when too many are out.
    public func issue(to principal: DeliveryPrincipal) throws(DeliveryRefusal) -> String {
        var random = SystemRandomNumberGenerator()
        let ticket = Ticket(using: &random)
        guard state.withLock({ $0.add(ticket, for: principal, until: now() + lifetime, now: now()) }) else {
            throw DeliveryRefusal(.unavailable, "too many tickets are out", retryAfter: .seconds(5))
        }
        return ticket.text
    }

    /// Who a ticket stands for, which is not good any more then; nil for one that is not good.
    public func redeem(_ text: String) -> DeliveryPrincipal? {
        guard let ticket = Ticket(text) else { return nil }
        return state.withLock { $0.take(ticket, now: now()) }
    }

    /// Takes back what a principal has of tickets, those of one credential or all.
    public func revoke(principal: String, credential: String? = nil) {
        state.withLock { $0.revoke(principal, credential) }
    }

    /// How many tickets are out.
    public var count: Int { state.withLock { $0.count } }
}
