/// What a model and its endpoint can do, so that callers and recovery choose what works.
public struct ModelCapabilities: OptionSet, Sendable, Hashable {
    /// The set as bits; not stable between versions.
    public let rawValue: UInt32

    /// A set from its bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Continues an assistant message that the request ends with.
    public static let prefill = ModelCapabilities(rawValue: 1 << 0)
    /// Keeps generating when the connection breaks, and replays after a cursor.
    public static let backgroundResume = ModelCapabilities(rawValue: 1 << 1)
    /// Tells the log probabilities of tokens.
    public static let logprobs = ModelCapabilities(rawValue: 1 << 2)
    /// Streams its reasoning, or a summary of it, apart from the answer.
    public static let reasoning = ModelCapabilities(rawValue: 1 << 3)
    /// Calls tools.
    public static let tools = ModelCapabilities(rawValue: 1 << 4)
    /// Answers in the form of a JSON schema, enforced by the provider.
    public static let structuredOutput = ModelCapabilities(rawValue: 1 << 5)
}
