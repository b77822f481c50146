import WireProtocols

/// The parameters of a query, decoded as forms are (WHATWG URL §5.1): `a=1&b=x%20y`.
public struct QueryParameters: Sendable, Hashable {
    /// The most parameters that are read; more are refused.
    public static let maxCount = 64

    private var pairs: [(name: String, value: String)] = []

    /// The parameters of a query, which stands behind the `?` of a URL; nil has none.
    ///
    /// - Throws: `badRequest` for a `%` without two hexadecimal digits, for bytes that are not UTF-8, and for more than ``maxCount`` parameters.
    public init(_ query: String?) throws(DeliveryRefusal) {
        for part in (query ?? "").split(separator: "&") {
            guard pairs.count < QueryParameters.maxCount else {
                throw DeliveryRefusal(.badRequest, "the query has more than \(QueryParameters.maxCount) parameters")
            }
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(sides[0], plusIsSpace: true),
                let value = sides.count > 1 ? PercentEncoding.decode(sides[1], plusIsSpace: true) : ""
            else { throw DeliveryRefusal(.badRequest, "the query is not percent-encoded UTF-8") }
            pairs.append((name, value))
        }
    }

    /// The first value of a parameter; nil when it is not there.
    public subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// All values of a parameter, in order.
    public func values(of name: String) -> [String] {
        pairs.compactMap { $0.name == name ? $0.value : nil }
    }

    /// The comma-separated parts of all values of a parameter, without empty ones; nil when the parameter is not there.
    public func list(_ name: String) -> [String]? {
        let values = values(of: name)
        return values.isEmpty ? nil : values.flatMap { $0.split(separator: ",").map(String.init) }
    }

    /// Whether both have the same parameters in the same order.
    public static func == (one: QueryParameters, other: QueryParameters) -> Bool {
        one.pairs.elementsEqual(other.pairs) { $0.name == $1.name && $0.value == $1.value }
    }

    /// Hashes the parameters in order.
    public func hash(into hasher: inout Hasher) {
        for (name, value) in pairs {
            hasher.combine(name)
            hasher.combine(value)
        }
    }
}
