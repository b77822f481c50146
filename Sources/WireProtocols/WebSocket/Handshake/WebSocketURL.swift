/// What a client needs of a WebSocket's URL (RFC 6455 §3).
package struct WebSocketURL: Sendable, Hashable {
    /// Whether the connection is secured by TLS.
    package let isSecure: Bool
    /// The host to connect to, an IPv6 address without its brackets.
    package let host: String
    /// The port to connect to.
    package let port: Int
    /// Path and query, as they stand in the request line.
    package let target: String
    /// The value of the `host` field: without the port when it is the scheme's own (RFC 9110 §7.2).
    package let hostField: String

    /// The parts of a URL, or nil when it is none for a WebSocket: another scheme than `ws`, `wss`, `http` and `https`, user info or a
    /// fragment, port 0, or no URL at all.
    package init?(_ text: String) {
        guard let url = AbsoluteURL(text), url.userInfo == nil, !text.utf8.contains(UInt8(ascii: "#")),
            url.effectivePort > 0
        else { return nil }
        switch url.scheme {
        case "ws", "http": isSecure = false
        case "wss", "https": isSecure = true
        default: return nil
        }
        port = url.effectivePort
        target = (url.path.isEmpty ? "/" : url.path) + (url.query.map { "?\($0)" } ?? "")
        host = url.host.hasPrefix("[") ? String(url.host.dropFirst().dropLast()) : url.host
        hostField = port == (isSecure ? 443 : 80) ? url.host : "\(url.host):\(port)"
    }
}
