/// A request, or an answer, that is none of the Durable Streams protocol: which field or parameter, and what is wrong with it.
public struct DurableStreamsViolation: Error, Sendable, Hashable, CustomStringConvertible {
    /// The header field or the query parameter.
    public var field: String
    /// What is wrong, and what is allowed.
    public var message: String

    /// A violation from its parts.
    public init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }

    /// One line for people.
    public var description: String { "\(field): \(message)" }
}
