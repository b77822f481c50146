/// How often something may happen: so many a second in the long run, and a burst at once.
public struct Rate: Sendable, Hashable {
    /// How many a second in the long run; above 0.
    public var perSecond: Double
    /// How many at once after a pause; at least 1.
    public var burst: Double

    /// A rate from its parts; numbers out of range are brought into it.
    public init(perSecond: Double, burst: Double) {
        self.perSecond = perSecond > 0 ? min(perSecond, 1e12) : 1e-6
        self.burst = burst >= 1 ? min(burst, 1e15) : 1
    }
}

/// A token bucket: a value that is told what time it is.
public struct TokenBucket: Sendable, Hashable {
    private var level: Double
    private var updated: Duration

    /// A full bucket; `now` is the time since any moment, always the same.
    public init(_ rate: Rate, now: Duration) {
        level = rate.burst
        updated = now
    }

    /// Brings the bucket up to the time; time that runs backwards counts as none.
    private mutating func refill(_ rate: Rate, now: Duration) {
        if now > updated {
            level = min(rate.burst, level + (now - updated) / .seconds(1) * rate.perSecond)
        }
        updated = now
    }

    /// How long to wait until `cost` can be taken; nil when that is now.
    ///
    /// What costs more than a burst can be taken of a full bucket, which is in debt then.
    public mutating func wait(for cost: Double, _ rate: Rate, now: Duration) -> Duration? {
        refill(rate, now: now)
        let missing = min(cost, rate.burst) - level
        return missing > 0 ? .seconds(min(missing / rate.perSecond, 1e9)) : nil
    }

    /// Takes `cost`, whether it is there or not.
    public mutating func take(_ cost: Double, _ rate: Rate, now: Duration) {
        refill(rate, now: now)
        level -= cost
    }

    /// Whether the bucket is as good as a new one.
    mutating func isFull(_ rate: Rate, now: Duration) -> Bool {
        refill(rate, now: now)
        return level >= rate.burst
    }
}
