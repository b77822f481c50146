import AgentKitTesting
import Foundation
import StreamCore
import WireProtocols

/// The server of the transports' suite: this program again, in a process of its own, so that its time is not the clients'.
///
/// It ends when its parent does, as its standard input ends then.
enum BenchmarkServer {
    static let chunkSize = 200

    /// The root's URL; the server starts with the first use.
    static let url: String = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).absoluteURL
        if let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            process.executableURL = URL(fileURLWithPath: own)
        }
        process.arguments = ["--serve"]
        let output = Pipe()
        process.standardInput = Pipe()
        process.standardOutput = output
        do { try process.run() } catch { fatalError("the server does not start: \(error)") }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        server = process
        return line.trimmingCharacters(in: .whitespacesAndNewlines)
    }()

    // Written once, within the initialiser of `url`, which runs once; it only keeps the process's pipes open.
    private nonisolated(unsafe) static var server: Process?

    /// Serves until the standard input ends.
    static func serve() async {
        do {
            try await withLoopbackServer { request in
                let parts = request.path.split(separator: "/")
                let count = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
                return switch parts.first {
                case "body":
                    LoopbackResponse([.head(200, field("content-length", "\(count)")), .pattern(count)])
                case "chunks":
                    LoopbackResponse([
                        .head(200, field("transfer-encoding", "chunked")),
                        .pattern(count * chunkSize, chunkSize: chunkSize), .lastChunk,
                    ])
                default:
                    LoopbackResponse([
                        .head(200, ["content-length": "5", "connection": "close"]), .text("first"), .close,
                    ])
                }
            } body: { server in
                FileHandle.standardOutput.write(Data("\(server.url)\n".utf8))
                // The thread that waits is the main one, which has nothing else to do.
                while !FileHandle.standardInput.availableData.isEmpty {}
            }
        } catch {
            fatalError("the server fails: \(error)")
        }
    }

    private static func field(_ name: String, _ value: String) -> HeaderFields {
        (try? HeaderFields([(name, value)])) ?? [:]
    }
}
