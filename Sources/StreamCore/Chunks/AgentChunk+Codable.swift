// The stable JSON form of a chunk: one flat object, the same through `Codable` and through the hot path's writer
// (AgentChunk+JSON.swift). Field names follow the guide that the project was started from.

extension AgentChunk {
    /// The word for each payload in the `type` field.
    package enum TypeName: String, Codable, CaseIterable, Sendable {
        case content, reasoning, citation, usage, seam, finish, error
        case toolInput = "tool-input"
        case toolCall = "tool-call"
        case toolResult = "tool-result"
    }

    enum CodingKeys: String, CodingKey {
        case type, block, content, reasoning, toolCallId, toolName, inputDelta, input, providerExecuted, output, isError
        case citation, usage, seam, finish, error, confidence, confidenceSource, timestamp
    }

    package var typeName: TypeName {
        switch payload {
        case .content: .content
        case .reasoning: .reasoning
        case .toolInput: .toolInput
        case .toolCall: .toolCall
        case .toolResult: .toolResult
        case .citation: .citation
        case .usage: .usage
        case .seam: .seam
        case .finish: .finish
        case .error: .error
        }
    }
}

extension AgentChunk: Codable {
    /// Reads the stable JSON form; fields that are unknown are passed over.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        switch try fields.decode(TypeName.self, forKey: .type) {
        case .content: payload = .content(try fields.decode(String.self, forKey: .content))
        case .reasoning: payload = .reasoning(try fields.decode(String.self, forKey: .reasoning))
        case .toolInput:
            payload = .toolInput(
                ToolInputDelta(
                    callID: try fields.decode(String.self, forKey: .toolCallId),
                    toolName: try fields.decode(String.self, forKey: .toolName),
                    delta: try fields.decode(String.self, forKey: .inputDelta)))
        case .toolCall:
            payload = .toolCall(
                ToolCall(
                    id: try fields.decode(String.self, forKey: .toolCallId),
                    name: try fields.decode(String.self, forKey: .toolName),
                    input: try fields.decode(JSONValue.self, forKey: .input),
                    isProviderExecuted: try fields.decodeIfPresent(Bool.self, forKey: .providerExecuted) ?? false))
        case .toolResult:
            payload = .toolResult(
                ToolResult(
                    callID: try fields.decode(String.self, forKey: .toolCallId),
                    toolName: try fields.decode(String.self, forKey: .toolName),
                    output: try fields.decode(JSONValue.self, forKey: .output),
                    isError: try fields.decodeIfPresent(Bool.self, forKey: .isError) ?? false))
        case .citation: payload = .citation(try fields.decode(Citation.self, forKey: .citation))
        case .usage: payload = .usage(try fields.decode(Usage.self, forKey: .usage))
        case .seam: payload = .seam(try fields.decode(SeamNotice.self, forKey: .seam))
        case .finish: payload = .finish(try fields.decode(FinishReason.self, forKey: .finish))
        case .error: payload = .error(try fields.decode(Failure.self, forKey: .error))
        }
        block = try fields.decodeIfPresent(Int.self, forKey: .block)
        attachedReasoning = nil
        if case .content = payload { attachedReasoning = try fields.decodeIfPresent(String.self, forKey: .reasoning) }
        confidence = nil
        if let value = try fields.decodeIfPresent(Double.self, forKey: .confidence) {
            let source = try fields.decode(String.self, forKey: .confidenceSource)
            confidence = Confidence(value, source: Confidence.Source(rawValue: source))
        }
        timestamp = try fields.decodeIfPresent(Int64.self, forKey: .timestamp).map(
            Timestamp.init(millisecondsSince1970:))
    }

    /// Writes the stable JSON form.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(typeName, forKey: .type)
        try fields.encodeIfPresent(block, forKey: .block)
        switch payload {
        case .content(let text): try fields.encode(text, forKey: .content)
        case .reasoning(let text): try fields.encode(text, forKey: .reasoning)
        case .toolInput(let piece):
            try fields.encode(piece.callID, forKey: .toolCallId)
            try fields.encode(piece.toolName, forKey: .toolName)
            try fields.encode(piece.delta, forKey: .inputDelta)
        case .toolCall(let call):
            try fields.encode(call.id, forKey: .toolCallId)
            try fields.encode(call.name, forKey: .toolName)
            try fields.encode(call.input, forKey: .input)
            if call.isProviderExecuted { try fields.encode(true, forKey: .providerExecuted) }
        case .toolResult(let result):
            try fields.encode(result.callID, forKey: .toolCallId)
            try fields.encode(result.toolName, forKey: .toolName)
            try fields.encode(result.output, forKey: .output)
            if result.isError { try fields.encode(true, forKey: .isError) }
        case .citation(let citation): try fields.encode(citation, forKey: .citation)
        case .usage(let usage): try fields.encode(usage, forKey: .usage)
        case .seam(let seam): try fields.encode(seam, forKey: .seam)
        case .finish(let reason): try fields.encode(reason, forKey: .finish)
        case .error(let failure): try fields.encode(failure, forKey: .error)
        }
        if case .content = payload { try fields.encodeIfPresent(attachedReasoning, forKey: .reasoning) }
        if let confidence {
            try fields.encode(confidence.value, forKey: .confidence)
            try fields.encode(confidence.source.rawValue, forKey: .confidenceSource)
        }
        try fields.encodeIfPresent(timestamp?.millisecondsSince1970, forKey: .timestamp)
    }
}
