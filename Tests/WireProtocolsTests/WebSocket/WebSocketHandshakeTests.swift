import AgentKitTesting
import Testing

@testable import WireProtocols

@Suite struct WebSocketHandshakeTests {
    @Test("The example of RFC 6455 section 1-3") func theExampleOfRFC6455Section13() {
        #expect(WebSocketClientHandshake.accept(for: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(
        "SHA-1",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (String(repeating: "a", count: 1000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
        ])
    func sha1(_ message: String, _ digest: String) {
        let bytes = SHA1.digest(of: Array(message.utf8))
        #expect(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == digest)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ])
    func base64(_ text: String, _ encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decodedCount(encoded) == text.utf8.count)
        #expect(Base64.decodedCount(encoded + "=") == nil)
    }

    private func handshake(
        _ subprotocols: [String] = [], _ deflate: PerMessageDeflatePolicy? = nil
    ) throws -> WebSocketClientHandshake {
        var random = SeededRandom(seed: 4)
        return try WebSocketClientHandshake(subprotocols: subprotocols, deflate: deflate, using: &random)
    }

    @Test("Client and server agree") func clientAndServerAgree() throws {
        let client = try handshake(["trpc", "other"], PerMessageDeflatePolicy())
        #expect(Base64.decodedCount(client.key) == 16)
        let server = try WebSocketServerHandshake(
            method: "GET", headers: client.headers, subprotocols: ["other"], deflate: PerMessageDeflatePolicy())
        #expect(server.agreement == WebSocketAgreement(subprotocol: "other", deflate: PerMessageDeflate()))
        let head = ExchangeResponseHead(status: 101, headers: server.headers)
        #expect(try client.agreement(with: head) == server.agreement)
    }

    @Test("Without offers there is no subprotocol and no compression")
    func withoutOffersThereIsNoSubprotocolAndNoCompression() throws {
        let client = try handshake()
        let server = try WebSocketServerHandshake(
            method: "GET", headers: client.headers, subprotocols: ["a"], deflate: PerMessageDeflatePolicy())
        #expect(server.agreement == WebSocketAgreement())
        #expect(
            try client.agreement(with: ExchangeResponseHead(status: 101, headers: server.headers))
                == WebSocketAgreement())
    }

    @Test(
        "Answers that are none",
        arguments: [
            ("connection", nil as String?, WebSocketHandshakeError.Code.noUpgrade), ("upgrade", nil, .noUpgrade),
            ("upgrade", "h2c", .noUpgrade), ("connection", "keep-alive", .noUpgrade),
            ("sec-websocket-accept", nil, .wrongAccept),
            ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", .wrongAccept),
            ("sec-websocket-protocol", "unasked", .unknownSubprotocol),
            ("sec-websocket-protocol", "a, b", .unknownSubprotocol),
            ("sec-websocket-extensions", "foo", .unknownExtension),
            ("sec-websocket-extensions", "permessage-deflate; foo", .unknownExtension),
            ("sec-websocket-extensions", "permessage-deflate, permessage-deflate", .unknownExtension),
            ("sec-websocket-extensions", "permessage-deflate;;", .unknownExtension),
        ])
    func answersThatAreNone(_ name: String, _ value: String?, _ code: WebSocketHandshakeError.Code) throws {
        let client = try handshake(["a", "b"], PerMessageDeflatePolicy())
        let server = try WebSocketServerHandshake(method: "GET", headers: client.headers)
        var fields = server.headers
        if let value { try fields.set(name, value) } else { fields.remove(name) }
        let head = ExchangeResponseHead(status: 101, headers: fields)
        let error = #expect(throws: WebSocketHandshakeError.self) { try client.agreement(with: head) }
        #expect(error?.code == code)
    }

