/// What a client asks a WebSocket for: a URL, header fields and the subprotocols that it speaks.
public struct WebSocketRequest: Sendable, Hashable {
    /// The absolute URL, with `ws` or `wss` as its scheme (`http` and `https` mean the same); percent-encoded as it is sent, and
    /// without user info and fragment (RFC 6455 §3).
    public var url: String
    /// Header fields, `authorization` or `origin` for example; those of the handshake itself are the transport's to add.
    public var headers: HeaderFields
    /// The subprotocols to offer, the preferred first.
    public var subprotocols: [String]

    /// A request from its parts; nothing is checked before a transport sends it.
    public init(url: String, headers: HeaderFields = [:], subprotocols: [String] = []) {
        self.url = url
        self.headers = headers
        self.subprotocols = subprotocols
    }
}

extension WebSocketRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL without its user info, query and fragment, where credentials may stand: for messages and logs.
    public var redactedURL: String { ExchangeRequest(url: url).redactedURL }

    /// URL and subprotocols, without credentials.
    public var description: String {
        "WebSocket \(redactedURL) (\(headers.count) header fields, \(subprotocols.count) subprotocols)"
    }
    /// The same as ``description``.
    public var debugDescription: String { description }
    /// The request as it is printed, so that `dump` shows no credential either.
    public var customMirror: Mirror {
        Mirror(self, children: ["url": redactedURL, "headers": headers, "subprotocols": subprotocols])
    }
}
