import AgentKitTesting
import Testing

@Suite("Loopback server over TLS")
struct LoopbackTLSTests {
    @Test("Certificates are PEM, those of one authority differ", .enabled(if: LoopbackTLS.isAvailable))
    func certificates() throws {
        let one = try LoopbackTLS()
        let other = try one.sibling(names: ["a.test", "10.0.0.1"], lifetime: .seconds(-1))
        #expect(one.authority == other.authority)
        #expect(one.certificate != other.certificate)
        #expect(one.privateKey != other.privateKey)
        #expect(try LoopbackTLS().authority != one.authority)
        for text in [one.authority, one.certificate] {
            #expect(text.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
            #expect(text.hasSuffix("-----END CERTIFICATE-----\n"))
        }
        #expect(one.privateKey.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    }

    @Test("A name that no certificate can hold is an error", .enabled(if: LoopbackTLS.isAvailable))
    func names() {
        #expect(throws: LoopbackTLS.Failure.self) { try LoopbackTLS(names: ["1.2.3.4.5"]) }
        #expect(throws: LoopbackTLS.Failure.self) { try LoopbackTLS(names: []) }
    }

    @Test("What is no TLS ends the connection", .enabled(if: LoopbackTLS.isAvailable))
    func nonsense() async throws {
        try await withLoopbackServer(over: try LoopbackTLS()) { _ in
            .text("never")
        } body: { server in
            #expect(server.url == "https://127.0.0.1:\(server.port)")
            let client = try RawClient(server)
            client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(!client.read().contains("never"))
            #expect(server.exchanges.isEmpty)
        }
    }
}
