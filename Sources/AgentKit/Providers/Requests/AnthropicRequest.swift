internal import StreamCore

/// Writes a ``ModelRequest`` as the body of a Messages request.
///
/// Source: Anthropic's API reference, "Create a Message", and its guides to extended thinking, adaptive thinking, effort and
/// structured outputs.
struct AnthropicRequest {
    let model: String
    let capabilities: ModelCapabilities
    let isStreaming: Bool
    /// The limit of output tokens where the request names none: the API demands one.
    let defaultMaxTokens: Int

    func body(_ request: ModelRequest) -> JSONObject {
        var body: JSONObject = ["model": .string(model)]
        var maxTokens = request.sampling.maxOutputTokens ?? defaultMaxTokens
        let thinking = thinking(request, maxTokens: &maxTokens)
        body["max_tokens"] = .integer(Int64(maxTokens))
        if isStreaming { body["stream"] = true }
        body.set("system", system(request))
        body["messages"] = .array(AnthropicMessages.encode(request.messages))
        if !request.tools.isEmpty {
            body["tools"] = .array(
                request.tools.map {
                    [
                        "name": .string($0.name), "description": .string($0.description),
                        "input_schema": $0.inputSchema,
                    ]
                })
            body.set("tool_choice", toolChoice(request.toolChoice))
        }
        // With thinking on, the API takes no other temperature than its own.
        if thinking.isOff {
            body.set("temperature", JSONValue(request.sampling.temperature))
            body.set("top_p", JSONValue(request.sampling.topP))
        }
        if !request.sampling.stopSequences.isEmpty {
            body["stop_sequences"] = .array(request.sampling.stopSequences.map { .string($0) })
        }
        body.set("thinking", thinking.field)
        var output = JSONObject()
        output.set("effort", thinking.effort)
        if let schema = request.responseSchema, enforces(schema) {
            output["format"] = ["type": "json_schema", "schema": schema.schema]
        }
        if !output.isEmpty { body["output_config"] = .object(output) }
        // `user_id` is the one field that the API's metadata has; others are an error.
        if let user = request.metadata["user_id"] { body["metadata"] = ["user_id": .string(user)] }
        body.merge(request.providerOptions)
        return body
    }

    private func enforces(_ schema: ResponseSchema) -> Bool {
        schema.isStrict && capabilities.contains(.structuredOutput)
    }

    /// The instructions; where the API cannot enforce a schema, the model is told it.
    private func system(_ request: ModelRequest) -> JSONValue? {
        var system = request.system ?? ""
        if let schema = request.responseSchema, !enforces(schema) {
            if !system.isEmpty { system += "\n\n" }
            system += """
                Answer with one JSON value and nothing else, without a code fence. It must match this JSON Schema:
                \(schema.schema.jsonString)
                """
        }
        return system.isEmpty ? nil : .string(system)
    }

    private func toolChoice(_ choice: ToolChoice) -> JSONValue? {
        switch choice {
        case .automatic: nil
        case .required: ["type": "any"]
        case .none: ["type": "none"]
        case .tool(let name): ["type": "tool", "name": .string(name)]
        }
    }

    // MARK: Thinking

    private struct Thinking {
        var field: JSONValue?
        var effort: JSONValue?
        var isOff = true
    }

    /// From Claude 4.6 on, models think as they see fit, guided by an effort; before, they are given a budget of tokens.
    private func thinking(_ request: ModelRequest, maxTokens: inout Int) -> Thinking {
        guard let effort = request.reasoningEffort else { return Thinking() }
        guard effort != .none else { return Thinking(field: ["type": "disabled"]) }
        let version = ModelFamily.claudeVersion(model)
        if version.map({ $0 >= (4, 6) }) ?? ModelFamily.isClaude(model) {
            let word = effort == .minimal ? "low" : effort.rawValue
            return Thinking(
                field: ["type": "adaptive", "display": "summarized"], effort: .string(word), isOff: false)
        }
        var budget =
            switch effort {
            case .minimal: 1_024
            case .low: 2_048
            case .medium: 8_192
            case .high: 16_384
            default: 32_768
            }
        if request.sampling.maxOutputTokens == nil {
            maxTokens += budget
        } else {
            // The budget is a part of the limit: leave the answer at least a quarter of it.
            budget = min(budget, maxTokens / 4 * 3)
        }
        // 1024 is the least that the API takes.
        guard budget >= 1_024 else { return Thinking() }
        return Thinking(field: ["type": "enabled", "budget_tokens": .integer(Int64(budget))], isOff: false)
    }
}
