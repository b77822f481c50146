/// Why a section's content failed: which part, and what its agent says.
public struct ContentError: Error, Sendable, CustomStringConvertible {
    /// The name of the part that failed.
    public var part: String
    /// Why it failed; its `partial` holds what was written of the part.
    public var error: AgentError

    /// An error from its parts.
    public init(part: String, error: AgentError) {
        self.part = part
        self.error = error
    }

    /// One line: the part, then the agent's error.
    public var description: String { "the part '\(part)' failed: \(error)" }
}
