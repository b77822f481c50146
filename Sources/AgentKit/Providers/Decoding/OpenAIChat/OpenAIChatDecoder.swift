internal import StreamCore

/// OpenAI's Chat Completions and the dialects of compatible servers: unnamed events, deltas of choices, `[DONE]` at the end.
///
/// Of several choices the first (index 0) counts. Blocks are finished when another begins, tool calls at the end.
struct OpenAIChatDecoder: WireDecoder {
    private var runs = ChatRuns()
    private var calls: ChatToolCalls
    private var details: ChatReasoningDetails
    private var numbers = 0
    private var budget: RetentionBudget
    private var hasStarted = false
    private var hasReasoningText = false
    private var hasDelta = false
    private var refusal = ""
    private var refusalCarry = SurrogateCarry()
    private var finish: ChatFinish?
    private var usage: Usage?
    private(set) var isFinished = false
    private(set) var repeatable: RepeatableText?

    init(limits: DecodingLimits) {
        calls = ChatToolCalls(limits: limits)
        details = ChatReasoningDetails(limits: limits)
        budget = RetentionBudget(limits)
    }

    mutating func decode(
        _ root: JSONNode, named name: UnsafeRawBufferPointer, into events: inout [ModelEvent]
    ) throws(ModelError) {
        repeatable = nil
        try checkFailure(root, isError: name.elementsEqual("error".utf8))
        let choice = root["choices"]?.elements.first { ($0["index"]?.int ?? 0) == 0 }
        start(root, hasChoice: choice != nil, into: &events)
        if let choice { try decodeChoice(choice, into: &events) }
        noteUsage(root, into: &events)
    }

    mutating func `repeat`(text: String, into events: inout [ModelEvent]) {
        runs.repeat(text, into: &events)
    }

    mutating func decodeDone(into events: inout [ModelEvent]) throws(ModelError) {
        // An end is none of an answer that never began.
        guard hasStarted else { throw truncation() }
        if let refusal = refusalError { throw refusal }
        if case .failed(let kind, let word) = finish {
            throw ModelError(
                kind: kind, message: "the server broke the answer off and says no more than '\(word)'",
                providerCode: word)
        }
        let reason: FinishReason = if case .reason(let reason) = finish { reason } else { .other }
        let hasCalls = !calls.isEmpty
        runs.end(into: &events)
        if let data = details.providerData {
            events.append(.providerData(block: numbers, data))
            events.append(.blockFinished(block: numbers))
            numbers += 1
        }
        let unreadable = calls.finish(wasCut: reason == .length, into: &events)
        if let unreadable, reason != .length { throw .unreadableToolInput(unreadable) }
        isFinished = true
        // A call that was forced ends with `stop` at OpenAI, every call does at some servers, and some say nothing.
        events.append(.finish(hasCalls && (reason == .stop || reason == .other) ? .toolCalls : reason))
    }

    mutating func decodeWhole(_ root: JSONNode, into events: inout [ModelEvent]) throws(ModelError) {
        try checkFailure(root, isError: false)
        guard root["choices"]?.kind == .array else {
            throw ModelError(kind: .malformedResponse, message: "the answer is no completion: it has no choices")
        }
        try decode(root, named: UnsafeRawBufferPointer(start: nil, count: 0), into: &events)
        try decodeDone(into: &events)
    }

    func truncation() -> ModelError {
        if finish != nil, let refusal = refusalError { return refusal }
        return .truncated(before: "[DONE]", hasStarted: hasStarted, isContentComplete: finish != nil)
    }

    // MARK: Parts of a chunk

    private func checkFailure(_ root: JSONNode, isError: Bool) throws(ModelError) {
        if let failure = ProviderFailure(reading: root, isError: isError) {
            throw failure.modelError(
                provider: ModelDialect.openAIChat.providerName, requestID: root["request_id"]?.string)
        }
        guard root.kind == .object else {
            throw ModelError(kind: .malformedResponse, message: "an event of the stream is no JSON object")
        }
    }

