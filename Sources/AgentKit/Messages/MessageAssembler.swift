public import StreamCore

/// Turns the events of one model response into the assistant's turn that goes back to the model, and into what the caller
/// wants to know of the response: usage, finish reason, calls to execute.
///
/// A value without I/O. Text is kept as the model wrote it, tags of reasoning included, because prompt templates know best
/// which of it the model may see again. Reasoning and whatever only the provider understands are kept in order.
public struct MessageAssembler: Sendable {
    private struct Block {
        let number: Int
        var text = ""
        var isReasoning = false
        var isFinished = false
        var call: ToolCall?
        var result: ToolResult?
        var data: [ProviderData] = []
    }

    // Counted for every block, so that a stream of empty blocks is bounded like one of text.
    private static let blockCost = 64

    private var blocks: [Block] = []
    // The block that the last event was for: nearly always the next one's too.
    private var current = 0
    private var highest = Int.min

    /// What the provider said of the response at its start.
    public private(set) var metadata = ResponseMetadata()
    /// The response's tokens as known now; nil when the provider said nothing yet.
    public private(set) var usage: Usage?
    /// How the response ended; nil while it has not.
    public private(set) var finish: FinishReason?
    /// The bytes of text, reasoning and tool input so far, in UTF-8, and a small constant for each block.
    public private(set) var byteCount = 0
    /// Whether any answer text, reasoning or tool call came.
    public var isEmpty: Bool { blocks.isEmpty }

    /// An assembler for one response.
    public init() {}

    /// Takes note of some events, in the order in which they came.
    public mutating func append(_ events: some Sequence<ModelEvent>) {
        for event in events { append(event) }
    }

    /// Takes note of an event.
    public mutating func append(_ event: ModelEvent) {
        switch event {
        case .responseStarted(let started): metadata = started
        case .content(let number, let text): append(text, toBlock: number, isReasoning: false)
        case .reasoning(let number, let text): append(text, toBlock: number, isReasoning: true)
        case .toolInput(let number, let piece):
            count(piece.delta.utf8.count)
            _ = index(of: number)
        case .toolCall(let number, let call):
            count(call.id.utf8.count + call.name.utf8.count)
            blocks[index(of: number)].call = call
        case .toolResult(let number, let result): blocks[index(of: number)].result = result
        case .providerData(let number, let data): blocks[index(of: number)].data.append(data)
        case .blockFinished(let number): blocks[index(of: number)].isFinished = true
        case .usage(let usage): self.usage = usage
        case .finish(let reason): finish = reason
        case .citation, .logprobs, .cursor: break
        }
    }

    /// The calls that the caller is to execute: complete, and not executed by the provider; in the model's order.
    public var pendingCalls: [ToolCall] {
        blocks.compactMap { block in
            guard let call = block.call, !call.isProviderExecuted else { return nil }
            return call
        }
    }

    /// The assistant's turn so far, or nil when there is nothing to send back.
    ///
    /// While ``finish`` is nil the response is cut: its text and complete calls are kept, while reasoning whose block did not
    /// finish is left out, as providers refuse reasoning without its proof, and so are hosted calls without an answer.
    public var message: Message? {
        let answered = Set(blocks.compactMap { $0.result?.callID })
        var parts: [Message.Part] = []
        for block in blocks {
            if finish == nil, let call = block.call, call.isProviderExecuted, !answered.contains(call.id) { continue }
            append(block, to: &parts)
        }
        return parts.isEmpty ? nil : Message(role: .assistant, parts: parts)
    }

    private func append(_ block: Block, to parts: inout [Message.Part]) {
        let isWhole = finish != nil || block.isFinished
        if block.isReasoning {
            guard isWhole else { return }
            parts.append(.reasoning(block.text, block.data.last))
            return
        }
        if !block.text.isEmpty { parts.append(.text(block.text)) }
        // What only the provider understands goes beside the neutral form of it: its wire takes the one, people read the other.
        if let call = block.call { parts.append(.toolCall(call)) }
        if isWhole, let result = block.result { parts.append(.toolResult(result)) }
        if isWhole { parts += block.data.map(Message.Part.opaque) }
    }

    /// What a finished block stands for in the conversation, where its text does not say it all; nil where it does.
    func wholeParts(ofBlock number: Int) -> [Message.Part]? {
        guard let index = find(number), !blocks[index].data.isEmpty else { return nil }
        var parts: [Message.Part] = []
        append(blocks[index], to: &parts)
        return parts
    }

    private mutating func append(_ text: String, toBlock number: Int, isReasoning: Bool) {
        count(text.utf8.count)
        let index = index(of: number)
        blocks[index].text += text
        blocks[index].isReasoning = isReasoning
    }

    private mutating func count(_ bytes: Int) {
        byteCount += bytes
    }

    private mutating func index(of number: Int) -> Int {
        if current < blocks.count, blocks[current].number == number { return current }
        current = find(number) ?? blocks.count
        if current == blocks.count {
            blocks.append(Block(number: number))
            highest = max(highest, number)
            count(MessageAssembler.blockCost)
        }
        return current
    }

    // Numbers are dense and ascending in a response that keeps the contract, so that nothing is searched.
    private func find(_ number: Int) -> Int? {
        if blocks.indices.contains(number), blocks[number].number == number { return number }
        if number > highest { return nil }
        return blocks.lastIndex { $0.number == number }
    }
}
