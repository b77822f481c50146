import StreamCore

/// What `run` shows: the answer as it is written, or one chunk per line.
struct RunScreen {
    private let showsReasoning: Bool
    private let isJSON: Bool
    private var status: StatusLine
    private var line: [UInt8] = []
    private var lastBlock: Int?
    private var isAtLineStart = true

    init(showsReasoning: Bool, isJSON: Bool) {
        self.showsReasoning = showsReasoning
        self.isJSON = isJSON
        status = StatusLine(isWanted: !isJSON)
    }

    mutating func open() {
        status.open()
    }

    /// Shows a chunk, and how the run is doing.
    mutating func show(_ chunk: AgentChunk, status line: @autoclosure () -> String, now: ContinuousClock.Instant) {
        if isJSON { return writeJSON(chunk) }
        switch chunk.payload {
        case .content(let text): write(text, block: chunk.block)
        case .reasoning(let text): if showsReasoning { write(text, block: chunk.block, style: Terminal.dim) }
        case .toolCall(let call): write("→ \(call.name) \(call.input.jsonString)", block: nil, style: Terminal.dim)
        case .toolResult(let result):
            write("← \(result.toolName) \(result.output.jsonString)", block: nil, style: Terminal.dim)
        case .citation(let citation):
            if let source = citation.url ?? citation.title {
                write(" [\(source)]", block: chunk.block, style: Terminal.dim)
            }
        case .seam(let seam):
            let what = seam.droppedBlocks.isEmpty ? "goes on" : seam.isRestart ? "starts anew" : "goes on from before"
            write("⟲ the answer broke and \(what)", block: nil, style: Terminal.dim)
        case .toolInput, .usage, .finish, .error: break
        }
        status.show(line(), now: now)
    }

    /// Ends the answer's last line and says how the run did, when there is something to say.
    mutating func close(summary: String?) {
        if isJSON { return }
        if !isAtLineStart { Terminal.write("\n") }
        status.close()
        if let summary { Terminal.note(Terminal.dim(summary)) }
    }

    private mutating func write(_ text: String, block: Int?, style: (String) -> String = { $0 }) {
        if block == nil || block != lastBlock, !isAtLineStart { Terminal.write("\n") }
        lastBlock = block
        Terminal.write(style(text))
        isAtLineStart = text.hasSuffix("\n")
    }

    private mutating func writeJSON(_ chunk: AgentChunk) {
        line.removeAll(keepingCapacity: true)
        chunk.write(into: &line)
        line.append(UInt8(ascii: "\n"))
        Terminal.write(line)
    }
}
