/// Why a model or an agent stopped writing, as an open-ended code.
///
/// The raw values are those of the AI SDK's UI message stream (`stop`, `length`, `tool-calls`, …). A refusal is no finish but
/// an error of kind ``FailureKind/refused``.
public struct FinishReason: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The code in text.
    public let rawValue: String

    /// A reason from its code.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The code in text.
    public var description: String { rawValue }

    /// The answer is whole, or a stop sequence was met.
    public static let stop = FinishReason(rawValue: "stop")
    /// The limit of output tokens was reached: the answer is cut.
    public static let length = FinishReason(rawValue: "length")
    /// The model waits for the results of its tool calls.
    public static let toolCalls = FinishReason(rawValue: "tool-calls")
    /// The provider paused a long turn; sending the answer so far back continues it.
    public static let paused = FinishReason(rawValue: "paused")
    /// The caller interrupted the run.
    public static let interrupted = FinishReason(rawValue: "interrupted")
    /// None of the others.
    public static let other = FinishReason(rawValue: "other")
}
