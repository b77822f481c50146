/// The client's half of the handshake (RFC 6455 §4.1): what it asks for, and whether the answer is one.
public struct WebSocketClientHandshake: Sendable {
    /// The key of this handshake: 16 random bytes in base64.
    public let key: String
    /// The subprotocols that are offered, the preferred first.
    public let subprotocols: [String]
    /// How compression is offered; nil for not at all.
    public let deflate: PerMessageDeflatePolicy?

    /// A handshake with a new key.
    ///
    /// - Parameters:
    ///   - subprotocols: The subprotocols to offer, the preferred first.
    ///   - deflate: How to offer compression; nil for not at all.
    ///   - random: Where the key comes from.
    /// - Throws: ``WebSocketHandshakeError/Code/invalidSubprotocol`` for a name that is no token or stands there twice.
    public init(
        subprotocols: [String] = [], deflate: PerMessageDeflatePolicy? = nil,
        using random: inout some RandomNumberGenerator
    ) throws(WebSocketHandshakeError) {
        guard subprotocols.allSatisfy(HeaderField.isToken), Set(subprotocols).count == subprotocols.count else {
            throw WebSocketHandshakeError(
                .invalidSubprotocol, "a subprotocol is offered twice, or its name is no token (RFC 9110 §5.6.2)")
        }
        self.subprotocols = subprotocols
        self.deflate = deflate
        let words = [random.next(), random.next()]
        key = Base64.encode(words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } })
    }

    /// The fields that make a request one for a WebSocket.
    public var headers: HeaderFields {
        var pairs = [
            ("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13"),
            ("sec-websocket-key", key),
        ]
        if !subprotocols.isEmpty { pairs.append(("sec-websocket-protocol", subprotocols.joined(separator: ", "))) }
        if let deflate { pairs.append(("sec-websocket-extensions", deflate.offerHeaderValue)) }
        // Tokens, base64 and our own text: nothing in them that a field could not hold.
        return (try? HeaderFields(pairs)) ?? HeaderFields()
    }

    /// Whether a field of this name belongs to the handshake or to the framing of HTTP, so that a caller may not give it.
    public static func isReserved(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix("sec-websocket-")
            || ["connection", "upgrade", "host", "content-length", "transfer-encoding"].contains(name)
    }

    /// What a server must answer to a key (RFC 6455 §4.2.2): base64 of SHA-1 of the key and a fixed text.
    public static func accept(for key: String) -> String {
        Base64.encode(SHA1.digest(of: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }

    /// What the server's answer comes to.
    ///
    /// - Parameter head: The head of the response.
    /// - Throws: ``WebSocketHandshakeError`` when the server refuses, or its answer is none (RFC 6455 §4.1).
    public func agreement(with head: ExchangeResponseHead) throws(WebSocketHandshakeError) -> WebSocketAgreement {
        guard head.status == 101 else {
            throw WebSocketHandshakeError(.notSwitched, "the server answered \(head.status) and not 101")
        }
        guard head.headers.lists("websocket", in: "upgrade"), head.headers.lists("upgrade", in: "connection") else {
            throw WebSocketHandshakeError(
                .noUpgrade, "the server answered 101 without 'upgrade: websocket' and 'connection: upgrade'")
        }
        guard head.headers.values(of: "sec-websocket-accept") == [WebSocketClientHandshake.accept(for: key)] else {
            throw WebSocketHandshakeError(
                .wrongAccept, "sec-websocket-accept does not answer the key: no WebSocket server, or a cache in between"
            )
        }
        var agreement = WebSocketAgreement()
        let chosen = head.headers.values(of: "sec-websocket-protocol")
        if let name = chosen.first {
            guard chosen.count == 1, subprotocols.contains(name) else {
                throw WebSocketHandshakeError(
                    .unknownSubprotocol, "the server chose a subprotocol that was not offered")
            }
            agreement.subprotocol = name
        }
        guard let extensions = WebSocketExtension.parse(head.headers.values(of: "sec-websocket-extensions")) else {
            throw WebSocketHandshakeError(.unknownExtension, "sec-websocket-extensions cannot be read")
        }
        if let answer = extensions.first {
            guard extensions.count == 1, answer.name == PerMessageDeflate.name,
                let agreed = deflate?.agreement(answer: answer.parameters)
            else {
                throw WebSocketHandshakeError(
                    .unknownExtension,
                    "the server uses an extension that was not offered, or with parameters that do not answer the offer"
                )
            }
            agreement.deflate = agreed
        }
        return agreement
    }
}
