internal import StreamCore

/// Why a choice of Chat Completions ended, in the words of OpenAI and of compatible servers.
enum ChatFinish: Sendable, Hashable {
    /// It ended well.
    case reason(FinishReason)
    /// A filter stopped it.
    case refused(String)
    /// The server stopped it.
    case failed(FailureKind, String)

    init(_ word: String) {
        self =
            switch word {
            case "stop", "end_turn", "stop_sequence", "eos", "eos_token": .reason(.stop)
            case "length", "max_tokens", "model_length", "max_output_tokens", "model_context_window_exceeded":
                .reason(.length)
            case "tool_calls", "function_call", "tool_use": .reason(.toolCalls)
            case "content_filter", "safety", "refusal", "sensitive": .refused(word)
            case "error": .failed(.server, word)
            case "insufficient_system_resource", "network_error": .failed(.overloaded, word)
            default: .reason(.other)
            }
    }
}

/// The pieces of text in a delta, from whichever fields a server puts them in.
struct ChatDelta {
    /// The next piece of the answer: a string, or a list of parts as Mistral sends it.
    var content: JSONNode?
    /// The next piece of the reasoning.
    var reasoning: JSONNode?
    /// OpenRouter's blocks of reasoning: the same text again, signatures and encrypted blocks.
    var reasoningDetails: JSONNode?
    var refusal: JSONNode?
    var toolCalls: JSONNode?
    var functionCall: JSONNode?
    var annotations: JSONNode?
    /// How many fields have a piece of reasoning.
    private var reasoningCount = 0

    init(_ node: JSONNode) {
        for (key, value) in node.members {
            if value.isNull { continue }
            if key.isString("reasoning_content") || key.isString("reasoning"), !ChatDelta.isEmpty(value) {
                reasoningCount += 1
            }
            if key.isString("content") {
                content = value
            } else if key.isString("reasoning_content") {
                if reasoning == nil || !ChatDelta.isEmpty(value) { reasoning = value }
            } else if key.isString("reasoning") {
                if reasoning == nil || ChatDelta.isEmpty(reasoning) { reasoning = value }
            } else if key.isString("reasoning_details") {
                reasoningDetails = value
            } else if key.isString("refusal") {
                refusal = value
            } else if key.isString("tool_calls") {
                toolCalls = value
            } else if key.isString("function_call") {
                functionCall = value
            } else if key.isString("annotations") {
                annotations = value
            }
        }
        if reasoning?.kind != .string { reasoning = nil }
    }

    /// The piece of answer or reasoning, when the delta has nothing else.
    var onlyText: JSONNode? {
        guard reasoningDetails == nil, refusal == nil, toolCalls == nil, functionCall == nil, annotations == nil else {
            return nil
        }
        guard let content, !ChatDelta.isEmpty(content) else { return reasoningCount == 1 ? reasoning : nil }
        return content.kind == .string && reasoningCount == 0 ? content : nil
    }

    private static func isEmpty(_ node: JSONNode?) -> Bool {
        node?.rawBytes.isEmpty ?? true
    }
}

extension ModelEvent {
    /// The log probabilities in a list of tokens; those that are no token are left out.
    static func tokens(_ node: JSONNode?) -> [TokenLogprob] {
        guard let node, node.kind == .array else { return [] }
        return node.elements.compactMap { token in
            guard let text = token["token"]?.string, let logprob = token["logprob"]?.double else { return nil }
            // Rounding makes some a hair above 0.
            return TokenLogprob(token: text, logprob: min(0, logprob))
        }
    }
}
