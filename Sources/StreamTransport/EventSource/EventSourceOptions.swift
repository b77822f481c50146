public import ServerSentEvents
public import StreamCore

extension EventSource {
    /// How an event source connects and reconnects.
    public struct Options: Sendable {
        /// Which responses end the source for good.
        public struct Rules: Sendable, Hashable {
            let retriesStatuses: Bool

            /// As a browser does (WHATWG HTML §9.2.3): every status other than 200 ends the source.
            public static let browser = Rules(retriesStatuses: false)
            /// As a server wants it, and the default: 408, 425, 429 and every 5xx are tried again, and their `Retry-After` is honoured;
            /// every other status ends the source.
            public static let resilient = Rules(retriesStatuses: true)
        }

        /// Which responses end the source for good: ``Rules/resilient`` by default.
        public var rules: Rules
        /// How often and with what backoff connections are made again; attempts count since the last event.
        ///
        /// By default without limit, with full jitter from 0.5 s, cap 30 s, after 429, 503 and 529 with equal jitter from 2 s, cap 60 s.
        public var retry: RetryPolicy
        /// The least delay before a connection is made again, until the server's `retry` says another: none by default.
        ///
        /// Browsers take a few seconds. A `retry` beyond a day counts as a day.
        public var reconnectionTime: Duration
        /// The timeouts of each connection: `connect` 10 s, `firstByte` 60 s, `idle` 60 s by default.
        ///
        /// `idle` is what finds a stalled connection: a server that sends nothing for longer, not even a comment, is taken for dead
        /// and the connection made again.
        public var timeouts: TransportTimeouts
        /// How long a line and how large an event may be.
        public var limits: ServerSentEventLimits

        /// Options from their parts; a negative `reconnectionTime` counts as zero.
        public init(
            rules: Rules = .resilient,
            retry: RetryPolicy = RetryPolicy(
                maxAttempts: .max, transientBackoff: .fullJitter(base: .milliseconds(500), cap: .seconds(30))),
            reconnectionTime: Duration = .zero,
            timeouts: TransportTimeouts = TransportTimeouts(firstByte: .seconds(60), idle: .seconds(60)),
            limits: ServerSentEventLimits = .default
        ) {
            self.rules = rules
            self.retry = retry
            self.reconnectionTime = Swift.max(.zero, reconnectionTime)
            self.timeouts = timeouts
            self.limits = limits
        }
    }
}