    @Test("Other details of an answer") func otherDetailsOfAnAnswer() throws {
        let client = try handshake(["a"])
        let server = try WebSocketServerHandshake(method: "GET", headers: client.headers)
        var fields = server.headers
        try fields.set("connection", "keep-alive, UPGRADE")
        try fields.set("upgrade", "WebSocket")
        #expect(try client.agreement(with: ExchangeResponseHead(status: 101, headers: fields)) == WebSocketAgreement())
        for name in ["sec-websocket-accept", "sec-websocket-protocol"] {
            var doubled = fields
            try doubled.set("sec-websocket-protocol", "a")
            try doubled.append(name, doubled[name] ?? "")
            #expect(throws: WebSocketHandshakeError.self) {
                try client.agreement(with: ExchangeResponseHead(status: 101, headers: doubled))
            }
        }
        for status in [200, 301, 401, 503] {
            let error = #expect(throws: WebSocketHandshakeError.self) {
                try client.agreement(with: ExchangeResponseHead(status: status, headers: fields))
            }
            #expect(error?.code == .notSwitched)
        }
    }

    @Test(
        "Requests that a server refuses",
        arguments: [
            ("GET", "connection", nil as String?, WebSocketHandshakeError.Code.noUpgrade, 426),
            ("GET", "upgrade", nil, .noUpgrade, 426), ("POST", "x", "y", .wrongMethod, 405),
            ("GET", "sec-websocket-version", "8", .unsupportedVersion, 426),
            ("GET", "sec-websocket-version", nil, .unsupportedVersion, 426),
            ("GET", "sec-websocket-key", nil, .invalidKey, 400),
            ("GET", "sec-websocket-key", "short", .invalidKey, 400),
            ("GET", "sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAAAA", .invalidKey, 400),
            ("GET", "sec-websocket-key", "!!!!!!!!!!!!!!!!!!!!!!==", .invalidKey, 400),
        ])
    func requestsThatAServerRefuses(
        _ method: String, _ name: String, _ value: String?, _ code: WebSocketHandshakeError.Code, _ status: Int
    ) throws {
        var fields = try handshake().headers
        if let value { try fields.set(name, value) } else { fields.remove(name) }
        let error = #expect(throws: WebSocketHandshakeError.self) {
            try WebSocketServerHandshake(method: method, headers: fields)
        }
        #expect(error?.code == code)
        #expect(error?.status == status)
    }

    @Test("Subprotocols that cannot be offered") func subprotocolsThatCannotBeOffered() {
        for names in [["a", "a"], ["a b"], [""], ["a,b"]] {
            let error = #expect(throws: WebSocketHandshakeError.self) { try handshake(names) }
            #expect(error?.code == .invalidSubprotocol)
        }
    }

    @Test(
        "URLs that have a WebSocket",
        arguments: [
            ("ws://example.org", "false example.org 80 / example.org"),
            ("WSS://Example.org:443/a?b", "true example.org 443 /a?b example.org"),
            ("ws://[::1]:8080?x=1", "false ::1 8080 /?x=1 [::1]:8080"), ("http://h:/", "false h 80 / h"),
            ("https://h:8443/p", "true h 8443 /p h:8443"),
        ])
    func urlsThatHaveAWebSocket(_ url: String, _ expected: String) throws {
        let parts = try #require(WebSocketURL(url))
        #expect("\(parts.isSecure) \(parts.host) \(parts.port) \(parts.target) \(parts.hostField)" == expected)
    }

    @Test(
        "URLs that have none",
        arguments: [
            "", "ws:", "ws://", "ftp://h", "ws://user:pass@h/", "ws://h/#a", "ws://h:0", "ws://h:65536", "ws://h:+1",
            "ws://h:80:80", "ws://[::1", "ws://[::1]x", "ws://h /", "ws://h/é", "ws://h/\r\nx: y", "//h",
            "ws:///x",
            "ws://h\\x",
        ])
    func urlsThatHaveNone(_ url: String) {
        #expect(WebSocketURL(url) == nil)
    }

    @Test("A request prints no credential") func aRequestPrintsNoCredential() {
        let request = WebSocketRequest(
            url: "wss://user:geheim@example.org/a?token=geheim", headers: ["authorization": "Bearer geheim"],
            subprotocols: ["trpc"])
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", "\(String(reflecting: request))", dumped] {
            #expect(!text.contains("geheim"))
            #expect(text.contains("example.org"))
        }
    }
}
