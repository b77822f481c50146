internal import StreamCore

/// OpenAI's Responses: events with a type and a sequence number, a terminal event with the whole response.
///
/// A stream that resumes another does not begin with `response.created`; what a whole text says is then not told again.
struct OpenAIResponsesDecoder: WireDecoder {
    private var output: ResponsesOutput
    private var hasStarted = false
    /// The response, when the provider keeps it for a stream that resumes this one.
    private var resumableID: String?
    private(set) var isFinished = false

    /// - Parameter resuming: The id of the response that the stream goes on with.
    init(limits: DecodingLimits, resuming: String? = nil) {
        output = ResponsesOutput(limits: limits)
        output.isFresh = resuming == nil
        resumableID = resuming
    }

    mutating func decode(
        _ root: JSONNode, named name: UnsafeRawBufferPointer, into events: inout [ModelEvent]
    ) throws(ModelError) {
        let fields = ResponsesFields(root)
        guard let type = fields.type else {
            if let failure = ProviderFailure(reading: root, isError: name.elementsEqual("error".utf8)) {
                throw failure.modelError(provider: ModelDialect.openAIResponses.providerName)
            }
            return
        }
        let sequence = fields.sequence?.int
        if !hasStarted {
            hasStarted = true
            if let sequence, sequence > 0 { output.isFresh = false }
        }
        if type.isString("response.output_text.delta") {
            try output.appendText(
                .text, fields.item, at: fields.part?.int ?? 0, text: fields.delta,
                logprobs: ModelEvent.tokens(fields.logprobs), into: &events)
        } else if type.isString("response.function_call_arguments.delta") {
            try output.appendInput(.call, fields.item, fields.delta, into: &events)
        } else if type.isString("response.reasoning_summary_text.delta") {
            try output.appendText(
                .summary, fields.item, at: fields.summary?.int ?? 0, text: fields.delta, into: &events)
        } else if type.isString("response.reasoning_text.delta") {
            try output.appendText(
                .reasoning, fields.item, at: fields.part?.int ?? 0, text: fields.delta, into: &events)
        } else {
            try decodeRare(root, type.string ?? "", into: &events)
        }
        if let resumableID, let sequence, !isFinished {
            events.append(.cursor(ResponseCursor(responseID: resumableID, sequenceNumber: sequence)))
        }
    }

    /// Every event has a number of its own.
    var repeatable: RepeatableText? { nil }

    mutating func `repeat`(text: String, into events: inout [ModelEvent]) {}

    mutating func decodeDone(into events: inout [ModelEvent]) throws(ModelError) {
        // Not of this dialect: some servers send it behind the terminal event.
    }

    mutating func decodeWhole(_ root: JSONNode, into events: inout [ModelEvent]) throws(ModelError) {
        if root["object"]?.isString("response") != true, let failure = ProviderFailure(reading: root, isError: false) {
            throw failure.modelError(
                provider: ModelDialect.openAIResponses.providerName, requestID: root["request_id"]?.string)
        }
        guard root["output"]?.kind == .array || root["status"] != nil else {
            throw ModelError(kind: .malformedResponse, message: "the answer is no response: it has no output")
        }
        start(root, into: &events)
        try finish(root, into: &events)
    }

    func truncation() -> ModelError {
        .truncated(
            before: "response.completed", hasStarted: hasStarted, isContentComplete: false)
    }

    // MARK: Events

