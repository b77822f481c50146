import ArgumentParser
import ProgressTracking
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

    /// The prices as one model's, or nil when none was given.
    var price: ModelPrice? {
        guard input != nil || output != nil || cached != nil else { return nil }
        return ModelPrice(input: Cost(input ?? 0), cached: cached.map { Cost($0) }, output: Cost(output ?? 0))
    }

    /// The prices of whichever model answers; of none when none was given.
    var table: PriceTable {
        price.map { ["*": $0] } ?? .empty
    }

    /// The cost of some tokens as people write it; nil when no price was given.
    func label(for usage: Usage) -> String? {
        price?.cost(of: usage).label
    }
}

extension Cost {
    /// The amount as people write it, to a millionth of a dollar.
    var label: String {
        let (dollars, millionths) = (nanos / 1000 + (nanos % 1000 + 500) / 1000)
            .quotientAndRemainder(dividingBy: 1_000_000)
        let fraction = String(millionths)
        return "$\(dollars)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
}
