public import StreamCore

/// One event of a model's response: what every provider's wire is turned into.
///
/// Blocks are numbered from 0 in the order in which they appear in the response. The sequence is the same however the
/// bytes were cut on their way. A response that went well ends with ``finish(_:)``; everything else is thrown.
public enum ModelEvent: Sendable, Hashable {
    /// The provider began to answer.
    case responseStarted(ResponseMetadata)
    /// The next piece of the answer; never empty.
    case content(block: Int, text: String)
    /// The next piece of the reasoning; never empty.
    case reasoning(block: Int, text: String)
    /// The next piece of a tool call's input; the first announces the call and may be empty.
    case toolInput(block: Int, ToolInputDelta)
    /// A tool call is complete: its input is whole, valid JSON.
    case toolCall(block: Int, ToolCall)
    /// A tool that the provider runs itself answered.
    case toolResult(block: Int, ToolResult)
    /// A source for the text of the block.
    case citation(block: Int, Citation)
    /// What must go back to the provider with this block, unread: a signature, encrypted reasoning, a hosted tool's block.
    case providerData(block: Int, ProviderData)
    /// The log probabilities of the tokens of the block's next piece, which follows.
    case logprobs(block: Int, [TokenLogprob])
    /// Nothing more comes for the block.
    case blockFinished(block: Int)
    /// The response's tokens as known now; a later one replaces an earlier one.
    case usage(Usage)
    /// Where the provider would go on after all events so far; only from responses that can be resumed.
    case cursor(ResponseCursor)
    /// The response ended well, or was cut by its token limit.
    case finish(FinishReason)
}

/// What a provider says of a response at its start.
public struct ResponseMetadata: Sendable, Hashable {
    /// The provider's id of the response.
    public var id: String?
    /// The model that answers, which may be more exact than the one asked.
    public var model: String?

    /// Metadata from its parts.
    public init(id: String? = nil, model: String? = nil) {
        self.id = id
        self.model = model
    }
}

/// The log probability of a token that the model drew.
public struct TokenLogprob: Sendable, Hashable {
    /// The token's text.
    public var token: String
    /// The natural logarithm of its probability: 0 or less.
    public var logprob: Double

    /// A token and its log probability.
    public init(token: String, logprob: Double) {
        self.token = token
        self.logprob = logprob
    }
}