    private mutating func start(_ root: JSONNode, hasChoice: Bool, into events: inout [ModelEvent]) {
        guard !hasStarted else { return }
        let id = root["id"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let model = root["model"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        // Azure sends a chunk about the prompt before the first of the answer: it says neither.
        guard hasChoice || id != nil || model != nil else { return }
        hasStarted = true
        if let id { calls.idPrefix = "call_" + id.prefix(64) }
        events.append(.responseStarted(ResponseMetadata(id: id, model: model)))
    }

    private mutating func noteUsage(_ root: JSONNode, into events: inout [ModelEvent]) {
        guard let said = WireUsage.openAI(root["usage"]) ?? WireUsage.openAI(root["x_groq"]?["usage"]), said != usage
        else { return }
        usage = said
        events.append(.usage(said))
    }

    private mutating func decodeChoice(
        _ choice: JSONNode, into events: inout [ModelEvent]
    ) throws(ModelError) {
        // OpenRouter reports the failure of a provider behind it within the choice.
        if let error = choice["error"], error.kind == .object {
            throw ProviderFailure(fields: error).modelError(provider: ModelDialect.openAIChat.providerName)
        }
        // A message in place of a delta: an answer that is not streamed, as one event or as a whole.
        if let node = choice["delta"] ?? (hasDelta ? nil : choice["message"]), node.kind == .object {
            hasDelta = true
            try decodeDelta(ChatDelta(node), logprobs: choice["logprobs"]?["content"], into: &events)
        }
        if let word = choice["finish_reason"]?.string { finish = ChatFinish(word) }
    }

    private mutating func decodeDelta(
        _ delta: ChatDelta, logprobs: JSONNode?, into events: inout [ModelEvent]
    ) throws(ModelError) {
        let tokens = ModelEvent.tokens(logprobs)
        if !tokens.isEmpty { runs.hold(tokens) }
        if let reasoning = delta.reasoning, !reasoning.rawBytes.isEmpty {
            hasReasoningText = true
            runs.reasoning(reasoning, numbers: &numbers, into: &events)
        }
        if let node = delta.reasoningDetails {
            try details.apply(node)
            // The text is there twice; servers that say it in one place only say it here.
            if !hasReasoningText {
                for detail in node.elements {
                    guard let text = detail["text"] ?? detail["summary"] else { continue }
                    runs.reasoning(text, numbers: &numbers, into: &events)
                }
            }
        }
        if let content = delta.content { decodeContent(content, into: &events) }
        if tokens.isEmpty, runs.isRepeatable { repeatable = RepeatableText(delta.onlyText) }
        if let text = delta.refusal?.string(joining: &refusalCarry) {
            try budget.take(text)
            refusal += text
        }
        if let list = delta.toolCalls {
            for piece in list.elements {
                try calls.apply(piece, runs: &runs, numbers: &numbers, into: &events)
            }
            runs.dropHeld()
        } else if let call = delta.functionCall, call.kind == .object {
            try calls.apply(call, onlyIndex: -1, runs: &runs, numbers: &numbers, into: &events)
        }
        if let list = delta.annotations {
            for annotation in list.elements {
                guard let source = annotation["url_citation"] else { continue }
                runs.cite(
                    Citation(
                        url: source["url"]?.string, title: source["title"]?.string,
                        citedText: source["content"]?.string), numbers: &numbers, into: &events)
            }
        }
    }

    private mutating func decodeContent(_ content: JSONNode, into events: inout [ModelEvent]) {
        guard content.kind == .array else {
            runs.content(content, numbers: &numbers, into: &events)
            return
        }
        for part in content.elements {
            if let thinking = part["thinking"] {
                if thinking.kind == .string { runs.reasoning(thinking, numbers: &numbers, into: &events) }
                for piece in thinking.elements {
                    if let text = piece["text"] { runs.reasoning(text, numbers: &numbers, into: &events) }
                }
            } else if let text = part["text"] {
                runs.content(text, numbers: &numbers, into: &events)
            }
        }
    }

    private var refusalError: ModelError? {
        if !refusal.isEmpty { return .refusal(refusal, code: "refusal", by: "the model") }
        if case .refused(let word) = finish { return .refusal(nil, code: word, by: "the provider's filter") }
        return nil
    }
}
