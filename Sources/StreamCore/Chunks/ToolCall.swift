/// A piece of a tool call's input, as the model writes it.
public struct ToolInputDelta: Sendable, Hashable {
    /// The call's identity, the same in all its pieces, its ``ToolCall`` and its ``ToolResult``.
    public var callID: String
    /// The tool's name.
    public var toolName: String
    /// The next piece of the input's JSON text; the first piece may be empty, to announce the call.
    public var delta: String

    /// A piece from its parts.
    public init(callID: String, toolName: String, delta: String) {
        self.callID = callID
        self.toolName = toolName
        self.delta = delta
    }
}

/// A complete tool call.
public struct ToolCall: Sendable, Hashable {
    /// The call's identity, given by the model's provider.
    public var id: String
    /// The tool's name.
    public var name: String
    /// The whole input.
    public var input: JSONValue
    /// Whether the provider runs this tool itself (a hosted web search, say), so that nobody else may.
    public var isProviderExecuted: Bool

    /// A call from its parts.
    public init(id: String, name: String, input: JSONValue, isProviderExecuted: Bool = false) {
        self.id = id
        self.name = name
        self.input = input
        self.isProviderExecuted = isProviderExecuted
    }
}

/// What a tool answered.
public struct ToolResult: Sendable, Hashable {
    /// The identity of the call that is answered.
    public var callID: String
    /// The tool's name.
    public var toolName: String
    /// The answer; where ``isError`` is true, what went wrong in words for the model.
    public var output: JSONValue
    /// Whether the tool failed.
    public var isError: Bool

    /// A result from its parts.
    public init(callID: String, toolName: String, output: JSONValue, isError: Bool = false) {
        self.callID = callID
        self.toolName = toolName
        self.output = output
        self.isError = isError
    }
}
