public import StreamCore

/// A block of the response under way, as the readers of the run have seen it.
public struct RunBlock: Sendable, Hashable {
    /// What a block is.
    public enum Kind: String, Sendable, Hashable {
        /// A piece of the answer.
        case content
        /// Reasoning.
        case reasoning
        /// A call of a tool: the agent's own, or one that the provider runs itself.
        case tool
    }

    /// The block's number in the run; nil for what readers never see, such as hidden reasoning.
    public internal(set) var number: Int?
    /// What the block is.
    public internal(set) var kind: Kind
    /// The text so far; of a tool's, the text of its input.
    public internal(set) var text = ""
    /// Whether nothing more is to come for it.
    public internal(set) var isFinished = false
    /// The tool's name, of a tool's call.
    public internal(set) var toolName: String?
    /// The complete call.
    public internal(set) var call: ToolCall?
    /// What a tool of the provider's answered.
    public internal(set) var result: ToolResult?
    /// The sources that were named for the text.
    public internal(set) var citations: [Citation] = []

    /// What the block stands for in the conversation, where its text does not say it all: with signatures, say.
    var wholeParts: [Message.Part]?
    /// Where the provider would send the block again from; nil where something else was open there.
    var cursorBefore: ResponseCursor?

    init(number: Int?, kind: Kind) {
        self.number = number
        self.kind = kind
    }

    /// What goes back to the model for the block; nothing for what providers would refuse: reasoning and calls that are not whole.
    var parts: [Message.Part] {
        if let wholeParts { return wholeParts }
        switch kind {
        case .content: return text.isEmpty ? [] : [.text(text)]
        case .reasoning: return isFinished ? [.reasoning(text, nil)] : []
        case .tool:
            guard let call else { return [] }
            if call.isProviderExecuted, result == nil { return [] }
            return [.toolCall(call)] + (result.map { [.toolResult($0)] } ?? [])
        }
    }
}
