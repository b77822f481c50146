import AgentKitTesting

/// The server `Tests/Peers/http2_peer.py`.
package struct HTTP2Peer: Sendable {
    private struct Ports: Decodable, Sendable {
        var port: Int
    }

    /// Whether it can be here: it needs Python with the package `hypercorn`, and a certificate.
    package static let isAvailable = PythonPeers.python != nil && LoopbackTLS.isAvailable

    private static let running = Result { try HTTP2Peer() }
    /// The one that all tests of the process share.
    package static var shared: HTTP2Peer { get throws { try running.get() } }

    /// Its root, without a slash at its end.
    package let url: String
    /// The authority of its certificate, PEM.
    package let authority: String
    private let server: PythonServer<Ports>

    private init() throws {
        server = try PythonServer(script: "http2_peer.py")
        authority = server.authority ?? ""
        url = "https://127.0.0.1:\(server.ports.port)"
    }
}
