/// What a model wrote is not the structure that was asked for.
///
/// It is below an ``AgentError`` of kind `invalidOutput`.
public struct InvalidOutput: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where in the value, as in `stops[2].city`; empty for the whole of it.
    public var path: String
    /// What does not fit there.
    public var reason: String
    /// What the model wrote.
    public var text: String

    /// An error from its parts.
    public init(path: String, reason: String, text: String) {
        self.path = path
        self.reason = reason
        self.text = text
    }

    /// Where and what, without the text.
    public var description: String {
        path.isEmpty
            ? "the model's answer does not fit: \(reason)" : "the model's answer does not fit at '\(path)': \(reason)"
    }
}
