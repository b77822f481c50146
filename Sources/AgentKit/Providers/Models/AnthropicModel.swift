public import StreamCore
public import StreamTransport
public import WireProtocols

/// A model behind Anthropic's Messages API, or a server that speaks it.
///
///     let model = AnthropicModel("claude-sonnet-4-5", transport: transport)
///
/// How a ``ModelRequest`` is put:
/// - `max_tokens`, which the API demands, is ``Sampling/maxOutputTokens``, else 16,384 (4,096 for the first Claude 3 models and
///   8,192 for Claude 3.5, which allow no more).
/// - ``ReasoningEffort`` becomes adaptive thinking with an effort from Claude 4.6 on, and before that a budget of 1,024 (minimal),
///   2,048 (low), 8,192 (medium), 16,384 (high) or 32,768 tokens, which comes on top of the default limit and takes at most three
///   quarters of one that the request names. With thinking, `temperature` and `top_p` are left out: the API takes none.
/// - A strict ``ResponseSchema`` is enforced by `output_config.format` from Claude 4.5 on, else told to the model.
/// - Of ``ModelRequest/metadata`` only `user_id` exists there. Seeds and log probabilities do not.
/// - An answer to be continued (a last message of the assistant's) goes without the white space at its end, which the API refuses.
/// - ``ModelRequest/providerOptions`` replace the fields of the same name.
public struct AnthropicModel: StreamingModel {
    /// The model's name as its provider knows it.
    public let name: String
    /// `anthropic`, or the host of another server.
    public let provider: String
    /// What the model can do, by its name.
    public let capabilities: ModelCapabilities

    private let connection: ProviderConnection
    private let isStreaming: Bool

    /// A model by its name.
    ///
    /// - Parameters:
    ///   - name: The model's name, `claude-opus-4-6` for example.
    ///   - apiKey: The key; nil takes it from the environment variable `ANTHROPIC_API_KEY`, unless the server is on loopback or not
    ///     encrypted, and `""` sends none.
    ///   - baseURL: The server's root, with or without `/v1`; nil for `https://api.anthropic.com`.
    ///   - transport: Carries the requests.
    ///   - timeouts: How long a response may keep silent.
    ///   - headers: Header fields sent with each request, in place of ours of the same name (`anthropic-beta` for example).
    ///   - capabilities: What the model can do, where its name does not tell.
    ///   - streaming: Whether the provider is asked to stream; if not, the events come all at once.
    public init(
        _ name: String, apiKey: String? = nil, baseURL: String? = nil,
        transport: any HTTPTransport, timeouts: TransportTimeouts = TransportTimeouts(), headers: HeaderFields = [:],
        capabilities: ModelCapabilities? = nil, streaming: Bool = true
    ) {
        self.name = name
        connection = ProviderConnection(
            dialect: .anthropic, baseURL: baseURL, apiKey: apiKey,
            transport: transport, timeouts: timeouts, headers: headers)
        provider = connection.endpoint.host == "api.anthropic.com" ? "anthropic" : connection.endpoint.host
        self.capabilities = capabilities ?? AnthropicModel.capabilities(of: name)
        isStreaming = streaming
    }

    /// The model's answer.
    public func stream(_ request: ModelRequest) -> ModelStream {
        let encoder = AnthropicRequest(
            model: name, capabilities: capabilities, isStreaming: isStreaming,
            defaultMaxTokens: AnthropicModel.defaultMaxTokens(of: name))
        let (connection, isStreaming) = (connection, isStreaming)
        return connection.stream { () throws(ModelError) in
            try connection.request(
                "POST", path: "/messages", body: encoder.body(request).utf8JSON,
                accept: isStreaming ? "text/event-stream" : "application/json")
        }
    }

    /// Prefill is refused from Claude 4.6 on; of a model that is not known, only tools are expected.
    private static func capabilities(of name: String) -> ModelCapabilities {
        guard ModelFamily.isClaude(name) else { return .tools }
        guard let version = ModelFamily.claudeVersion(name) else { return [.tools, .reasoning, .structuredOutput] }
        var capabilities: ModelCapabilities = .tools
        if version < (4, 6) { capabilities.insert(.prefill) }
        if version >= (3, 7) { capabilities.insert(.reasoning) }
        if version >= (4, 5) { capabilities.insert(.structuredOutput) }
        return capabilities
    }

    private static func defaultMaxTokens(of name: String) -> Int {
        guard let version = ModelFamily.claudeVersion(name) else { return 16_384 }
        if version < (3, 5) { return 4_096 }
        return version < (3, 7) ? 8_192 : 16_384
    }
}
