internal import StreamCore

/// Writes a ``ModelRequest`` as the body of a Chat Completions request.
///
/// Source: OpenAI's API reference, "Create chat completion", and the documentation of vLLM, llama.cpp, DeepSeek, Mistral and
/// OpenRouter where they differ.
struct OpenAIChatRequest {
    let model: String
    /// Whether the server is OpenAI's own (or Azure's), which has given some fields new names.
    let isOpenAI: Bool
    let isStreaming: Bool
    /// The field in which the model's earlier reasoning goes back; nil leaves it out.
    let reasoningField: String?

    func body(_ request: ModelRequest) -> JSONObject {
        var body: JSONObject = ["model": .string(model), "messages": .array(messages(request))]
        if isStreaming {
            body["stream"] = true
            body["stream_options"] = ["include_usage": true]
        }
        if !request.tools.isEmpty {
            body["tools"] = .array(
                request.tools.map {
                    [
                        "type": "function",
                        "function": [
                            "name": .string($0.name), "description": .string($0.description),
                            "parameters": $0.inputSchema,
                        ],
                    ]
                })
            body.set("tool_choice", toolChoice(request.toolChoice))
        }
        let sampling = request.sampling
        body.set("temperature", JSONValue(sampling.temperature))
        body.set("top_p", JSONValue(sampling.topP))
        // OpenAI's newer models refuse the old name, other servers do not all know the new one.
        body.set(isOpenAI ? "max_completion_tokens" : "max_tokens", JSONValue(sampling.maxOutputTokens))
        if !sampling.stopSequences.isEmpty { body["stop"] = .array(sampling.stopSequences.map { .string($0) }) }
        body.set("seed", JSONValue(sampling.seed))
        if let schema = request.responseSchema {
            body["response_format"] = [
                "type": "json_schema",
                "json_schema": [
                    "name": .string(schema.name), "schema": schema.schema, "strict": .bool(schema.isStrict),
                ],
            ]
        }
        body.set("reasoning_effort", request.reasoningEffort.map { .string($0.rawValue) })
        if request.wantsLogprobs { body["logprobs"] = true }
        // Other metadata is refused unless the response is stored.
        body.set("user", request.metadata["user_id"].map { .string($0) })
        body.merge(request.providerOptions)
        return body
    }

    private func toolChoice(_ choice: ToolChoice) -> JSONValue? {
        switch choice {
        case .automatic: nil
        case .required: "required"
        case .none: "none"
        case .tool(let name): ["type": "function", "function": ["name": .string(name)]]
        }
    }

    // MARK: Messages

    private func messages(_ request: ModelRequest) -> [JSONValue] {
        var messages: [JSONValue] = []
        if let system = request.system, !system.isEmpty {
            messages.append(["role": "system", "content": .string(system)])
        }
        for message in request.messages {
            switch message.role {
            case .assistant: messages += assistant(message)
            case .user, .tool:
                for case .toolResult(let result) in message.parts {
                    messages.append([
                        "role": "tool", "tool_call_id": .string(result.callID),
                        "content": .string(result.output.asToolText),
                    ])
                }
                if let content = userContent(message) { messages.append(["role": "user", "content": content]) }
            }
        }
        return messages
    }

    private func userContent(_ message: Message) -> JSONValue? {
        let hasImage = message.parts.contains { if case .image = $0 { true } else { false } }
        // Plain text goes as a string: not every server knows lists of parts.
        guard hasImage else {
            let text = message.text
            return text.isEmpty && message.role == .tool ? nil : .string(text)
        }
        return .array(
            message.parts.compactMap { part in
                switch part {
                case .text(let text): ["type": "text", "text": .string(text)]
                case .image(let source): ["type": "image_url", "image_url": ["url": .string(source.dataURL)]]
                default: nil
                }
            })
    }

    private func assistant(_ message: Message) -> [JSONValue] {
        var fields: JSONObject = ["role": "assistant", "content": .null]
        let text = message.text
        if !text.isEmpty { fields["content"] = .string(text) }
        var calls: [JSONValue] = []
        var reasoning = ""
        for part in message.parts {
            switch part {
            case .toolCall(let call) where !call.isProviderExecuted:
                calls.append([
                    "id": .string(call.id), "type": "function",
                    "function": ["name": .string(call.name), "arguments": .string(call.input.jsonString)],
                ])
            case .reasoning(let text, let data):
                reasoning += text
                append(data?.value(for: .openAIChat), to: &fields)
            case .opaque(let data): append(data.value(for: .openAIChat), to: &fields)
            default: break
            }
        }
        if !calls.isEmpty { fields["tool_calls"] = .array(calls) }
        if let reasoningField, !reasoning.isEmpty { fields[reasoningField] = .string(reasoning) }
        // A turn of nothing but reasoning that stays here is no turn.
        return calls.isEmpty && text.isEmpty && fields.count == 2 ? [] : [.object(fields)]
    }

    /// Puts a provider's own fields into a message; lists of several blocks are joined.
    private func append(_ value: JSONValue?, to fields: inout JSONObject) {
        guard let object = value?.objectValue else { return }
        for (key, value) in object {
            if let more = value.arrayValue, let earlier = fields[key]?.arrayValue {
                fields[key] = .array(earlier + more)
            } else {
                fields[key] = value
            }
        }
    }
}
