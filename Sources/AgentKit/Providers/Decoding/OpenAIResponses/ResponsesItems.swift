internal import StreamCore

extension ResponsesOutput {
    /// Takes the beginning of an output item.
    mutating func begin(
        _ node: JSONNode, _ item: ResponsesItemKey, into events: inout [ModelEvent]
    ) throws(ModelError) {
        noteItem()
        switch node["type"]?.string {
        case "function_call": try beginCall(.call, item, node, into: &events)
        case "custom_tool_call": try beginCall(.customCall, item, node, into: &events)
        default: break
        }
    }

    /// Takes a whole output item: what of it has not been told is told now.
    ///
    /// - Parameter isDone: Whether it is known to be over, whatever its status says: OpenAI ends the calls that a program of
    ///   the model makes with `in_progress`.
    mutating func end(
        _ node: JSONNode, _ item: ResponsesItemKey, isDone: Bool, into events: inout [ModelEvent]
    ) throws(ModelError) {
        noteItem()
        switch node["type"]?.string {
        case "message":
            try endMessage(node, item, into: &events)
            endItem(item, data: nil, into: &events)
        case "reasoning":
            try endReasoning(node, item, into: &events)
            endItem(item, data: ResponsesOutput.reasoningData(node), into: &events)
        case "function_call":
            try endCall(.call, item, node, isDone: isDone, into: &events)
            endItem(item, data: nil, into: &events)
        case "custom_tool_call":
            try endCall(.customCall, item, node, isDone: isDone, into: &events)
            endItem(item, data: nil, into: &events)
        case let type?:
            tellItem(into: &events) { number, events in
                if ResponsesOutput.hosted.contains(type) {
                    ResponsesOutput.tellHosted(JSONValue(node), type, number, &events)
                }
                events.append(.providerData(block: number, ResponsesOutput.data(JSONValue(node))))
            }
        case nil: break
        }
    }

    private mutating func endMessage(
        _ node: JSONNode, _ item: ResponsesItemKey, into events: inout [ModelEvent]
    ) throws(ModelError) {
        guard let content = node["content"] else { return }
        var index = 0
        for part in content.elements {
            if part["type"]?.isString("refusal") == true {
                try refuse(part["refusal"], isWhole: true)
            } else if let text = part["text"] {
                try completeText(.text, item, at: index, text: text, into: &events)
                try completeCitations(part["annotations"], item, at: index, into: &events)
            }
            index += 1
        }
    }

    private mutating func endReasoning(
        _ node: JSONNode, _ item: ResponsesItemKey, into events: inout [ModelEvent]
    ) throws(ModelError) {
        let fields: [(StaticString, ResponsesPart.Kind)] = [("summary", .summary), ("content", .reasoning)]
        for (field, kind) in fields {
            guard let list = node[field] else { continue }
            var index = 0
            for part in list.elements {
                try completeText(kind, item, at: index, text: part["text"], into: &events)
                index += 1
            }
        }
    }

    /// The reasoning item as it goes back, when it can: without its encrypted content the provider would look for it
    /// among what it has stored.
    private static func reasoningData(_ node: JSONNode) -> ProviderData? {
        guard node["encrypted_content"]?.string?.isEmpty == false, case .object(var item) = JSONValue(node) else {
            return nil
        }
        item["status"] = nil
        return data(.object(item))
    }

    private static func data(_ value: JSONValue) -> ProviderData {
        ProviderData(provider: ModelDialect.openAIResponses.rawValue, value: value)
    }

    // MARK: Hosted tools

    /// The calls that the provider carries out itself.
    private static let hosted: Set<String> = [
        "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "mcp_call",
    ]
    private static let results: Set<String> = ["results", "outputs", "output", "result", "error"]

    private static func tellHosted(_ item: JSONValue, _ type: String, _ number: Int, _ events: inout [ModelEvent]) {
        guard let item = item.objectValue else { return }
        let id = item["id"]?.stringValue ?? ""
        let name = item["name"]?.stringValue ?? String(type.dropLast("_call".count))
        var input = JSONObject()
        var output = JSONObject()
        for (key, value) in item where !value.isNull {
            if results.contains(key) {
                output[key] = value
            } else if key != "id", key != "type", key != "status", key != "name" {
                input[key] = value
            }
        }
        if let text = input["arguments"]?.stringValue, let arguments = try? JSONValue(parsing: text) {
            input["arguments"] = arguments
        }
        events.append(
            .toolCall(
                block: number, ToolCall(id: id, name: name, input: .object(input), isProviderExecuted: true)))
        guard !output.isEmpty else { return }
        let isError = item["status"]?.stringValue == "failed" || output["error"] != nil
        events.append(
            .toolResult(
                block: number, ToolResult(callID: id, toolName: name, output: .object(output), isError: isError)))
    }
}
