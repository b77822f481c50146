import StreamCore

/// What a run has come to so far.
struct RunRecord: Sendable {
    let id: String
    let inputCount: Int
    var messages: [Message]
    var metadata: [String: String]
    var usage = Usage.zero
    var steps = 0
    // Content since the last results of tools.
    var text = ""
    var byteCount = 0
    // Calls of the last turn that no result stands for yet.
    private(set) var openCalls: [ToolCall] = []

    init(id: String, input: AgentInput) {
        self.id = id
        inputCount = input.messages.count
        messages = input.messages
        metadata = input.metadata
    }

    /// What a logged run has come to.
    init(_ start: RunStart, _ fold: RunFold) {
        self.init(id: start.runID, input: start.input)
        messages += fold.messages
        usage = fold.usage
        steps = fold.steps
        text = fold.text
        byteCount = fold.byteCount
        openCalls = fold.calls.map(\.call)
        // A response that broke is told as far as it came.
        if let message = Message(assistant: fold.parts) { messages.append(message) }
    }

    /// Takes a response's turn into the conversation.
    mutating func add(_ assembler: MessageAssembler, text: String) {
        if let message = assembler.message { messages.append(message) }
        openCalls = assembler.pendingCalls
        usage += assembler.usage ?? .zero
        byteCount += assembler.byteCount
        self.text += text
    }

    /// Takes the results of the last turn's calls into the conversation, in the calls' order; calls that have none are
    /// answered by what `reason` says, since providers refuse a conversation that leaves one open.
    mutating func answer(_ results: [ToolResult?], orElse reason: String) {
        guard !openCalls.isEmpty else { return }
        let parts = openCalls.indices.map { index -> Message.Part in
            if index < results.count, let result = results[index] { return .toolResult(result) }
            let call = openCalls[index]
            return .toolResult(
                ToolResult(callID: call.id, toolName: call.name, output: .string(reason), isError: true))
        }
        messages.append(Message(role: .tool, parts: parts))
        openCalls = []
    }

    /// The record as a result.
    func result(_ finish: FinishReason) -> AgentResult {
        AgentResult(
            runID: id, text: text, messages: messages, inputCount: inputCount, usage: usage, finish: finish,
            steps: steps)
    }
}
