public import StreamCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Everything that makes an agent what it is.
public struct AgentConfiguration: Sendable {
    /// The agent's name, for people, logs and records.
    public var name: String
    /// The model that answers.
    public var model: any StreamingModel
    /// The instructions that stand above every conversation.
    public var instructions: String?
    /// What the model may have done; of tools with the same name the last one counts.
    public var tools: [Tool]
    /// Whether and which tools are to be called in the first response; later ones are the model's to decide.
    public var toolChoice = ToolChoice.automatic
    /// How tokens are drawn.
    public var sampling = Sampling()
    /// How much the model is to think; nil leaves it to the provider.
    public var reasoningEffort: ReasoningEffort?
    /// The form that answers must have; nil for text.
    ///
    /// ``StreamingAgent/generate(_:schema:name:from:id:)`` sets it by itself.
    public var responseSchema: ResponseSchema?
    /// Fields put into the provider's request body as they are.
    public var providerOptions: JSONObject = [:]

    /// How many responses of the model a run may take; at least 1.
    public var stepLimit = 16
    /// How many bytes of text, reasoning and tool input the model may write in a run.
    public var outputLimit = 16 << 20
    /// How many calls of one response run at a time; at least 1.
    public var parallelToolLimit = 4
    /// What the model is told when a tool throws something else than a ``ToolError``; by default only that it failed, as
    /// errors hold internals.
    public var toolErrorMessage: @Sendable (any Error, ToolCall) -> String = { _, call in
        "\(call.name) failed for a reason of its own; trying it again with the same input may not help."
    }
    /// When a response that failed before it brought anything is asked for again.
    public var retry = RetryPolicy()

    /// How a model's events become chunks.
    public var chunks = ChunkOptions()
    /// How content is cut anew for the eye; nil hands it out as it comes.
    public var smoothing: Smoothing?
    /// Where runs are kept and how they recover; nil for runs that end with their process.
    public var store: RunStore?
    /// Code of the host that is called, and waited for, as a run goes on.
    public var hooks = AgentHooks()
    /// Where the agent reports what it does.
    public var instrumentation = Instrumentation.none

    /// The clock of delays and timeouts.
    public var clock: any Clock<Duration> = ContinuousClock()
    /// The source of jitter, and of the ids of runs that are given none.
    public var generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    /// What time it is, for the chunks' timestamps; nil leaves them out.
    public var wallClock: @Sendable () -> Timestamp? = AgentConfiguration.systemTime

    /// An agent's configuration; everything else has a default and can be set.
    public init(
        name: String = "agent", model: any StreamingModel, instructions: String? = nil, tools: [Tool] = []
    ) {
        self.name = name
        self.model = model
        self.instructions = instructions
        self.tools = tools
    }

    /// The system's time of day (`CLOCK_REALTIME`).
    public static let systemTime: @Sendable () -> Timestamp? = {
        var time = timespec()
        guard clock_gettime(CLOCK_REALTIME, &time) == 0 else { return nil }
        return Timestamp(millisecondsSince1970: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// The request for a conversation's next response.
    func request(
        _ messages: [Message], metadata: [String: String], isFirst: Bool, capabilities: ModelCapabilities? = nil
    ) -> ModelRequest {
        let wantsLogprobs = chunks.confidence == .logprobs || chunks.confidence == .automatic
        return ModelRequest(
            system: instructions, messages: messages, tools: tools.map(\.definition),
            toolChoice: isFirst || toolChoice == .none ? toolChoice : .automatic, sampling: sampling,
            responseSchema: responseSchema, reasoningEffort: reasoningEffort,
            wantsLogprobs: wantsLogprobs && (capabilities ?? model.capabilities).contains(.logprobs),
            metadata: metadata,
            providerOptions: providerOptions)
    }
}
