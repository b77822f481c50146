/// How sure a model seems of what it wrote, and where the figure comes from: without a source there is no number.
public struct Confidence: Sendable, Hashable {
    /// Where a confidence comes from, as an open-ended code.
    public struct Source: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The code in text, as it stands in a chunk's `confidenceSource`.
        public let rawValue: String

        /// A source from its code.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The code in text.
        public var description: String { rawValue }

        /// The probabilities of the tokens that the model drew.
        public static let logprobs = Source(rawValue: "logprobs")
        /// The words of the text: evidence and citations speak for it, hedges against it.
        public static let lexical = Source(rawValue: "lexical")
    }

    /// The confidence, 0 … 1.
    public let value: Double
    /// Where it comes from.
    public let source: Source

    /// A confidence of `value`, brought into 0 … 1; not a number counts as 0.
    public init(_ value: Double, source: Source) {
        self.value = value.isNaN ? 0 : min(1, max(0, value))
        self.source = source
    }
}
