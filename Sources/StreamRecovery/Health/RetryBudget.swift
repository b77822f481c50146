/// How many retries a provider can be asked for: a token bucket, as a value, which keeps a failing provider from being asked several times as much as a healthy one.
///
/// Each request that is no retry earns a fifth of one (``ratio``), and a second earns one (``floor``), so that a quiet program can retry at all. Under total failure the load is at most 1.2 times
/// what was offered, plus the floor. The first ``floorSavings`` seconds of the floor are granted in advance. Times are readings of one monotonic clock.
///
/// The idea is that of Finagle's `RetryBudget` and of gRPC's retry throttling (gRFC A6).
public struct RetryBudget: Sendable, Hashable {
    /// What a request earns: 0.2 by default.
    public let ratio: Double
    /// What a second earns: 1 by default.
    public let floor: Double
    /// How many seconds of the floor can be saved up: 10 by default.
    public let floorSavings: Double
    /// How much of what requests earned can be saved up: 100 by default.
    public let capacity: Double

    private var earned = 0.0
    private var granted: Double
    // The moment up to which the floor was granted: at first in the future, as it is granted in advance.
    private var grantedUntil: Duration

    /// A budget that begins at `now`; numbers that are negative or none count as 0.
    public init(
        ratio: Double = 0.2, floor: Double = 1, floorSavings: Double = 10, capacity: Double = 100, at now: Duration
    ) {
        self.ratio = RetryBudget.tame(ratio)
        self.floor = RetryBudget.tame(floor)
        self.floorSavings = RetryBudget.tame(floorSavings)
        self.capacity = RetryBudget.tame(capacity)
        granted = self.floor * self.floorSavings
        grantedUntil = now + .seconds(self.floorSavings)
    }

    // At most a million, so that no sum and no duration overflows.
    private static func tame(_ number: Double) -> Double { number > 0 ? min(number, 1_000_000) : 0 }

    /// A request is made that is no retry.
    public mutating func request() {
        earned = min(capacity, earned + ratio)
    }

    /// Whether a retry can be afforded.
    public func canRetry(at now: Duration) -> Bool {
        earned >= RetryBudget.price || floorBalance(at: now).balance >= RetryBudget.price
    }

    /// Pays for a retry.
    ///
    /// - Returns: Whether it can be afforded; if not, nothing changes.
    public mutating func retry(at now: Duration) -> Bool {
        if earned >= RetryBudget.price {
            earned -= 1
            return true
        }
        let (balance, until) = floorBalance(at: now)
        guard balance >= RetryBudget.price else { return false }
        granted = balance - 1
        grantedUntil = until
        return true
    }

    // A hair below 1: five times 0.2 are not quite 1 in binary.
    private static let price = 1 - 1e-9

    private func floorBalance(at now: Duration) -> (balance: Double, until: Duration) {
        guard now > grantedUntil else { return (granted, grantedUntil) }
        return (min(floor * floorSavings, granted + (now - grantedUntil) / .seconds(1) * floor), now)
    }
}
