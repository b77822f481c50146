public import StreamCore

/// Why a broken run is not recovered.
public struct RecoveryRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The reason, as an open-ended code: codes may be added, so a switch over it needs a default.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The code in text, in lower camel case.
        public let rawValue: String

        /// A code from its text.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The code in text.
        public var description: String { rawValue }

        /// Trying again would fail again, or must not be done: spend limits, quotas, refusals, other 4xx.
        public static let notRetryable = Code(rawValue: "notRetryable")
        /// All attempts since the last progress are used up.
        public static let attemptsExhausted = Code(rawValue: "attemptsExhausted")
        /// The provider asks to wait longer than the policy allows.
        public static let retryAfterTooLong = Code(rawValue: "retryAfterTooLong")
        /// A tool has run, would run again, and the host has not approved it.
        public static let toolRan = Code(rawValue: "toolRan")
        /// The retries that the provider's requests have earned are used up, and no other model is allowed.
        public static let retryBudgetSpent = Code(rawValue: "retryBudgetSpent")
        /// The provider's circuit breaker stays open for longer than may be waited, and no other model is allowed.
        public static let breakerOpen = Code(rawValue: "breakerOpen")
        /// No rung of the ladder applies.
        public static let noStrategy = Code(rawValue: "noStrategy")
        /// The run was recovered ``RecoveryLimits/recoveries`` times.
        public static let recoveryLimit = Code(rawValue: "recoveryLimit")
        /// The run was taken over ``RecoveryLimits/takeoversWithoutProgress`` times in a row without progress.
        public static let takeoverLimit = Code(rawValue: "takeoverLimit")
        /// The run has used up ``RecoveryLimits/wallTime``.
        public static let timeLimit = Code(rawValue: "timeLimit")
        /// The run has used up ``RecoveryLimits/tokens``.
        public static let tokenLimit = Code(rawValue: "tokenLimit")
        /// The run has used up ``RecoveryLimits/cost``.
        public static let costLimit = Code(rawValue: "costLimit")
    }

    /// The reason.
    public var code: Code
    /// The reason in words that may be shown to readers.
    public var message: String

    /// A refusal from its parts.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }

    /// The failure as the run ends with it: its own message, and why it was not recovered.
    public func ending(_ failure: Failure) -> Failure {
        // A failure that nobody would have retried needs no explanation.
        guard code != .notRetryable else { return failure }
        return Failure(
            kind: failure.kind, retryable: failure.retryable,
            message: "\(failure.message) (not recovered: \(message))")
    }
}
