import AgentKit
import AgentKitTesting
import StreamCore
import Synchronization

/// Collects values from concurrent code.
final class Recorder<Value: Sendable>: Sendable {
    private let state = Mutex<[Value]>([])

    var values: [Value] { state.withLock { $0 } }

    func add(_ value: Value) {
        state.withLock { $0.append(value) }
    }
}

/// What a stream handed out, and how it ended.
struct Streamed {
    var chunks: [AgentChunk] = []
    var error: AgentError?

    var text: String { chunks.map(\.content).joined() }
    var payloads: [AgentChunk.Payload] { chunks.map(\.payload) }

    var finish: FinishReason? {
        if case .finish(let reason)? = chunks.last?.payload { reason } else { nil }
    }

    var usage: Usage? {
        for case .usage(let usage) in payloads { return usage }
        return nil
    }

    var results: [ToolResult] {
        payloads.compactMap { if case .toolResult(let result) = $0 { result } else { nil } }
    }
}

extension AgentStream {
    /// Reads the stream to its end.
    func read() async -> Streamed {
        var streamed = Streamed()
        do throws(AgentError) {
            for try await chunk in self { streamed.chunks.append(chunk) }
        } catch {
            streamed.error = error
        }
        return streamed
    }
}

extension ModelError {
    static let overloaded = ModelError(kind: .overloaded, message: "busy")
    static let server = ModelError(kind: .server, message: "broken")
}

struct Place: Codable, Sendable {
    var city: String
}

/// A tool that answers with the city's name and a word.
let weather = Tool(
    "weather", description: "The weather in a city.",
    inputSchema: ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]]
) { (place: Place, _: ToolContext) in "Rain in \(place.city)" }
