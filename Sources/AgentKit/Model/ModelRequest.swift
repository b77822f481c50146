public import StreamCore

/// Everything that a model is asked in one response, in no provider's words.
public struct ModelRequest: Sendable, Hashable {
    /// The instructions that stand above the conversation.
    public var system: String?
    /// The conversation, oldest turn first.
    public var messages: [Message]
    /// The tools that the model may call.
    public var tools: [ToolDefinition]
    /// Whether and which tools are to be called.
    public var toolChoice: ToolChoice
    /// How tokens are drawn, and how many.
    public var sampling: Sampling
    /// The form that the answer must have.
    public var responseSchema: ResponseSchema?
    /// How much the model is to think before it answers; nil leaves it to the provider.
    public var reasoningEffort: ReasoningEffort?
    /// Whether log probabilities of the answer's tokens are wanted, where the model has them.
    public var wantsLogprobs: Bool
    /// Values for the provider's own records, such as a user id; never instructions.
    public var metadata: [String: String]
    /// Fields put into the provider's request body as they are, over what this library writes there.
    public var providerOptions: JSONObject

    /// A request from its parts.
    public init(
        system: String? = nil, messages: [Message], tools: [ToolDefinition] = [], toolChoice: ToolChoice = .automatic,
        sampling: Sampling = Sampling(), responseSchema: ResponseSchema? = nil,
        reasoningEffort: ReasoningEffort? = nil, wantsLogprobs: Bool = false, metadata: [String: String] = [:],
        providerOptions: JSONObject = [:]
    ) {
        self.system = system
        self.messages = messages
        self.tools = tools
        self.toolChoice = toolChoice
        self.sampling = sampling
        self.responseSchema = responseSchema
        self.reasoningEffort = reasoningEffort
        self.wantsLogprobs = wantsLogprobs
        self.metadata = metadata
        self.providerOptions = providerOptions
    }
}

/// How tokens are drawn; nil leaves a setting to the provider.
public struct Sampling: Sendable, Hashable {
    /// 0 is the likeliest token always; providers allow up to 1 or 2.
    public var temperature: Double?
    /// Draw from the likeliest tokens whose probabilities add up to this, 0 … 1.
    public var topP: Double?
    /// The most tokens that the answer may have, reasoning included.
    public var maxOutputTokens: Int?
    /// Texts at which the model stops; they are not part of the answer.
    public var stopSequences: [String]
    /// Makes draws repeatable where the provider can.
    public var seed: Int?

    /// Settings from their parts.
    public init(
        temperature: Double? = nil, topP: Double? = nil, maxOutputTokens: Int? = nil, stopSequences: [String] = [],
        seed: Int? = nil
    ) {
        self.temperature = temperature
        self.topP = topP
        self.maxOutputTokens = maxOutputTokens
        self.stopSequences = stopSequences
        self.seed = seed
    }
}

/// What a model knows of a tool.
public struct ToolDefinition: Sendable, Hashable {
    /// The name by which the model calls it: letters, digits, `_` and `-`, at most 64 (the rule of both large providers).
    public var name: String
    /// What it does and when to use it, for the model.
    public var description: String
    /// The JSON Schema of its input, an object's.
    public var inputSchema: JSONValue

    /// A tool's description.
    public init(name: String, description: String, inputSchema: JSONValue) {
        self.name = name
        self.description = description
        self.inputSchema = inputSchema
    }
}

/// Whether and which tools a model is to call.
public enum ToolChoice: Sendable, Hashable {
    /// The model decides.
    case automatic
    /// The model calls at least one tool.
    case required
    /// The model calls none.
    case none
    /// The model calls this tool.
    case tool(String)
}

/// The form that an answer must have.
public struct ResponseSchema: Sendable, Hashable {
    /// A name for the form: letters, digits, `_` and `-`.
    public var name: String
    /// The JSON Schema.
    public var schema: JSONValue
    /// Whether the provider must enforce it, where it can.
    public var isStrict: Bool

    /// A form from its parts.
    public init(name: String, schema: JSONValue, isStrict: Bool = true) {
        self.name = name
        self.schema = schema
        self.isStrict = isStrict
    }
}

/// How much a model is to think before it answers.
public struct ReasoningEffort: RawRepresentable, Sendable, Hashable {
    /// The word for it, as OpenAI's `reasoning_effort` has it.
    public let rawValue: String

    /// An effort from its word.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Not at all.
    public static let none = ReasoningEffort(rawValue: "none")
    /// Hardly.
    public static let minimal = ReasoningEffort(rawValue: "minimal")
    /// A little.
    public static let low = ReasoningEffort(rawValue: "low")
    /// Moderately.
    public static let medium = ReasoningEffort(rawValue: "medium")
    /// Much.
    public static let high = ReasoningEffort(rawValue: "high")
}
