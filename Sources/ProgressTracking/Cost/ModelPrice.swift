public import StreamCore

/// What a million tokens of a model cost, by kind.
///
/// Prices are the host's to know and to keep up to date; the package comes with none.
public struct ModelPrice: Sendable, Hashable {
    /// A million input tokens that were neither read from nor written to a cache.
    public var input: Cost
    /// A million input tokens that were read from the provider's cache.
    public var cached: Cost
    /// A million input tokens that were written to the provider's cache.
    public var cacheWritten: Cost
    /// A million output tokens that were not reasoning.
    public var output: Cost
    /// A million output tokens that were reasoning.
    public var reasoning: Cost

    /// Prices per million tokens; cached and written input costs what input does, and reasoning what output does, unless said otherwise.
    public init(
        input: Cost, cached: Cost? = nil, cacheWritten: Cost? = nil, output: Cost, reasoning: Cost? = nil
    ) {
        self.input = input
        self.cached = cached ?? input
        self.cacheWritten = cacheWritten ?? input
        self.output = output
        self.reasoning = reasoning ?? output
    }

    /// What some tokens cost, exact up to one rounding to the nearest billionth at the end.
    ///
    /// Figures that contradict each other (more cached tokens than input) are a provider's mistake; no part counts as less than 0.
    public func cost(of usage: Usage) -> Cost {
        let kinds: [(Int, Cost)] = [
            (usage.input.subtracting(usage.cached).subtracting(usage.cacheWritten), input), (usage.cached, cached),
            (usage.cacheWritten, cacheWritten), (usage.output.subtracting(usage.reasoning), output),
            (usage.reasoning, reasoning),
        ]
        // 63 bits by 63 bits, five times, fits 128.
        let total = kinds.reduce(into: Int128(0)) { $0 += Int128(max(0, $1.0)) * Int128($1.1.nanos) }
        return Cost(nanos: Int64(clamping: (total + 500_000) / 1_000_000))
    }
}

extension Int {
    // A provider's figures are input: they must not be able to trap.
    fileprivate func subtracting(_ other: Int) -> Int {
        let (difference, overflow) = Swift.max(0, self).subtractingReportingOverflow(Swift.max(0, other))
        return overflow ? 0 : difference
    }
}
