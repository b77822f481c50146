#if Curl
    import AgentKitTesting
    import Foundation
    import Testing

    /// The server `Tests/Peers/http2_peer.py`, in a process of its own that ends with this one.
    ///
    /// It is there where `WEBSOCKETS_PYTHON` names a Python that has the package `hypercorn` too, as `Tests/run` sets it.
    final class HTTP2Peer: Sendable {
        private struct Line: Decodable {
            var port: Int
        }

        private static let python = ProcessInfo.processInfo.environment["WEBSOCKETS_PYTHON"] ?? ""
        static let trait: ConditionTrait = .enabled(
            if: !python.isEmpty && LoopbackTLS.isAvailable,
            "WEBSOCKETS_PYTHON names no Python with the package 'hypercorn', or there is no OpenSSL 3")

        private static let running = Result { try HTTP2Peer() }
        static var shared: HTTP2Peer { get throws { try running.get() } }

        let url: String
        /// The authority of its certificate, PEM.
        let authority: String
        // Kept: the process ends when its standard input does.
        private let input = Pipe()

        private init() throws {
            let tls = try LoopbackTLS()
            let folder = FileManager.default.temporaryDirectory.appending(path: "http2-peer-\(UUID())")
            defer { try? FileManager.default.removeItem(at: folder) }
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Peers/http2_peer.py")
            let process = Process()
            process.executableURL = URL(filePath: HTTP2Peer.python)
            process.arguments = [script.path]
            for (name, text) in [("certificate", tls.certificate), ("key", tls.privateKey)] {
                let file = folder.appending(path: name)
                try text.write(to: file, atomically: true, encoding: .utf8)
                process.arguments?.append(file.path)
            }
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
            authority = tls.authority
            url = "https://127.0.0.1:\(try JSONDecoder().decode(Line.self, from: line).port)"
        }
    }
#endif
