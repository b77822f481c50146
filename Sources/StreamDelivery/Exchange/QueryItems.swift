import WireProtocols

/// The parameters of a query, decoded (WHATWG URL §5.1): names may be there more than once.
public struct QueryItems: Sendable {
    /// Names and values in their order; a parameter without `=` has an empty value.
    public let items: [(name: String, value: String)]

    /// Whether all parameters were read: none was encoded badly, and there were not too many.
    public let isComplete: Bool

    /// The most parameters that are looked at; what is behind them is left out.
    public static let maxCount = 100

    /// The parameters of a query as it stands in a URL, without its `?`.
    ///
    /// Parameters that are not encoded well are left out.
    public init(_ query: String?) {
        let parts = (query ?? "").split(separator: "&", maxSplits: QueryItems.maxCount)
        items = parts.prefix(QueryItems.maxCount)
            .compactMap { part in
                let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard let name = PercentEncoding.decode(pair[0], plusIsSpace: true),
                    let value = PercentEncoding.decode(pair.count > 1 ? pair[1] : "", plusIsSpace: true)
                else { return nil }
                return (name, value)
            }
        isComplete = items.count == parts.count
    }

    init(items: [(name: String, value: String)], isComplete: Bool) {
        self.items = items
        self.isComplete = isComplete
    }

    /// The first value of a name; nil when it is not there.
    public subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// All values of a name, in their order.
    public func values(of name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    /// The comma-separated parts of all values of a name, without empty ones; nil when the name is not there.
    public func list(_ name: String) -> [String]? {
        let values = values(of: name)
        return values.isEmpty ? nil : values.flatMap { $0.split(separator: ",").map(String.init) }
    }
}

extension DeliveryRequest {
    /// The parameters of the query.
    public var queryItems: QueryItems { QueryItems(query) }
}
