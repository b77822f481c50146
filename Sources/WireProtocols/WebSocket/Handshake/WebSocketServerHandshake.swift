/// The server's half of the handshake (RFC 6455 §4.2): what a request comes to, and how it is answered.
public struct WebSocketServerHandshake: Sendable {
    /// What was agreed.
    public let agreement: WebSocketAgreement
    /// The fields of the answer, whose status is 101.
    public let headers: HeaderFields

    /// Answers a request for a WebSocket.
    ///
    /// - Parameters:
    ///   - method: The request's method.
    ///   - request: The request's header fields. Who serves browsers has looked at `origin` before.
    ///   - subprotocols: The subprotocols that the server speaks, the preferred first; none of them is chosen when the client offers none.
    ///   - deflate: How messages may be compressed; nil for not at all.
    /// - Throws: ``WebSocketHandshakeError``, whose ``WebSocketHandshakeError/status`` is to be answered.
    public init(
        method: String, headers request: HeaderFields, subprotocols: [String] = [],
        deflate: PerMessageDeflatePolicy? = nil
    ) throws(WebSocketHandshakeError) {
        guard method == "GET" else {
            throw WebSocketHandshakeError(.wrongMethod, "a WebSocket is asked for with GET")
        }
        guard request.lists("websocket", in: "upgrade"), request.lists("upgrade", in: "connection") else {
            throw WebSocketHandshakeError(
                .noUpgrade, "the request has no 'upgrade: websocket' and 'connection: upgrade'")
        }
        guard request.values(of: "sec-websocket-version") == ["13"] else {
            throw WebSocketHandshakeError(.unsupportedVersion, "the request is not for version 13 of WebSocket")
        }
        let keys = request.values(of: "sec-websocket-key")
        guard let key = keys.first, keys.count == 1, key.utf8.count == 24, Base64.decodedCount(key) == 16 else {
            throw WebSocketHandshakeError(.invalidKey, "sec-websocket-key is not 16 bytes in base64")
        }
        var agreement = WebSocketAgreement()
        var pairs = [
            ("upgrade", "websocket"), ("connection", "Upgrade"),
            ("sec-websocket-accept", WebSocketClientHandshake.accept(for: key)),
        ]
        let offered = request.values(of: "sec-websocket-protocol").flatMap { value in
            value.split(separator: ",").map { HeaderField.trimmed(String($0)) }
        }
        if let chosen = subprotocols.first(where: { offered.contains($0) && HeaderField.isToken($0) }) {
            agreement.subprotocol = chosen
            pairs.append(("sec-websocket-protocol", chosen))
        }
        if let (agreed, value) = deflate?.agreement(offers: request.values(of: "sec-websocket-extensions")) {
            agreement.deflate = agreed
            pairs.append(("sec-websocket-extensions", value))
        }
        self.agreement = agreement
        // Tokens, base64 and our own text: nothing in them that a field could not hold.
        headers = (try? HeaderFields(pairs)) ?? HeaderFields()
    }
}
