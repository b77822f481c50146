public import StreamCore

/// How a model's events become chunks: what happens to reasoning, and where confidence comes from.
public struct ChunkOptions: Sendable, Hashable {
    /// What readers get of the model's reasoning.
    public enum ReasoningMode: Sendable, Hashable {
        /// Chunks of their own, as they come.
        case separate
        /// What was thought since the last piece of content is attached to the next one; reasoning that no content follows
        /// comes in a chunk of its own.
        case attached
        /// Nothing.
        case hidden
    }

    /// Where the confidence of content chunks comes from.
    public enum ConfidenceMode: Sendable, Hashable {
        /// Chunks carry none.
        case off
        /// From the tokens' log probabilities; none when the model sends none.
        case logprobs
        /// From the words of the text so far.
        case lexical
        /// From log probabilities where the model sends them, else from the words.
        case automatic
    }

    /// What readers get of the model's reasoning.
    public var reasoning: ReasoningMode
    /// The tags that mark reasoning within content; empty for a model whose content is never to be searched.
    public var reasoningTags: [ReasoningTag]
    /// Whether content begins inside reasoning, for models whose prompt template opens the tag.
    public var startsInReasoning: Bool
    /// Where the confidence of content chunks comes from.
    public var confidence: ConfidenceMode

    /// Options from their parts.
    public init(
        reasoning: ReasoningMode = .separate, reasoningTags: [ReasoningTag] = ReasoningTag.defaults,
        startsInReasoning: Bool = false, confidence: ConfidenceMode = .automatic
    ) {
        self.reasoning = reasoning
        self.reasoningTags = reasoningTags
        self.startsInReasoning = startsInReasoning
        self.confidence = confidence
    }
}
