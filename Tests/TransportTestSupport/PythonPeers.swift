import AgentKitTesting
import Foundation

/// The clients and servers of another language in `Tests/Peers`.
///
/// `WEBSOCKETS_PYTHON` names the Python that has their packages, `websockets` and `hypercorn`; `Tests/run` sets it.
package enum PythonPeers {
    /// The Python; nil where none is named.
    package static let python = ProcessInfo.processInfo.environment["WEBSOCKETS_PYTHON"].flatMap {
        $0.isEmpty ? nil : $0
    }

    /// The path of a script in `Tests/Peers`.
    package static func script(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Peers/\(name)").path
    }
}

/// A server of `Tests/Peers`, in a process of its own that ends with this one.
package final class PythonServer<Ports: Decodable & Sendable>: Sendable {
    /// Where it listens: the line of JSON that it begins with.
    package let ports: Ports
    /// The authority of its certificate, PEM; nil where there is no OpenSSL 3, and the server was given none.
    package let authority: String?
    // Kept: the process ends when its standard input does.
    private let input = Pipe()

    /// Starts the server, and waits until it listens.
    ///
    /// - Parameter name: Its script's.
    package init(script name: String) throws {
        guard let python = PythonPeers.python else { throw CocoaError(.executableNotLoadable) }
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [PythonPeers.script(name)]
        let folder = FileManager.default.temporaryDirectory.appending(path: "python-peer-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let tls = LoopbackTLS.isAvailable ? try LoopbackTLS() : nil
        authority = tls?.authority
        if let tls {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for (name, text) in [("certificate", tls.certificate), ("key", tls.privateKey)] {
                let file = folder.appending(path: name)
                try text.write(to: file, atomically: true, encoding: .utf8)
                process.arguments?.append(file.path)
            }
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
        ports = try JSONDecoder().decode(Ports.self, from: line)
    }
}
