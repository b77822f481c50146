public import StreamCore

/// What an agent is asked: a conversation whose last turn waits for an answer.
public struct AgentInput: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The conversation, oldest turn first.
    public var messages: [Message]
    /// Values for the provider's own records, such as a user id; never instructions.
    public var metadata: [String: String]

    /// A conversation.
    public init(messages: [Message], metadata: [String: String] = [:]) {
        self.messages = messages
        self.metadata = metadata
    }

    /// A single question.
    public init(_ prompt: String) {
        self.init(messages: [.user(prompt)])
    }

    /// A question that goes on after what an earlier run left.
    public init(_ prompt: String, after result: AgentResult) {
        self.init(messages: result.messages + [.user(prompt)])
    }

    /// A single question.
    public init(stringLiteral prompt: String) {
        self.init(prompt)
    }
}

/// What a run of an agent came to.
public struct AgentResult: Sendable, Hashable {
    /// The run's identity.
    public var runID: String
    /// The answer: the text that the model wrote after the last results of tools, reasoning left out.
    public var text: String
    /// The whole conversation, to go on from: the input, then what the run added.
    ///
    /// Every tool call in it has a result. Text is as the model wrote it, tags of reasoning included.
    public var messages: [Message]
    /// How many of ``messages`` are the input.
    public var inputCount: Int
    /// The tokens of all responses, failed attempts included as far as the provider told.
    public var usage: Usage
    /// Why the agent stopped.
    public var finish: FinishReason
    /// How many responses of the model the run took.
    public var steps: Int

    /// A result from its parts.
    public init(
        runID: String, text: String, messages: [Message], inputCount: Int, usage: Usage, finish: FinishReason,
        steps: Int
    ) {
        self.runID = runID
        self.text = text
        self.messages = messages
        self.inputCount = inputCount
        self.usage = usage
        self.finish = finish
        self.steps = steps
    }

    /// What the run added to the conversation.
    public var newMessages: ArraySlice<Message> { messages.dropFirst(inputCount) }
}
