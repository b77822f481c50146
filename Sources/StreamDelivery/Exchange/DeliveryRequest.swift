public import WireProtocols

/// A request as a server has it, whatever the framework: what a host fills in from its own request type.
public struct DeliveryRequest: Sendable {
    /// The method, `GET` for example; case-sensitive (RFC 9110 §9.1).
    public var method: String
    /// The path, as it stands in the request's first line: percent-encoded, from its first `/`, without the query.
    public var path: String
    /// The query, as it stands behind the `?`, percent-encoded; nil when there is none.
    public var query: String?
    /// The header fields.
    public var headers: HeaderFields
    /// The body, read whole by the host, which bounds it.
    public var body: [UInt8]
    /// The address of the peer without its port, `192.0.2.1` say, for limits per address; empty when it is not known.
    ///
    /// Behind a proxy that is trusted, what its `x-forwarded-for` says.
    public var remoteAddress: String
    /// How the client reached the server: `http` or `https`; behind a proxy that is trusted, what its `x-forwarded-proto` says.
    public var scheme = "http"

    /// A request from its parts; nothing is checked.
    public init(
        method: String = "GET", path: String, query: String? = nil, headers: HeaderFields = [:], body: [UInt8] = [],
        remoteAddress: String = ""
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// A request from a request target in origin form (RFC 9112 §3.2.1): path and query in one.
    public init(
        method: String = "GET", target: String, headers: HeaderFields = [:], body: [UInt8] = [],
        remoteAddress: String = ""
    ) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            method: method, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : nil, headers: headers,
            body: body, remoteAddress: remoteAddress)
    }
}

extension DeliveryRequest: CustomStringConvertible, CustomReflectable {
    /// Method and path; a query may hold a ticket, and is left out.
    public var description: String { "\(method) \(path)" + (query == nil ? "" : "?…") }
    /// The request as it is printed, so that `dump` shows no credential either.
    public var customMirror: Mirror { Mirror(self, children: ["method": method, "path": path, "headers": headers]) }
}
