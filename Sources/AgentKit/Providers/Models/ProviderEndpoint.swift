/// Where a provider's API is: the root that paths like `/messages` are put behind.
struct ProviderEndpoint: Sendable, Hashable {
    /// Scheme, authority and path up to the version, without a slash at the end.
    private let root: String
    /// What stood after `?`, put behind every path; empty for none.
    private let query: String
    /// The host, in lower case, without port and brackets.
    let host: String
    /// Whether the scheme is `https`.
    let isEncrypted: Bool

    /// The endpoint that a base URL means.
    ///
    /// The URL is a server's root with or without `/v1`, with or without a slash at the end; a path that ends in a version
    /// (`/api/v1`, `/v1beta`) is taken as it is, and one that ends in an endpoint's own path loses it.
    init(baseURL: String) {
        var base = baseURL[...]
        var query = ""
        if let end = base.firstIndex(where: { $0 == "?" || $0 == "#" }) {
            query = String(base[end...].prefix { $0 != "#" })
            base = base[..<end]
        }
        base = ProviderEndpoint.trimmed(base)
        for path in ["/chat/completions", "/messages", "/responses"] where base.hasSuffix(path) {
            base = ProviderEndpoint.trimmed(base.dropLast(path.count))
        }
        let scheme = base.firstRange(of: "://")
        isEncrypted = base[..<(scheme?.lowerBound ?? base.startIndex)].lowercased() == "https"
        let rest = base[(scheme?.upperBound ?? base.startIndex)...]
        let authority = rest.prefix { $0 != "/" }
        let last = rest.dropFirst(authority.count).split(separator: "/").last
        root = ProviderEndpoint.isVersion(last) ? String(base) : base + "/v1"
        self.query = query
        host = ProviderEndpoint.host(of: authority)
    }

    /// The URL of a path that starts with a slash, with more query items put behind those of the base URL.
    func url(_ path: String, query items: String = "") -> String {
        guard !items.isEmpty else { return root + path + query }
        return root + path + (query.isEmpty ? "?" : query + "&") + items
    }

    /// Whether the host is this machine, where no key is needed.
    var isLoopback: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "::1" || host == "0:0:0:0:0:0:0:1"
            || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.last == "/" { text.removeLast() }
        return text
    }

    /// `v` and a digit, then whatever: `v1`, `v1beta`, `v2.1`.
    private static func isVersion(_ segment: Substring?) -> Bool {
        guard let segment, segment.first == "v" else { return false }
        return segment.dropFirst().first?.isNumber == true
    }

    private static func host(of authority: Substring) -> String {
        let address = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        if address.first == "[" { return address.dropFirst().prefix { $0 != "]" }.lowercased() }
        return address.prefix { $0 != ":" }.lowercased()
    }
}
