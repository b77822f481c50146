/// Buckets by name, at most so many: a value.
struct BucketTable: Sendable {
    let rate: Rate
    private var buckets: [String: TokenBucket] = [:]
    private let maxCount: Int

    init(_ rate: Rate, maxCount: Int) {
        self.rate = rate
        self.maxCount = max(1, maxCount)
    }

    var count: Int { buckets.count }

    /// How long to wait until `cost` can be taken; nil when that is now.
    func wait(_ name: String, _ cost: Double, now: Duration) -> Duration? {
        var bucket = buckets[name] ?? TokenBucket(rate, now: now)
        return bucket.wait(for: cost, rate, now: now)
    }

    mutating func take(_ name: String, _ cost: Double, now: Duration) {
        if buckets[name] == nil {
            if buckets.count >= maxCount { makeRoom(now) }
            buckets[name] = TokenBucket(rate, now: now)
        }
        buckets[name]?.take(cost, rate, now: now)
    }

    // A full bucket says nothing. Where none is full, all begin anew: memory is bounded, whoever sends from however many addresses.
    private mutating func makeRoom(_ now: Duration) {
        for (name, var bucket) in buckets where bucket.isFull(rate, now: now) { buckets[name] = nil }
        if buckets.count >= maxCount { buckets = [:] }
    }
}
