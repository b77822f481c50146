#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How sure a model was of its last tokens: the geometric mean of their probabilities over a sliding window.
///
/// A group of tokens tells more than one token and is more recent than the whole text (group confidence of Fu et al., "Deep
/// Think with Confidence", 2025).
public struct LogprobConfidence: Sendable {
    // Below this a probability is as good as none; it keeps one impossible token from drowning the window for good.
    private static let floor = -100.0

    /// How many tokens the window holds, at least 1.
    public let window: Int

    private var logprobs: [Double] = []
    private var next = 0

    /// An estimator over the last `window` tokens; less than 1 counts as 1, more than 65,536 as 65,536.
    public init(window: Int = 32) {
        self.window = min(65_536, max(1, window))
    }

    /// Takes note of a token's natural log probability; what is not a number is left out, what is above 0 counts as 0.
    public mutating func append(logprob: Double) {
        guard !logprob.isNaN else { return }
        let logprob = min(0, max(Self.floor, logprob))
        if logprobs.count < window {
            logprobs.append(logprob)
        } else {
            logprobs[next] = logprob
            next = (next + 1) % window
        }
    }

    /// The confidence in the last tokens; nil before the first.
    public var confidence: Confidence? {
        guard !logprobs.isEmpty else { return nil }
        // Summed anew each time: the window is small, and a running sum would drift.
        return Confidence(exp(logprobs.reduce(0, +) / Double(logprobs.count)), source: .logprobs)
    }
}
