internal import StreamCore

/// Writes a conversation as the `messages` of Anthropic's Messages.
enum AnthropicMessages {
    /// The turns: neighbours of one role become one, results of tools first in theirs, as the API wants them.
    static func encode(_ messages: [Message]) -> [JSONValue] {
        var turns: [(role: String, content: [JSONValue])] = []
        for message in messages {
            let role = message.role == .assistant ? "assistant" : "user"
            let content = message.parts.compactMap { block($0, in: message.role) }
            guard !content.isEmpty else { continue }
            if turns.last?.role == role {
                turns[turns.count - 1].content += content
            } else {
                turns.append((role, content))
            }
        }
        trimPrefill(&turns)
        return turns.map { turn in
            let (results, others) = turn.content.partitioned { $0["type"] == "tool_result" }
            return ["role": .string(turn.role), "content": .array(results + others)]
        }
    }

    private static func block(_ part: Message.Part, in role: Message.Role) -> JSONValue? {
        switch part {
        // The API refuses empty text.
        case .text(let text): return text.isEmpty ? nil : ["type": "text", "text": .string(text)]
        case .image(let source): return ["type": "image", "source": image(source)]
        case .reasoning(_, let data): return data?.value(for: .anthropic)
        case .opaque(let data): return data.value(for: .anthropic)
        case .toolCall(let call):
            // A hosted tool's call goes back as the opaque block that came with it.
            guard !call.isProviderExecuted else { return nil }
            let input = call.input.objectValue.map(JSONValue.object) ?? ["value": call.input]
            return [
                "type": "tool_use", "id": .string(toolID(call.id)), "name": .string(call.name), "input": input,
            ]
        case .toolResult(let result):
            guard role != .assistant else { return nil }
            var block: JSONObject = [
                "type": "tool_result", "tool_use_id": .string(toolID(result.callID)),
                "content": .string(result.output.asToolText),
            ]
            if result.isError { block["is_error"] = true }
            return .object(block)
        }
    }

    private static func image(_ source: ImageSource) -> JSONValue {
        switch source {
        case .url(let url): ["type": "url", "url": .string(url)]
        case .base64(let data, let mediaType):
            ["type": "base64", "media_type": .string(mediaType), "data": .string(data)]
        }
    }

    /// The API takes letters, digits, `_` and `-` in ids; those of other providers may have more.
    private static func toolID(_ id: String) -> String {
        String(id.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" || $0 == "-" ? $0 : "_" })
    }

    /// The API refuses an answer to be continued that ends in white space.
    private static func trimPrefill(_ turns: inout [(role: String, content: [JSONValue])]) {
        guard let last = turns.last, last.role == "assistant", let text = last.content.last?["text"]?.stringValue,
            text.last?.isWhitespace == true
        else { return }
        var trimmed = text[...]
        while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
        turns[turns.count - 1].content.removeLast()
        if !trimmed.isEmpty {
            turns[turns.count - 1].content.append(["type": "text", "text": .string(String(trimmed))])
        } else if turns[turns.count - 1].content.isEmpty {
            turns.removeLast()
        }
    }
}

extension Array {
    /// Those that match and those that do not, each in order.
    fileprivate func partitioned(_ matches: (Element) -> Bool) -> (matching: [Element], others: [Element]) {
        (filter(matches), filter { !matches($0) })
    }
}
