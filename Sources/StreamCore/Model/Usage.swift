/// Tokens that a model's work took; usages add up over steps and attempts.
///
/// Providers count differently (Anthropic's `input_tokens` leaves cached tokens out, OpenAI's `prompt_tokens` has them in);
/// here `input` is all of the input and `output` all of the output, and the other figures are parts of these two.
public struct Usage: Sendable, Hashable, Codable {
    /// All input tokens, those read from and written to a cache included.
    public var input: Int
    /// The part of ``input`` that was read from the provider's cache.
    public var cached: Int
    /// The part of ``input`` that was written to the provider's cache.
    public var cacheWritten: Int
    /// All output tokens, reasoning included.
    public var output: Int
    /// The part of ``output`` that was reasoning, where the provider says so.
    public var reasoning: Int

    /// A usage from its figures, in tokens.
    public init(input: Int = 0, cached: Int = 0, cacheWritten: Int = 0, output: Int = 0, reasoning: Int = 0) {
        self.input = input
        self.cached = cached
        self.cacheWritten = cacheWritten
        self.output = output
        self.reasoning = reasoning
    }

    /// No tokens.
    public static let zero = Usage()

    /// Input and output together.
    public var total: Int { Usage.sum(input, output) }

    /// The sum of two usages; figures that would overflow stay at the largest `Int`.
    public static func + (lhs: Usage, rhs: Usage) -> Usage {
        Usage(
            input: sum(lhs.input, rhs.input),
            cached: sum(lhs.cached, rhs.cached),
            cacheWritten: sum(lhs.cacheWritten, rhs.cacheWritten),
            output: sum(lhs.output, rhs.output),
            reasoning: sum(lhs.reasoning, rhs.reasoning))
    }

    /// Adds another usage.
    public static func += (lhs: inout Usage, rhs: Usage) {
        lhs = lhs + rhs
    }

    // A server's figures are input: they must not be able to trap.
    private static func sum(_ lhs: Int, _ rhs: Int) -> Int {
        let (sum, overflow) = lhs.addingReportingOverflow(rhs)
        return overflow ? (lhs > 0 ? .max : .min) : sum
    }
}
