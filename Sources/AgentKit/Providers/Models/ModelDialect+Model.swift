public import StreamCore
public import StreamTransport
public import WireProtocols

extension ModelDialect {
    /// A model that speaks this dialect, for programs whose settings say which: its raw value is a name for command lines and files.
    ///
    ///     guard let dialect = ModelDialect(rawValue: settings.provider) else { throw UnknownProvider(settings.provider) }
    ///     let model = dialect.model(settings.model, baseURL: settings.baseURL, transport: transport)
    ///
    /// It is an ``AnthropicModel``, an ``OpenAIChatModel`` or an ``OpenAIResponsesModel``, whose own initializers have what only one of them knows
    /// (background responses, the field of earlier reasoning).
    ///
    /// - Parameters:
    ///   - name: The model's name as the provider knows it.
    ///   - apiKey: The key; nil takes it from the environment variable `ANTHROPIC_API_KEY` or `OPENAI_API_KEY`, unless the server is on
    ///     loopback or not encrypted, and `""` sends none.
    ///   - baseURL: The server's root, with or without `/v1`; nil for that of the dialect's maker, Anthropic or OpenAI.
    ///   - transport: Carries the requests.
    ///   - timeouts: How long a response may keep silent.
    ///   - headers: Header fields sent with each request, in place of ours of the same name.
    ///   - capabilities: What the model can do, where its name does not tell.
    ///   - streaming: Whether the provider is asked to stream; if not, the events come all at once.
    public func model(
        _ name: String, apiKey: String? = nil, baseURL: String? = nil, transport: any HTTPTransport,
        timeouts: TransportTimeouts = TransportTimeouts(), headers: HeaderFields = [:],
        capabilities: ModelCapabilities? = nil, streaming: Bool = true
    ) -> any StreamingModel {
        switch self {
        case .anthropic:
            AnthropicModel(
                name, apiKey: apiKey, baseURL: baseURL, transport: transport, timeouts: timeouts, headers: headers,
                capabilities: capabilities, streaming: streaming)
        case .openAIChat:
            OpenAIChatModel(
                name, apiKey: apiKey, baseURL: baseURL, transport: transport, timeouts: timeouts, headers: headers,
                capabilities: capabilities, streaming: streaming)
        case .openAIResponses:
            OpenAIResponsesModel(
                name, apiKey: apiKey, baseURL: baseURL, transport: transport, timeouts: timeouts, headers: headers,
                capabilities: capabilities, streaming: streaming)
        }
    }
}
