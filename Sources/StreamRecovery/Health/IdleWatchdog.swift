public import StreamCore

/// Notices that a stream has fallen silent: a state machine, as a value.
///
/// Only output is progress. A ping keeps the connection alive, and the transport's timeouts quiet, but a stream of nothing but pings ends here. The time during which nobody
/// waits for the stream, since the reader is busy, does not count. Times are readings of one monotonic clock.
public struct IdleWatchdog: Sendable, Hashable {
    /// Something that a stream brought.
    public enum Activity: Sendable, Hashable {
        /// Output: text, reasoning, a piece of a tool call, usage, an end.
        case progress
        /// A sign of life and nothing else.
        case ping
    }

    /// How long a stream may be waited for without progress.
    public let limit: Duration

    // How much of the limit is left, counted from `since`; nil while nobody waits.
    private var left: Duration
    private var since: Duration?

    /// A watchdog that does not run yet; two minutes by default, as models may think for long before they write.
    public init(limit: Duration = .seconds(120)) {
        self.limit = max(.zero, limit)
        left = self.limit
    }

    /// Somebody waits for the stream from now on.
    public mutating func waits(at now: Duration) {
        if since == nil { since = now }
    }

    /// Nobody waits any more: what came is being handled.
    public mutating func pauses(at now: Duration) {
        guard let since else { return }
        left = max(.zero, left - max(.zero, now - since))
        self.since = nil
    }

    /// The stream brought something.
    public mutating func saw(_ activity: Activity, at now: Duration) {
        guard activity == .progress else { return }
        left = limit
        if since != nil { since = now }
    }

    /// When the stream counts as silent, unless something comes before; nil while nobody waits.
    public var deadline: Duration? { since.map { $0 + left } }

    /// Whether the stream counts as silent.
    public func isExpired(at now: Duration) -> Bool {
        deadline.map { now >= $0 } ?? false
    }

    /// What a silent stream has failed with.
    public var failure: Failure {
        Failure(
            kind: .timeout, retryable: true,
            message: "the model's stream brought nothing new for \(limit), although its connection stands")
    }
}
