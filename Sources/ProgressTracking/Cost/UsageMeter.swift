public import StreamCore

/// What was used of which model, for an agent that asks more than one.
public struct UsageMeter: Sendable, Hashable {
    /// The usage of each model so far.
    public private(set) var models: [String: Usage] = [:]

    /// A meter that has counted nothing.
    public init() {}

    /// Adds what was used of a model.
    public mutating func add(_ usage: Usage, of model: String) {
        models[model, default: .zero] += usage
    }

    /// Says what was used of a model in all, in place of what was known.
    public mutating func set(_ usage: Usage, of model: String) {
        models[model] = usage
    }

    /// All tokens, input and output.
    public var tokens: Int { models.values.reduce(Usage.zero, +).total }

    /// What all of it costs, or nil when the price of a model is not known whose tokens were used, or when nothing was counted.
    public func cost(at prices: PriceTable) -> Cost? {
        let used = models.filter { $0.value.total != 0 }
        guard !models.isEmpty else { return nil }
        var sum = Cost.zero
        for (model, usage) in used {
            guard let price = prices.price(of: model) else { return nil }
            sum += price.cost(of: usage)
        }
        return sum
    }
}
