public import StreamCore
public import StreamTransport
public import WireProtocols

/// A model behind OpenAI's Chat Completions API, or a server compatible with it: vLLM, llama.cpp, Ollama, DeepSeek, Groq,
/// OpenRouter, Mistral and many more.
///
///     let model = OpenAIChatModel("llama3.3", baseURL: "http://127.0.0.1:11434", transport: transport)
///
/// How a ``ModelRequest`` is put:
/// - The limit of tokens is `max_completion_tokens` at OpenAI and Azure, `max_tokens` elsewhere.
/// - ``ReasoningEffort`` is `reasoning_effort`; reasoning that the model wrote earlier goes back only in a field named by
///   `reasoningField`, as some servers refuse it and others need it. OpenRouter's `reasoning_details` always go back.
/// - Of ``ModelRequest/metadata`` only `user_id` is sent, as `user`.
/// - Usage is asked for with `stream_options`.
/// - ``ModelRequest/providerOptions`` replace the fields of the same name.
public struct OpenAIChatModel: StreamingModel {
    /// The model's name as its provider knows it.
    public let name: String
    /// `openai`, or the host of another server.
    public let provider: String
    /// What the model can do, as far as its name and host tell; little is expected of hosts that are not known.
    public let capabilities: ModelCapabilities

    private let connection: ProviderConnection
    private let encoder: OpenAIChatRequest

    /// A model by its name.
    ///
    /// - Parameters:
    ///   - name: The model's name as the server knows it.
    ///   - apiKey: The key; nil takes it from the environment variable `OPENAI_API_KEY`, unless the server is on loopback or not
    ///     encrypted, and `""` sends none.
    ///   - baseURL: The server's root, with or without `/v1` (`https://openrouter.ai/api/v1`, `http://127.0.0.1:8080`); nil for
    ///     `https://api.openai.com`.
    ///   - transport: Carries the requests.
    ///   - timeouts: How long a response may keep silent.
    ///   - headers: Header fields sent with each request, in place of ours of the same name.
    ///   - capabilities: What the model can do, where its name does not tell.
    ///   - streaming: Whether the provider is asked to stream; if not, the events come all at once.
    ///   - reasoningField: The field of the assistant's messages in which earlier reasoning goes back, `reasoning_content` for
    ///     example; nil leaves it out.
    public init(
        _ name: String, apiKey: String? = nil, baseURL: String? = nil,
        transport: any HTTPTransport, timeouts: TransportTimeouts = TransportTimeouts(), headers: HeaderFields = [:],
        capabilities: ModelCapabilities? = nil, streaming: Bool = true, reasoningField: String? = nil
    ) {
        self.name = name
        connection = ProviderConnection(
            dialect: .openAIChat, baseURL: baseURL, apiKey: apiKey,
            transport: transport, timeouts: timeouts, headers: headers)
        let host = connection.endpoint.host
        let isOpenAI = host == "api.openai.com" || host.hasSuffix(".openai.azure.com")
        provider = host == "api.openai.com" ? "openai" : host
        self.capabilities = capabilities ?? OpenAIChatModel.capabilities(of: name, isOpenAI: isOpenAI)
        encoder = OpenAIChatRequest(
            model: name, isOpenAI: isOpenAI, isStreaming: streaming, reasoningField: reasoningField)
    }

    /// The model's answer.
    public func stream(_ request: ModelRequest) -> ModelStream {
        let (connection, encoder) = (connection, encoder)
        return connection.stream { () throws(ModelError) in
            try connection.request(
                "POST", path: "/chat/completions", body: encoder.body(request).utf8JSON,
                accept: encoder.isStreaming ? "text/event-stream" : "application/json")
        }
    }

    private static func capabilities(of name: String, isOpenAI: Bool) -> ModelCapabilities {
        var capabilities: ModelCapabilities = .tools
        if isOpenAI {
            capabilities.insert(.structuredOutput)
            if !ModelFamily.isOpenAIReasoning(name) { capabilities.insert(.logprobs) }
        } else if ModelFamily.isOpenReasoning(name) {
            capabilities.insert(.reasoning)
        }
        return capabilities
    }
}
