import AgentKit
import ArgumentParser
import StreamCore

/// `agent-stream chunks`: a provider's recorded stream on standard input to one chunk per line.
struct ChunksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chunks",
        abstract: "Decode a model provider's stream on standard input to chunks.",
        discussion: """
            Writes one chunk per line in its stable JSON form, then {"end":{"finish","usage"}}. A truncated, failed or refused \
            stream ends with {"error":{"kind","retryable","message"}} and exit code 2. The output does not depend on --chunk-size.
            """)

    /// Whose wire it is.
    enum Wire: String, CaseIterable, ExpressibleByArgument {
        case anthropic
        case openAIChat = "openai-chat"
        case openAIResponses = "openai-responses"

        var dialect: ModelDialect {
            switch self {
            case .anthropic: .anthropic
            case .openAIChat: .openAIChat
            case .openAIResponses: .openAIResponses
            }
        }
    }

    @Option(help: "Whose stream it is.")
    var provider: Wire

    @Option(name: .customLong("chunk-size"), help: "Feed the decoder this many bytes at a time.")
    var chunkSize: Int?

    func validate() throws {
        if let chunkSize, chunkSize < 1 { throw ValidationError("--chunk-size must be 1 or more.") }
    }

    func run() throws {
        var input = StandardInput(chunkSize: chunkSize)
        var decoder = ModelStreamDecoder(dialect: provider.dialect)
        var output = ChunkLines()
        var events: [ModelEvent] = []
        do {
            while let chunk = try input.next() {
                defer { events.removeAll(keepingCapacity: true) }
                do {
                    try decoder.decode(chunk, into: &events)
                } catch {
                    output.write(events)
                    throw error
                }
                output.write(events)
            }
            try decoder.finish(into: &events)
            output.write(events)
            output.end()
        } catch let error as ModelError {
            output.write(events)
            output.flush()
            return try OutputLine.fail(error.failure)
        }
    }
}

/// The chunks of one response as lines, and what stands in the last line.
private struct ChunkLines {
    private var assembler = ChunkAssembler()
    private var chunks: [AgentChunk] = []
    private var line: [UInt8] = []
    private var usage = Usage.zero
    private var finish: FinishReason?

    mutating func write(_ events: [ModelEvent]) {
        for event in events {
            switch event {
            case .usage(let usage): self.usage = usage
            case .finish(let finish): self.finish = finish
            default: break
            }
        }
        assembler.append(events, at: nil, to: &chunks)
        writeChunks()
    }

    /// Writes what the assembler held back.
    mutating func flush() {
        assembler.endResponse(at: nil, to: &chunks)
        writeChunks()
    }

    mutating func end() {
        flush()
        OutputLine.write([
            "end": ["finish": finish.map { .string($0.rawValue) } ?? .null, "usage": usage.jsonValue]
        ])
    }

    private mutating func writeChunks() {
        for chunk in chunks {
            line.removeAll(keepingCapacity: true)
            chunk.write(into: &line)
            line.append(UInt8(ascii: "\n"))
            Terminal.write(line)
        }
        chunks.removeAll(keepingCapacity: true)
    }
}
