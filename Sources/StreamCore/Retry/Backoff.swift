/// A law of growing, jittered delays: a value, from which ``delays(using:)`` makes a pure sequence of durations.
///
/// The ceiling of the delay before retry `n` (counted from 0) is `min(cap, base · 2ⁿ)`. Jitter spreads clients that
/// failed together, so that they do not come back together (Brooker, "Exponential Backoff And Jitter", AWS 2015).
public struct Backoff: Sendable, Hashable {
    /// How a delay is drawn below its ceiling.
    public enum Jitter: Sendable, Hashable {
        /// The ceiling itself.
        case none
        /// Uniform in 0 ..< ceiling.
        case full
        /// Half of the ceiling, and uniform in 0 ..< half on top: never a delay near zero.
        case equal
    }

    /// The ceiling of the first delay.
    public var base: Duration
    /// The ceiling that no delay exceeds.
    public var cap: Duration
    /// How a delay is drawn below its ceiling.
    public var jitter: Jitter

    /// A law from its parts; a negative `base` or `cap` counts as zero.
    public init(base: Duration, cap: Duration, jitter: Jitter) {
        self.base = max(.zero, base)
        self.cap = max(.zero, cap)
        self.jitter = jitter
    }

    /// Uniform in 0 ..< min(cap, base · 2ⁿ).
    public static func fullJitter(base: Duration = .milliseconds(500), cap: Duration = .seconds(8)) -> Backoff {
        Backoff(base: base, cap: cap, jitter: .full)
    }

    /// Between half of min(cap, base · 2ⁿ) and all of it.
    public static func equalJitter(base: Duration = .seconds(2), cap: Duration = .seconds(60)) -> Backoff {
        Backoff(base: base, cap: cap, jitter: .equal)
    }

    /// The largest delay before retry `retry`, counted from 0: min(cap, base · 2^retry).
    public func ceiling(retry: Int) -> Duration {
        var ceiling = min(base, cap)
        var remaining = max(0, retry)
        while remaining > 0, ceiling > .zero, ceiling < cap {
            // At most `cap` before doubling, so that no retry count overflows.
            ceiling = ceiling > cap / 2 ? cap : ceiling * 2
            remaining -= 1
        }
        return ceiling
    }

    /// The delay before retry `retry`, counted from 0, drawn with `generator`.
    public func delay(retry: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let ceiling = ceiling(retry: retry)
        switch jitter {
        case .none: return ceiling
        case .full: return ceiling * Double.random(in: 0..<1, using: &generator)
        case .equal: return ceiling / 2 + ceiling / 2 * Double.random(in: 0..<1, using: &generator)
        }
    }

    /// The endless sequence of delays before retry 0, 1, 2 …, drawn with a copy of `generator`.
    public func delays<Generator: RandomNumberGenerator>(using generator: Generator) -> BackoffDelays<Generator> {
        BackoffDelays(backoff: self, generator: generator)
    }
}

/// The endless sequence of delays of a ``Backoff``: iterating it twice from the same seeded generator gives the same delays.
public struct BackoffDelays<Generator: RandomNumberGenerator>: Sequence, IteratorProtocol {
    private let backoff: Backoff
    private var generator: Generator
    private var retry = 0

    init(backoff: Backoff, generator: Generator) {
        self.backoff = backoff
        self.generator = generator
    }

    /// The next delay; never nil.
    public mutating func next() -> Duration? {
        defer { retry = retry == .max ? retry : retry + 1 }
        return backoff.delay(retry: retry, using: &generator)
    }
}

extension BackoffDelays: Sendable where Generator: Sendable {}
