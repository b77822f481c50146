/// When an exchange has taken too long: a value that is told what happens and answers what is due.
package struct ExchangeDeadlines: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Something to be done at a certain time.
    package enum Due: Sendable, Equatable {
        /// No connection stood in time, unless it can be found out that one does.
        case connect
        case firstByte
        case idle
        case total
    }

    private var connect: Instant?
    private var firstByte: Instant?
    private let total: Instant?
    private let idleLimit: Duration?
    private var lastArrival: Instant?
    private var waitingSince: Instant?

    /// The deadlines of one hop of an exchange that began at `start`.
    package init(_ timeouts: TransportTimeouts, start: Instant, hopStart: Instant) {
        func instant(_ duration: Duration?, from start: Instant) -> Instant? {
            // A century is for ever, and cannot overflow.
            duration.map { start.advanced(by: min(max(.zero, $0), .seconds(100 * 365 * 86_400))) }
        }
        connect = instant(timeouts.connect, from: hopStart)
        firstByte = instant(timeouts.firstByte, from: start)
        total = instant(timeouts.total, from: start)
        idleLimit = timeouts.idle.map { min(max(.zero, $0), .seconds(100 * 365 * 86_400)) }
    }

    /// The final head has come.
    package mutating func headArrived(at now: Instant) {
        connect = nil
        firstByte = nil
        lastArrival = now
    }

    /// A connection stands: the request is sent now.
    package mutating func connectionStands() { connect = nil }

    /// Bytes of the body have come.
    package mutating func bytesArrived(at now: Instant) { lastArrival = now }

    /// The consumer waits for bytes, or no longer does.
    package mutating func consumerWaits(since now: Instant?) { waitingSince = now }

    private var idle: Instant? {
        // Only while the consumer waits: a consumer that is slow is not the server's fault.
        guard let idleLimit, let lastArrival, let waitingSince else { return nil }
        return max(lastArrival, waitingSince).advanced(by: idleLimit)
    }

    /// The earliest deadline, or nil when there is none.
    package var next: (instant: Instant, due: Due)? {
        // Asked for with every piece of a body that is waited for: without an array.
        var earliest: (instant: Instant, due: Due)?
        func consider(_ instant: Instant?, _ due: Due) {
            guard let instant, earliest.map({ instant < $0.instant }) ?? true else { return }
            earliest = (instant, due)
        }
        consider(total, .total)
        consider(firstByte, .firstByte)
        consider(connect, .connect)
        consider(idle, .idle)
        return earliest
    }

    /// When to look again at the latest, for who is not told that the consumer begins to wait: no idle deadline can fall before it.
    package func nextCheck(after now: Instant) -> Instant? {
        guard let idleLimit, lastArrival != nil, waitingSince == nil else { return next?.instant }
        // Should the consumer begin to wait at `now`, this is when it has waited for too long.
        let idle = now.advanced(by: idleLimit)
        return next.map { min($0.instant, idle) } ?? idle
    }

    /// What is due at `now`, or nil.
    package func due(at now: Instant) -> Due? {
        guard let next, next.instant <= now else { return nil }
        return next.due
    }
}
