internal import StreamCore

/// The input of a tool call, as it is being written.
struct ToolInput: Sendable {
    /// The call's id.
    var callID: String
    /// The tool's name.
    var name: String
    /// The JSON text so far.
    private(set) var text = ""
    /// Half a character from the end of the last piece.
    var carry = SurrogateCarry()

    init(callID: String, name: String) {
        self.callID = callID
        self.name = name
    }

    /// Adds a piece and tells of it.
    mutating func append(
        _ delta: String, block: Int, budget: inout RetentionBudget, into events: inout [ModelEvent]
    ) throws(ModelError) {
        guard !delta.isEmpty else { return }
        try budget.take(delta)
        text += delta
        events.append(.toolInput(block: block, ToolInputDelta(callID: callID, toolName: name, delta: delta)))
    }

    /// Tells of the call before its first piece.
    func announce(block: Int, into events: inout [ModelEvent]) {
        events.append(.toolInput(block: block, ToolInputDelta(callID: callID, toolName: name, delta: "")))
    }

    /// Whether nothing was written, which means an input without members.
    var isEmpty: Bool { text.utf8.allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 } }

    /// The input, or nil when it is not whole.
    var value: JSONValue? {
        if isEmpty { return .object(JSONObject()) }
        return try? JSONValue(parsing: text)
    }
}
