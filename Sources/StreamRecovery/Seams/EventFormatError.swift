/// Why an event's payload is not what its type says: a field is missing or wrong.
public struct EventFormatError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field that is missing or wrong; empty when the whole payload is.
    public var field: String
    /// What is wrong with it.
    public var reason: String

    /// An error from its parts.
    public init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }

    /// Field and reason, in a sentence.
    public var description: String {
        field.isEmpty
            ? "the event cannot be read: \(reason)" : "the event's '\(field)' is missing or wrong: \(reason)"
    }
}
