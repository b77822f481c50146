/// One piece of what an agent does: the unit that is streamed, logged and shown.
///
/// Blocks keep interleaved output apart: every piece of one answer text, of one stretch of reasoning or of one tool call
/// carries the same ``block`` number, counted from 0 in the order of appearance within a run.
///
/// The JSON form is one flat object, documented field by field in the article on wire formats and stable: browsers see it.
public struct AgentChunk: Sendable, Hashable {
    /// What a chunk holds; cases may be added before version 1.
    public enum Payload: Sendable, Hashable {
        /// The next piece of the answer.
        case content(String)
        /// The next piece of the model's reasoning.
        case reasoning(String)
        /// The next piece of a tool call's input.
        case toolInput(ToolInputDelta)
        /// A tool call is complete.
        case toolCall(ToolCall)
        /// A tool answered.
        case toolResult(ToolResult)
        /// A source for the text of the same block.
        case citation(Citation)
        /// Tokens used: by one model response in a model's stream, by the run so far in an agent's.
        case usage(Usage)
        /// The answer broke, and goes on from here.
        case seam(SeamNotice)
        /// The run ended well.
        case finish(FinishReason)
        /// The run failed; nothing follows.
        case error(Failure)
    }

    /// What the chunk holds.
    public var payload: Payload
    /// The block that the chunk belongs to; nil for usage, seams, finish and error.
    public var block: Int?
    /// How sure the model seems of the text so far, and where the figure comes from.
    public var confidence: Confidence?
    /// The reasoning that led to this piece of content, when the agent is configured to attach it; only content has any.
    public var attachedReasoning: String?
    /// When the chunk came to be; nil where nobody knows (bytes decoded from a file).
    public var timestamp: Timestamp?

    /// A chunk from its parts.
    public init(
        _ payload: Payload, block: Int? = nil, confidence: Confidence? = nil, attachedReasoning: String? = nil,
        timestamp: Timestamp? = nil
    ) {
        self.payload = payload
        self.block = block
        self.confidence = confidence
        self.attachedReasoning = attachedReasoning
        self.timestamp = timestamp
    }

    /// The answer text of this chunk; empty when it holds something else, so that joining all gives the answer.
    public var content: String {
        if case .content(let text) = payload { text } else { "" }
    }

    /// The reasoning of this chunk: its own text in a reasoning chunk, else what is attached.
    public var reasoning: String? {
        if case .reasoning(let text) = payload { text } else { attachedReasoning }
    }
}
