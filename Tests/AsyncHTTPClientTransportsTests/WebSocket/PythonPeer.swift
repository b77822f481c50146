#if AsyncHTTPClient
    import AgentKitTesting
    import Foundation
    import StreamCore
    import Testing
    import WireProtocols

    /// The server `Tests/Peers/websocket_peer.py`, in a process of its own that ends with this one.
    ///
    /// It is there where `WEBSOCKETS_PYTHON` names a Python that has the package `websockets`, as `Tests/run` sets it.
    final class PythonPeer: Sendable {
        struct Ports: Decodable {
            var plain: Int
            var fresh: Int
            var none: Int
            var tls: Int
        }

        static var python: String? {
            ProcessInfo.processInfo.environment["WEBSOCKETS_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }
        }
        static let trait: ConditionTrait = .enabled(
            if: python != nil, "WEBSOCKETS_PYTHON names no Python with the package 'websockets'")

        private static let running = Result { try PythonPeer() }
        static var shared: PythonPeer { get throws { try running.get() } }

        let ports: Ports
        /// The authority of the certificate of ``Ports/tls``, PEM.
        let authority: String?
        // Kept: the process ends when its standard input does.
        private let input: Pipe

        private init() throws {
            let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "Peers/websocket_peer.py")
            let process = Process()
            process.executableURL = URL(filePath: PythonPeer.python ?? "python3")
            process.arguments = [script.path]
            let folder = FileManager.default.temporaryDirectory.appending(path: "websocket-peer-\(UUID())")
            defer { try? FileManager.default.removeItem(at: folder) }
            if LoopbackTLS.isAvailable {
                let tls = try LoopbackTLS()
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                for (name, text) in [("certificate", tls.certificate), ("key", tls.privateKey)] {
                    let file = folder.appending(path: name)
                    try text.write(to: file, atomically: true, encoding: .utf8)
                    process.arguments?.append(file.path)
                }
                authority = tls.authority
            } else {
                authority = nil
            }
            input = Pipe()
            let output = Pipe()
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            var line = Data()
            while line.last != UInt8(ascii: "\n") {
                let more = output.fileHandleForReading.availableData
                if more.isEmpty { throw CocoaError(.fileReadUnknown) }
                line += more
            }
            ports = try JSONDecoder().decode(Ports.self, from: line)
        }

        func url(_ path: String, _ port: KeyPath<Ports, Int> = \.plain) -> String {
            "\(port == \.tls ? "wss" : "ws")://127.0.0.1:\(ports[keyPath: port])\(path)"
        }

        func request(_ path: String, _ port: KeyPath<Ports, Int> = \.plain) -> WebSocketRequest {
            WebSocketRequest(url: url(path, port))
        }
    }
#endif
