import ArgumentParser
import StreamCore

/// What a million tokens cost, as the caller says; without prices there is no cost.
struct Prices: ParsableArguments {
    @Option(name: .customLong("price-input"), help: "US dollars per million input tokens.")
    var input: Double?

    @Option(
        name: .customLong("price-cached"),
        help: "US dollars per million input tokens read from the cache (default: as --price-input).")
    var cached: Double?

    @Option(name: .customLong("price-output"), help: "US dollars per million output tokens.")
    var output: Double?

    func validate() throws {
        for price in [input, cached, output].compactMap({ $0 }) where !(price >= 0 && price.isFinite) {
            throw ValidationError("A price must be a number of 0 or more.")
        }
    }

    /// The cost of some tokens in US dollars, or nil when no price was given.
    func cost(of usage: Usage) -> Double? {
        guard input != nil || output != nil || cached != nil else { return nil }
        let fresh = Double(usage.input - usage.cached) * (input ?? 0)
        let known = Double(usage.cached) * (cached ?? input ?? 0)
        return (fresh + known + Double(usage.output) * (output ?? 0)) / 1_000_000
    }

    /// The cost of some tokens as people write it, to a millionth of a dollar; nil when no price was given.
    func label(for usage: Usage) -> String? {
        guard let cost = cost(of: usage) else { return nil }
        // Beyond this a figure in millionths does not fit an Int, and nobody can pay it.
        let millionths = Int(min(cost, 1e12) * 1_000_000 + 0.5)
        let fraction = String(millionths % 1_000_000)
        return "$\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
}
