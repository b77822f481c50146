import AgentKitTesting
import ProgressTracking
import StreamCore
import Testing

@Suite("Cost")
struct CostTests {
    @Test(
        "An amount is an exact decimal text",
        arguments: [
            (Int64(0), "0"), (1, "0.000000001"), (300_000_000, "0.3"), (12_000_000_000, "12"),
            (1_500_000_010, "1.50000001"),
            (.max, "9223372036.854775807"),
        ])
    func text(nanos: Int64, text: String) {
        #expect(Cost(nanos: nanos).description == text)
        #expect(Cost(text) == Cost(nanos: nanos))
    }

    @Test(
        "What is no plain decimal is refused",
        arguments: ["", ".", "1.", ".5", "-1", "1e3", "1.2.3", "abc", "9223372036.9", "99999999999"])
    func refused(text: String) {
        #expect(Cost(text) == nil)
    }

    @Test("Literals, doubles and rounding")
    func literals() {
        let price: Cost = 0.3
        #expect(price.nanos == 300_000_000)
        #expect((3 as Cost).nanos == 3_000_000_000)
        #expect(Cost("0.0000000005")?.nanos == 1)
        #expect(Cost("0.00000000049")?.nanos == 0)
        #expect(Cost(-1) == .zero && Cost(.nan) == .zero && Cost(.infinity) == .largest && Cost(nanos: -5) == .zero)
        #expect(Cost.largest + 1 == .largest)
        #expect(Cost(0.1) + Cost(0.2) == Cost(0.3))
        #expect(Cost(1.5).units == 1.5)
    }

    @Test("Each kind of token has its price, and parts are not counted twice")
    func kinds() {
        let price = ModelPrice(input: 3, cached: 0.3, cacheWritten: 3.75, output: 15, reasoning: 10)
        let usage = Usage(input: 1_000_000, cached: 200_000, cacheWritten: 100_000, output: 500_000, reasoning: 400_000)
        // 0.7·3 + 0.2·0.3 + 0.1·3.75 + 0.1·15 + 0.4·10
        #expect(price.cost(of: usage) == Cost("8.035"))
        #expect(
            ModelPrice(input: 1, output: 2).cost(of: Usage(input: 10, cached: 5, output: 3, reasoning: 1))
                == Cost("0.000016"))
        // A provider's contradictions trap nowhere.
        #expect(
            price.cost(of: Usage(input: 1, cached: .max, cacheWritten: .max, output: .min, reasoning: .max)) == .largest
        )
        #expect(price.cost(of: Usage(input: .min, cached: .min)) == .zero)
    }

    @Test("A million single tokens cost what a million tokens cost, up to rounding once each")
    func drift() {
        let price = ModelPrice(input: 3, output: 15)
        let one = price.cost(of: Usage(input: 1))
        let sum = (0..<1_000_000).reduce(Cost.zero) { sum, _ in sum + one }
        #expect(sum == price.cost(of: Usage(input: 1_000_000)))
    }

    @Test("Whole names go before beginnings, longer beginnings before shorter ones")
    func table() {
        let prices: PriceTable = [
            "claude-*": ModelPrice(input: 1, output: 1), "claude-sonnet-4-5*": ModelPrice(input: 3, output: 15),
            "claude-sonnet-4-5-free": ModelPrice(input: 0, output: 0), "gpt-5": ModelPrice(input: 2, output: 8),
        ]
        #expect(prices.price(of: "claude-haiku")?.input == 1)
        #expect(prices.price(of: "claude-sonnet-4-5-20250929")?.input == 3)
        #expect(prices.price(of: "claude-sonnet-4-5")?.input == 3)
        #expect(prices.price(of: "claude-sonnet-4-5-free")?.input == 0)
        #expect(prices.price(of: "gpt-5")?.output == 8)
        #expect(prices.price(of: "gpt-5-mini") == nil && prices.price(of: "") == nil)
        var more = prices
        more["*"] = ModelPrice(input: 9, output: 9)
        #expect(more.price(of: "gpt-5-mini")?.input == 9 && more.price(of: "gpt-5")?.input == 2)
    }

    @Test("A model without a price has no cost, rather than none")
    func unknown() {
        let prices: PriceTable = ["known": ModelPrice(input: 1, output: 1)]
        var meter = UsageMeter()
        #expect(meter.cost(at: prices) == nil)
        meter.add(Usage(input: 500_000), of: "known")
        meter.add(Usage(output: 500_000), of: "known")
        #expect(meter.cost(at: prices) == 1 && meter.tokens == 1_000_000)
        #expect(meter.cost(at: .empty) == nil)
        meter.set(Usage(), of: "unknown")
        #expect(meter.cost(at: prices) == 1)
        meter.set(Usage(output: 1), of: "unknown")
        #expect(meter.cost(at: prices) == nil && meter.tokens == 1_000_001)
        meter.set(Usage(output: .max), of: "unknown")
        #expect(meter.tokens == .max)
    }
}
