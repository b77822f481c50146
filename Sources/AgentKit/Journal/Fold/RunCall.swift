public import StreamCore

/// A call of one of the agent's tools in a finished response, and how far it has come.
public struct RunCall: Sendable, Hashable {
    /// What is to be done.
    public let call: ToolCall
    /// The block that announced it; nil where readers saw none.
    public let block: Int?
    /// The key under which the tool was begun; nil when it was not.
    public internal(set) var startedKey: String?
    /// What the tool answered; nil while it has not.
    public internal(set) var result: ToolResult?

    init(call: ToolCall, block: Int?) {
        self.call = call
        self.block = block
    }

    /// Whether the tool was begun and nobody knows what became of it.
    public var isInDoubt: Bool { startedKey != nil && result == nil }
}
