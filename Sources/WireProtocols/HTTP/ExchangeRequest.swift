/// A request of one HTTP exchange, as a client sends it: a value that any transport can carry out.
public struct ExchangeRequest: Sendable, Hashable {
    /// The method, `GET` or `POST` for example; case-sensitive (RFC 9110 §9.1).
    public var method: String
    /// The absolute URL, with `http` or `https` as its scheme; percent-encoded as it is sent.
    public var url: String
    /// The header fields; the transport adds what framing and connection need (`host`, `content-length`).
    public var headers: HeaderFields
    /// The body; empty for none.
    public var body: [UInt8]

    /// A request from its parts; nothing is checked before a transport sends it.
    public init(method: String = "GET", url: String, headers: HeaderFields = [:], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

extension ExchangeRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL without its user info, query and fragment, where credentials may stand: for messages and logs.
    public var redactedURL: String {
        var text = url[...]
        var cut = ""
        if let end = text.firstIndex(where: { $0 == "?" || $0 == "#" }) {
            cut = text[end] == "?" ? "?…" : "#…"
            text = text[..<end]
        }
        guard let scheme = text.firstRange(of: "://") else { return text + cut }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return text + cut }
        return text[..<scheme.upperBound] + "…@" + rest[rest.index(after: at)...] + cut
    }

    /// Method, URL and sizes, without credentials and without the body.
    public var description: String {
        "\(method) \(redactedURL) (\(headers.count) header fields, \(body.count) bytes of body)"
    }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// The request as it is printed, so that `dump` shows no credential either.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: ["method": method, "url": redactedURL, "headers": headers, "body": "\(body.count) bytes"])
    }
}
