/// When a failed request is sent again, and after what delay: the retry law of the package, a value without I/O.
///
/// Defaults: 5 attempts counted since the last progress; transport failures and HTTP 5xx with full jitter,
/// U(0, min(8 s, 0.5 s · 2ⁿ)); rate limits and overload (HTTP 429, 529) with equal jitter from 2 s, cap 60 s; a server's
/// `Retry-After` or `retry-after-ms` is honoured up to 120 s and fails beyond; nothing else is retried, spend limits
/// and quotas least of all.
public struct RetryPolicy: Sendable, Hashable {
    /// How many attempts are made in all since the last progress, the first one included; at least 1.
    public var maxAttempts: Int
    /// Delays after failures of the connection or the server.
    public var transientBackoff: Backoff
    /// Delays after the server said that it is asked too much.
    public var overloadBackoff: Backoff
    /// The longest `Retry-After` that is waited for.
    public var maxRetryAfter: Duration

    /// A policy from its parts; a `maxAttempts` below 1 counts as 1.
    public init(
        maxAttempts: Int = 5,
        transientBackoff: Backoff = .fullJitter(),
        overloadBackoff: Backoff = .equalJitter(),
        maxRetryAfter: Duration = .seconds(120)
    ) {
        self.maxAttempts = max(1, maxAttempts)
        self.transientBackoff = transientBackoff
        self.overloadBackoff = overloadBackoff
        self.maxRetryAfter = maxRetryAfter
    }

    /// Never retries.
    public static let never = RetryPolicy(maxAttempts: 1)

    /// What to do about a failure.
    public enum Decision: Sendable, Hashable {
        /// Wait that long, then try again.
        case retry(after: Duration)
        /// Do not try again.
        case giveUp(GiveUpReason)
    }

    /// Why a failure is not retried.
    public enum GiveUpReason: Sendable, Hashable {
        /// Trying again would fail again, or must not be done.
        case notRetryable
        /// All attempts are used up.
        case attemptsExhausted
        /// The server asks to wait longer than ``RetryPolicy/maxRetryAfter``.
        case retryAfterTooLong(Duration)
    }

    /// Decides about a failure.
    ///
    /// - Parameters:
    ///   - kind: What went wrong.
    ///   - retryable: Whether it may be retried at all; by default as the kind says.
    ///   - retryAfter: How long the server asked to wait.
    ///   - attempt: Which attempt failed, counted from 1 since the last progress.
    ///   - generator: The source of the jitter.
    public func decide(
        _ kind: FailureKind, retryable: Bool? = nil, retryAfter: Duration? = nil, attempt: Int,
        using generator: inout some RandomNumberGenerator
    ) -> Decision {
        // Whatever anybody says: money does not come back by asking again.
        guard kind != .quotaExceeded, retryable ?? kind.isTransient else { return .giveUp(.notRetryable) }
        guard attempt < maxAttempts else { return .giveUp(.attemptsExhausted) }
        if let retryAfter, retryAfter > maxRetryAfter { return .giveUp(.retryAfterTooLong(retryAfter)) }
        if let retryAfter, retryAfter >= .zero { return .retry(after: retryAfter) }
        let backoff = kind == .rateLimited || kind == .overloaded ? overloadBackoff : transientBackoff
        return .retry(after: backoff.delay(retry: max(1, attempt) - 1, using: &generator))
    }
}
