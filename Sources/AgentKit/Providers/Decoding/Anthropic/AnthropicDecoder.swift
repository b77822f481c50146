internal import StreamCore

/// Anthropic's Messages: named events, blocks with an index of their own, `message_stop` at the end.
struct AnthropicDecoder: WireDecoder {
    var blocks: AnthropicBlocks
    private var usage = AnthropicUsage()
    private var hasStarted = false
    private var messageID: String?
    private var stopReason: String?
    private(set) var isFinished = false
    var repeatable: RepeatableText? { blocks.repeatable }

    init(limits: DecodingLimits) {
        blocks = AnthropicBlocks(limits: limits)
    }

    mutating func decode(
        _ root: JSONNode, named name: UnsafeRawBufferPointer, into events: inout [ModelEvent]
    ) throws(ModelError) {
        blocks.repeatable = nil
        guard let type = root["type"] else {
            if let failure = ProviderFailure(reading: root, isError: name.elementsEqual("error".utf8)) {
                throw failure.modelError(provider: ModelDialect.anthropic.providerName)
            }
            return
        }
        if type.isString("content_block_delta") {
            if let delta = root["delta"] { try blocks.apply(delta, at: root["index"]?.int ?? 0, into: &events) }
        } else if type.isString("content_block_start") {
            if let block = root["content_block"] {
                try blocks.start(block, at: root["index"]?.int ?? 0, into: &events)
            }
        } else if type.isString("content_block_stop") {
            blocks.stop(at: root["index"]?.int ?? 0, into: &events)
        } else if type.isString("message_delta") {
            if usage.update(root["usage"]) { events.append(.usage(usage.usage)) }
            if let delta = root["delta"] { try noteStop(delta) }
        } else if type.isString("message_start") {
            try begin(root["message"] ?? root, into: &events)
        } else if type.isString("message_stop") {
            try finish(into: &events)
        } else if type.isString("error") {
            throw failure(root)
        }
        hasStarted = true
    }

    mutating func `repeat`(text: String, into events: inout [ModelEvent]) {
        blocks.repeat(text, into: &events)
    }

    mutating func decodeDone(into events: inout [ModelEvent]) throws(ModelError) {
        // Not of this dialect: some proxies send it behind message_stop.
    }

    mutating func decodeWhole(_ root: JSONNode, into events: inout [ModelEvent]) throws(ModelError) {
        if let failure = ProviderFailure(reading: root, isError: false) {
            throw failure.modelError(
                provider: ModelDialect.anthropic.providerName, requestID: root["request_id"]?.string)
        }
        guard let content = root["content"], content.kind == .array else {
            throw ModelError(kind: .malformedResponse, message: "the answer is no message: it has no list of content")
        }
        start(root, into: &events)
        var index = 0
        for block in content.elements {
            try blocks.start(block, at: index, into: &events)
            blocks.stop(at: index, into: &events)
            index += 1
        }
        try noteStop(root)
        try finish(into: &events)
    }

    func truncation() -> ModelError {
        .truncated(before: "message_stop", hasStarted: hasStarted, isContentComplete: stopReason != nil)
    }

    // MARK: Beginning and end

    /// Takes a start, of which a stream has one; relays have been seen to repeat it, and to begin again in mid-answer.
    private mutating func begin(_ message: JSONNode, into events: inout [ModelEvent]) throws(ModelError) {
        let id = message["id"]?.string
        if let messageID, messageID == id {
            if usage.update(message["usage"]) { events.append(.usage(usage.usage)) }
            return
        }
        // Going on would make one answer of two.
        if blocks.hasStarted {
            throw ModelError(
                kind: .truncated, message: "another message starts before message_stop: the answer is cut off")
        }
        start(message, into: &events)
    }

    private mutating func start(_ message: JSONNode, into events: inout [ModelEvent]) {
        messageID = message["id"]?.string
        events.append(
            .responseStarted(ResponseMetadata(id: message["id"]?.string, model: message["model"]?.string)))
        if usage.update(message["usage"]) { events.append(.usage(usage.usage)) }
    }

    private mutating func noteStop(_ delta: JSONNode) throws(ModelError) {
        guard let reason = delta["stop_reason"]?.string else { return }
        stopReason = reason
        if reason == "refusal" {
            let details = delta["stop_details"]
            throw .refusal(
                details?["explanation"]?.string, code: details?["category"]?.string ?? reason, by: "the model")
        }
    }

    private mutating func finish(into events: inout [ModelEvent]) throws(ModelError) {
        let reason: FinishReason =
            switch stopReason {
            case "end_turn", "stop_sequence": .stop
            case "max_tokens", "model_context_window_exceeded": .length
            case "tool_use": .toolCalls
            case "pause_turn": .paused
            default: .other
            }
        let unreadable = blocks.finish(wasCut: reason == .length, into: &events)
        if let unreadable, reason != .length { throw .unreadableToolInput(unreadable) }
        isFinished = true
        events.append(.finish(reason))
    }

    private func failure(_ root: JSONNode) -> ModelError {
        let failure = ProviderFailure(reading: root, isError: true) ?? ProviderFailure()
        return failure.modelError(
            provider: ModelDialect.anthropic.providerName, requestID: root["request_id"]?.string)
    }
}
