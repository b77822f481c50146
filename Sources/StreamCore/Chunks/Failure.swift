/// What went wrong, in the form that readers of a stream see: no secrets, no internals.
public struct Failure: Sendable, Hashable, Codable {
    /// The kind of the failure.
    public var kind: FailureKind
    /// Whether the same request may succeed later.
    public var retryable: Bool
    /// What went wrong, for people.
    public var message: String

    /// A failure from its parts.
    public init(kind: FailureKind, retryable: Bool, message: String) {
        self.kind = kind
        self.retryable = retryable
        self.message = message
    }
}
