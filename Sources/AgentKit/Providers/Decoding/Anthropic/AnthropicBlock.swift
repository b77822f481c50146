internal import StreamCore

/// One block of a response while it is open.
struct AnthropicBlock: Sendable {
    /// What a block is.
    enum Kind: Sendable {
        case text, thinking, tool, hostedTool, hostedResult
        /// Redacted thinking, and whatever the API adds: kept to be sent back.
        case opaque
    }

    /// The block's index on the wire.
    let index: Int
    /// Its number among our blocks.
    let number: Int
    let kind: Kind
    /// Half a character from the end of the last piece.
    var carry = SurrogateCarry()
    /// The reasoning so far, which must go back with its signature.
    var thinking = ""
    var signature = ""
    var input: ToolInput
    /// The input that came with the start, as it does in answers that are not streamed.
    var startInput: JSONValue?
    /// The block as it started, where it has to go back.
    var start: JSONValue = .null
    /// Whether all of the block has been understood and has come.
    var isWhole = true

    /// A block without a start.
    init(index: Int, number: Int, kind: Kind) {
        self.index = index
        self.number = number
        self.kind = kind
        input = ToolInput(callID: "", name: "")
    }

    /// A block from its start.
    init(index: Int, number: Int, node: JSONNode) {
        let type = node["type"]?.string ?? ""
        let kind: Kind =
            switch type {
            case "text": .text
            case "thinking": .thinking
            case "tool_use": .tool
            case "server_tool_use", "mcp_tool_use": .hostedTool
            default: type.hasSuffix("_tool_result") ? .hostedResult : .opaque
            }
        self.init(index: index, number: number, kind: kind)
        if kind == .tool || kind == .hostedTool {
            input = ToolInput(callID: node["id"]?.string ?? "", name: node["name"]?.string ?? "")
            if let given = node["input"], given.kind == .object, given.members.contains(where: { _ in true }) {
                startInput = JSONValue(given)
            }
        }
        if kind == .hostedTool || kind == .hostedResult || kind == .opaque { start = JSONValue(node) }
    }

    /// Tells what the block amounts to, then that it is finished; false when it is a call that cannot be read.
    func finish(into events: inout [ModelEvent]) -> Bool {
        var isReadable = true
        var carry = carry
        let rest = carry.flush()
        switch kind {
        case .text:
            if !rest.isEmpty { events.append(.content(block: number, text: rest)) }
        case .thinking:
            if !rest.isEmpty { events.append(.reasoning(block: number, text: rest)) }
            // Reasoning is taken back only with its signature, which comes last.
            if !signature.isEmpty {
                tell(
                    [
                        "type": "thinking", "thinking": .string(thinking + rest), "signature": .string(signature),
                    ], into: &events)
            }
        case .tool, .hostedTool: isReadable = finishCall(into: &events)
        case .hostedResult, .opaque:
            if isWhole { tell(start, into: &events) }
        }
        events.append(.blockFinished(block: number))
        return isReadable
    }

    private func finishCall(into events: inout [ModelEvent]) -> Bool {
        if let startInput, input.isEmpty {
            let delta = ToolInputDelta(callID: input.callID, toolName: input.name, delta: startInput.jsonString)
            events.append(.toolInput(block: number, delta))
        }
        guard isWhole, let value = input.isEmpty ? startInput ?? input.value : input.value else {
            return kind == .hostedTool
        }
        let isHosted = kind == .hostedTool
        events.append(
            .toolCall(
                block: number,
                ToolCall(id: input.callID, name: input.name, input: value, isProviderExecuted: isHosted)))
        if isHosted, var whole = start.objectValue {
            whole["input"] = value
            tell(.object(whole), into: &events)
        }
        return true
    }

    private func tell(_ value: JSONValue, into events: inout [ModelEvent]) {
        events.append(
            .providerData(block: number, ProviderData(provider: ModelDialect.anthropic.rawValue, value: value)))
    }
}

/// The names of the tools that the provider runs itself, by the ids of their calls: results do not say them.
struct HostedToolNames: Sendable {
    private var names: [(callID: String, name: String)] = []
    private static let most = 256

    mutating func note(_ callID: String, _ name: String) {
        if names.count == HostedToolNames.most { names.removeFirst() }
        names.append((callID, name))
    }

    /// What a result block says, `web_search_tool_result` for one.
    func result(_ block: JSONValue) -> ToolResult {
        let callID = block["tool_use_id"]?.stringValue ?? ""
        let type = block["type"]?.stringValue ?? ""
        let content = block["content"] ?? .null
        let isError =
            block["is_error"]?.boolValue == true || content["type"]?.stringValue?.hasSuffix("_error") == true
        return ToolResult(
            callID: callID,
            toolName: names.last { $0.callID == callID }?.name ?? String(type.dropLast("_tool_result".count)),
            output: content, isError: isError)
    }
}
