public import StreamCore
public import StreamTransport
public import WireProtocols

/// A model behind OpenAI's Responses API, or a server that speaks it.
///
///     let model = OpenAIResponsesModel("gpt-5", background: true, transport: transport)
///
/// How a ``ModelRequest`` is put:
/// - The conversation is sent whole and nothing is stored at the provider (`store` is false), unless the response runs in the
///   background, which it can only when it is stored. Reasoning goes back in its encrypted form.
/// - ``ReasoningEffort`` is `reasoning.effort`, with a summary of the kind that `reasoningSummary` names.
/// - ``ModelRequest/metadata`` is sent as it is, but for `user_id`, which is the `safety_identifier`. Stop sequences and seeds do
///   not exist there.
/// - ``ModelRequest/providerOptions`` replace the fields of the same name.
public struct OpenAIResponsesModel: StreamingModel {
    /// The model's name as its provider knows it.
    public let name: String
    /// `openai`, or the host of another server.
    public let provider: String
    /// What the model can do, by its name, and ``/StreamCore/ModelCapabilities/backgroundResume`` when it runs in the
    /// background.
    public let capabilities: ModelCapabilities

    private let connection: ProviderConnection
    private let encoder: OpenAIResponsesRequest

    /// A model by its name.
    ///
    /// - Parameters:
    ///   - name: The model's name, `gpt-5` for example.
    ///   - apiKey: The key; nil takes it from the environment variable `OPENAI_API_KEY`, unless the server is on loopback or not
    ///     encrypted, and `""` sends none.
    ///   - baseURL: The server's root, with or without `/v1`; nil for `https://api.openai.com`.
    ///   - background: Whether the provider goes on when the connection breaks, so that ``resume(after:)`` has something to resume.
    ///     The provider then stores the response.
    ///   - reasoningSummary: The kind of summary of the reasoning to ask for along with an effort: `auto`, `concise` or
    ///     `detailed`; nil for none. OpenAI gives summaries only to organisations that it has verified.
    ///   - transport: Carries the requests.
    ///   - timeouts: How long a response may keep silent.
    ///   - headers: Header fields sent with each request, in place of ours of the same name.
    ///   - capabilities: What the model can do, where its name does not tell.
    ///   - streaming: Whether the provider is asked to stream; if not, the events come all at once.
    public init(
        _ name: String, apiKey: String? = nil, baseURL: String? = nil, background: Bool = false,
        reasoningSummary: String? = "auto", transport: any HTTPTransport,
        timeouts: TransportTimeouts = TransportTimeouts(), headers: HeaderFields = [:],
        capabilities: ModelCapabilities? = nil, streaming: Bool = true
    ) {
        self.name = name
        connection = ProviderConnection(
            dialect: .openAIResponses, baseURL: baseURL, apiKey: apiKey,
            transport: transport, timeouts: timeouts, headers: headers)
        provider = connection.endpoint.host == "api.openai.com" ? "openai" : connection.endpoint.host
        self.capabilities =
            capabilities ?? OpenAIResponsesModel.capabilities(of: name, isBackground: background && streaming)
        encoder = OpenAIResponsesRequest(
            model: name, isStreaming: streaming, isBackground: background && streaming,
            reasoningSummary: reasoningSummary)
    }

    /// The model's answer.
    public func stream(_ request: ModelRequest) -> ModelStream {
        let (connection, encoder) = (connection, encoder)
        return connection.stream { () throws(ModelError) in
            try connection.request(
                "POST", path: "/responses", body: encoder.body(request).utf8JSON,
                accept: encoder.isStreaming ? "text/event-stream" : "application/json")
        }
    }

    /// What the provider still has of a background response after a cursor: the events that followed it, then those to come.
    ///
    /// Blocks are numbered from 0 as they appear in the resumed stream. A text that was told before the cursor is not told again.
    public func resume(after cursor: ResponseCursor) -> ModelStream {
        let connection = connection
        return connection.stream(resuming: cursor) { () throws(ModelError) in
            // An id is part of a path: one that could leave its segment is no id of the provider's.
            let isPlain = cursor.responseID.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
            guard isPlain, !cursor.responseID.isEmpty else {
                throw ModelError(
                    kind: .invalidRequest, message: "'\(cursor.responseID.prefix(100))' is no id of a response")
            }
            return try connection.request(
                "GET", path: "/responses/" + cursor.responseID,
                query: "stream=true&starting_after=\(cursor.sequenceNumber)", body: [], accept: "text/event-stream")
        }
    }

    private static func capabilities(of name: String, isBackground: Bool) -> ModelCapabilities {
        var capabilities: ModelCapabilities = [.tools, .structuredOutput]
        capabilities.insert(ModelFamily.isOpenAIReasoning(name) ? .reasoning : .logprobs)
        if isBackground { capabilities.insert(.backgroundResume) }
        return capabilities
    }
}
