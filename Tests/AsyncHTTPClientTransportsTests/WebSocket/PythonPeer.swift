#if AsyncHTTPClient
    import Testing
    import TransportTestSupport
    import WireProtocols

    /// The server `Tests/Peers/websocket_peer.py`.
    struct PythonPeer: Sendable {
        struct Ports: Decodable, Sendable {
            var plain: Int
            var fresh: Int
            var none: Int
            var tls: Int
        }

        static let trait: ConditionTrait = .enabled(
            if: PythonPeers.python != nil, "WEBSOCKETS_PYTHON names no Python with the package 'websockets'")

        private static let running = Result { try PythonPeer() }
        static var shared: PythonPeer { get throws { try running.get() } }

        private let server: PythonServer<Ports>
        var ports: Ports { server.ports }
        /// The authority of the certificate of ``Ports/tls``, PEM.
        var authority: String? { server.authority }

        private init() throws {
            server = try PythonServer(script: "websocket_peer.py")
        }

        func url(_ path: String, _ port: KeyPath<Ports, Int> = \.plain) -> String {
            "\(port == \.tls ? "wss" : "ws")://127.0.0.1:\(ports[keyPath: port])\(path)"
        }

        func request(_ path: String, _ port: KeyPath<Ports, Int> = \.plain) -> WebSocketRequest {
            WebSocketRequest(url: url(path, port))
        }
    }
#endif
