/// What a tool throws to tell the model, in the tool's own words, what went wrong.
///
/// Any other error that a tool throws reaches the model without its details, which may hold what a model must not see.
public struct ToolError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, for the model: it decides by these words what to try next.
    public var message: String
    /// Whether the whole run ends with an error of kind `tool` instead of going on with an error result.
    public var endsRun: Bool

    /// An error with words for the model.
    public init(_ message: String, endsRun: Bool = false) {
        self.message = message
        self.endsRun = endsRun
    }

    /// The message.
    public var description: String { message }
}

/// The input that a model wrote does not fit what the tool takes.
public struct InvalidToolInput: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where in the input, as in `stops[2].city`; empty for the whole of it.
    public var path: String
    /// What does not fit there.
    public var reason: String

    /// An error from its parts.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// Where and what, in a sentence that the model is told.
    public var description: String {
        path.isEmpty ? "the input does not fit: \(reason)" : "the input does not fit at '\(path)': \(reason)"
    }
}
