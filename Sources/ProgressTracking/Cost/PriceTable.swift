/// The prices of models, by the names that providers know them by.
///
/// A key is a model's name, or the beginning of names followed by `*`: `"claude-sonnet-4-5*"` also stands for its dated versions. A whole name goes before
/// any beginning, and a longer beginning before a shorter one. What no key fits has no price, and so no cost: never a 0 that is wrong.
///
///     let prices: PriceTable = [
///         "claude-sonnet-4-5*": ModelPrice(input: 3, cached: 0.3, cacheWritten: 3.75, output: 15),
///         "local/*": ModelPrice(input: 0, output: 0),
///     ]
public struct PriceTable: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    private var names: [String: ModelPrice] = [:]
    private var beginnings: [String: ModelPrice] = [:]

    /// A table from keys and prices; of a key that is repeated the last price counts.
    public init(_ prices: [(String, ModelPrice)]) {
        for (key, price) in prices { self[key] = price }
    }

    /// A table written in source.
    public init(dictionaryLiteral elements: (String, ModelPrice)...) {
        self.init(elements)
    }

    /// No prices: nothing has a cost.
    public static let empty = PriceTable([])

    /// The price that a key was given, the key taken as it is; nil takes it out.
    public subscript(key: String) -> ModelPrice? {
        get { key.hasSuffix("*") ? beginnings[String(key.dropLast())] : names[key] }
        set { if key.hasSuffix("*") { beginnings[String(key.dropLast())] = newValue } else { names[key] = newValue } }
    }

    /// The price of the model of this name, or nil when no key fits.
    public func price(of model: String) -> ModelPrice? {
        if let price = names[model] { return price }
        return beginnings.filter { model.hasPrefix($0.key) }.max { $0.key.utf8.count < $1.key.utf8.count }?.value
    }
}
