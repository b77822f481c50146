internal import StreamCore

/// Writes a ``ModelRequest`` as the body of a Responses request.
///
/// Source: OpenAI's API reference, "Create a model response", and its guides to reasoning and background mode. Stop
/// sequences and seeds do not exist there and are left out.
struct OpenAIResponsesRequest {
    let model: String
    let isStreaming: Bool
    /// Whether the provider goes on without a connection, and keeps the response for it.
    let isBackground: Bool
    /// The kind of reasoning summary to ask for; nil for none.
    let reasoningSummary: String?

    func body(_ request: ModelRequest) -> JSONObject {
        var body: JSONObject = ["model": .string(model)]
        body.set("instructions", request.system.flatMap { $0.isEmpty ? nil : .string($0) })
        body["input"] = .array(request.messages.flatMap(items))
        if isStreaming { body["stream"] = true }
        // Nothing is kept at the provider unless a background response has to be: the conversation is sent whole.
        body["store"] = .bool(isBackground)
        if isBackground { body["background"] = true }
        if !request.tools.isEmpty {
            body["tools"] = .array(
                request.tools.map {
                    [
                        "type": "function", "name": .string($0.name), "description": .string($0.description),
                        "parameters": $0.inputSchema, "strict": false,
                    ]
                })
            body.set("tool_choice", toolChoice(request.toolChoice))
        }
        body.set("temperature", JSONValue(request.sampling.temperature))
        body.set("top_p", JSONValue(request.sampling.topP))
        body.set("max_output_tokens", JSONValue(request.sampling.maxOutputTokens))
        if let schema = request.responseSchema {
            body["text"] = [
                "format": [
                    "type": "json_schema", "name": .string(schema.name), "schema": schema.schema,
                    "strict": .bool(schema.isStrict),
                ]
            ]
        }
        addReasoning(request, to: &body)
        addMetadata(request.metadata, to: &body)
        body.merge(request.providerOptions)
        return body
    }

    private func addReasoning(_ request: ModelRequest, to body: inout JSONObject) {
        var include: [JSONValue] = []
        var thinks = ModelFamily.isOpenAIReasoning(model)
        if let effort = request.reasoningEffort {
            var reasoning: JSONObject = ["effort": .string(effort.rawValue)]
            if effort != .none { reasoning.set("summary", reasoningSummary.map { .string($0) }) }
            body["reasoning"] = .object(reasoning)
            thinks = effort != .none
        }
        // Without this, the reasoning of a response that is not stored cannot be sent back.
        if thinks { include.append("reasoning.encrypted_content") }
        if request.wantsLogprobs { include.append("message.output_text.logprobs") }
        if !include.isEmpty { body["include"] = .array(include) }
    }

    private func addMetadata(_ metadata: [String: String], to body: inout JSONObject) {
        var rest = metadata
        if let user = rest.removeValue(forKey: "user_id") { body["safety_identifier"] = .string(user) }
        guard !rest.isEmpty else { return }
        // Sorted, so that the same request has the same bytes.
        body["metadata"] = .object(JSONObject(rest.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }

    private func toolChoice(_ choice: ToolChoice) -> JSONValue? {
        switch choice {
        case .automatic: nil
        case .required: "required"
        case .none: "none"
        case .tool(let name): ["type": "function", "name": .string(name)]
        }
    }

    // MARK: Items

    /// A turn as input items: runs of text and pictures become messages, all else an item of its own.
    private func items(_ message: Message) -> [JSONValue] {
        var items: [JSONValue] = []
        var content: [JSONValue] = []
        let role = message.role == .assistant ? "assistant" : "user"
        func closeMessage() {
            guard !content.isEmpty else { return }
            items.append(["type": "message", "role": .string(role), "content": .array(content)])
            content = []
        }
        for part in message.parts {
            switch part {
            case .text(let text):
                if text.isEmpty { continue }
                content.append(["type": role == "assistant" ? "output_text" : "input_text", "text": .string(text)])
            case .image(let source):
                content.append(["type": "input_image", "image_url": .string(source.dataURL)])
            case .reasoning(_, let data?), .opaque(let data):
                guard let item = data.value(for: .openAIResponses) else { continue }
                closeMessage()
                items.append(item)
            case .reasoning: continue
            case .toolCall(let call):
                // A hosted tool's call goes back as the opaque item that came with it.
                if call.isProviderExecuted { continue }
                closeMessage()
                items.append([
                    "type": "function_call", "call_id": .string(call.id), "name": .string(call.name),
                    "arguments": .string(call.input.jsonString),
                ])
            case .toolResult(let result):
                if message.role == .assistant { continue }
                closeMessage()
                items.append([
                    "type": "function_call_output", "call_id": .string(result.callID),
                    "output": .string(result.output.asToolText),
                ])
            }
        }
        closeMessage()
        return items
    }
}