    private mutating func decodeRare(
        _ root: JSONNode, _ type: String, into events: inout [ModelEvent]
    ) throws(ModelError) {
        let item = ResponsesItemKey(event: root)
        let index = root["content_index"]?.int ?? 0
        switch type {
        case "response.created": start(root["response"] ?? root, into: &events)
        case "response.output_item.added":
            if let node = root["item"] { try output.begin(node, item, into: &events) }
        case "response.output_item.done":
            if let node = root["item"] { try output.end(node, item, isDone: true, into: &events) }
        case "response.content_part.added":
            guard let part = root["part"], let kind = OpenAIResponsesDecoder.kind(of: part) else { break }
            try output.beginPart(kind, item, at: index, text: part["text"], into: &events)
        case "response.content_part.done":
            guard let part = root["part"], OpenAIResponsesDecoder.kind(of: part) == .text else { break }
            try output.completeText(.text, item, at: index, text: part["text"], into: &events)
            try output.completeCitations(part["annotations"], item, at: index, into: &events)
            try output.endPart(.text, item, at: index, into: &events)
        case "response.output_text.done":
            try output.completeText(.text, item, at: index, text: root["text"], into: &events)
        case "response.output_text.annotation.added":
            if let annotation = root["annotation"] {
                try output.cite(annotation, item, at: index, into: &events)
            }
        case "response.refusal.delta": try output.refuse(root["delta"], isWhole: false)
        case "response.refusal.done": try output.refuse(root["refusal"], isWhole: true)
        case "response.reasoning_summary_part.added":
            try output.beginPart(
                .summary, item, at: root["summary_index"]?.int ?? 0, text: root["part"]?["text"], into: &events)
        case "response.reasoning_summary_text.done":
            try output.completeText(
                .summary, item, at: root["summary_index"]?.int ?? 0, text: root["text"], into: &events)
        case "response.reasoning_text.done":
            try output.completeText(.reasoning, item, at: index, text: root["text"], into: &events)
        case "response.custom_tool_call_input.delta":
            try output.appendInput(.customCall, item, root["delta"], into: &events)
        case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
            try finish(root["response"] ?? root, into: &events)
        case "error":
            let failure = ProviderFailure(reading: root, isError: true) ?? ProviderFailure()
            throw failure.modelError(provider: ModelDialect.openAIResponses.providerName)
        default: noteResumable(root["response"])
        }
    }

    private static func kind(of part: JSONNode) -> ResponsesPart.Kind? {
        if part["type"]?.isString("output_text") == true { return .text }
        return part["type"]?.isString("reasoning_text") == true ? .reasoning : nil
    }

    // MARK: Beginning and end

    private mutating func start(_ response: JSONNode, into events: inout [ModelEvent]) {
        output.isFresh = true
        noteResumable(response)
        events.append(
            .responseStarted(ResponseMetadata(id: response["id"]?.string, model: response["model"]?.string)))
    }

    private mutating func noteResumable(_ response: JSONNode?) {
        guard resumableID == nil, let response, response["background"]?.bool == true else { return }
        resumableID = response["id"]?.string
    }

    private mutating func finish(_ response: JSONNode, into events: inout [ModelEvent]) throws(ModelError) {
        if let error = response["error"], error.kind == .object {
            throw ProviderFailure(fields: error).modelError(provider: ModelDialect.openAIResponses.providerName)
        }
        // Some servers say in the last event what others say on the way.
        if !output.sawItem, output.isFresh, let items = response["output"] {
            let isDone = response["status"]?.isString("incomplete") != true
            var index = 0
            for item in items.elements {
                try output.end(item, ResponsesItemKey(index: index), isDone: isDone, into: &events)
                index += 1
            }
        }
        let status = response["status"]?.string ?? "completed"
        let reason = response["incomplete_details"]?["reason"]?.string
        if let usage = WireUsage.openAI(response["usage"]) { events.append(.usage(usage)) }
        if !output.refusal.isEmpty { throw .refusal(output.refusal, code: "refusal", by: "the model") }
        if reason == "content_filter" { throw .refusal(nil, code: reason, by: "the provider's filter") }
        switch status {
        case "failed":
            throw ProviderFailure(message: "the response failed without saying why").modelError(provider: "")
        case "cancelled":
            throw ModelError(kind: .cancelled, message: "the response was cancelled at the provider")
        case "queued", "in_progress":
            throw ModelError(
                kind: .truncated, message: "the response is \(status): it is not the whole answer")
        default: break
        }
        output.end(into: &events)
        let isCut = status == "incomplete"
        if let unreadable = output.unreadable, !isCut { throw .unreadableToolInput(unreadable) }
        isFinished = true
        let finish: FinishReason =
            if isCut {
                reason == nil || reason == "max_output_tokens" || reason == "max_tokens" ? .length : .other
            } else {
                output.hasCalls ? .toolCalls : .stop
            }
        events.append(.finish(finish))
    }
}
