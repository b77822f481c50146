#if NIO
    public import NIOCore

    /// How connections are written to; the defaults suit browsers behind proxies.
    public struct PumpConfiguration: Sendable {
        /// How many bytes are pulled at a time: 32 KiB by default, at least 1.
        ///
        /// A reader that takes nothing holds up to one such piece and what the channel's buffer holds below its high watermark.
        public var pieceSize = 32 << 10
        /// How many readers are written to before the event loop looks after everything else again: 64 by default, at least 1.
        public var sliceSize = 64
        /// A heartbeat is sent after a silence of three quarters of this to all of it: 15 s by default.
        ///
        /// Proxies cut what is silent for a minute.
        public var heartbeatInterval = TimeAmount.seconds(15)
        /// For how long a reader may take nothing of what waits for it, or leave a ping unanswered, before its connection is closed: 30 s by default.
        public var stuckTimeout = TimeAmount.seconds(30)

        /// The defaults.
        public init() {}

        /// How often the clock is looked at.
        var tick: TimeAmount {
            .nanoseconds(max(min(heartbeatInterval.nanoseconds, stuckTimeout.nanoseconds) / 4, 1_000_000))
        }

        /// How many ticks make a duration, rounded up.
        func ticks(_ duration: TimeAmount) -> Int {
            Int((duration.nanoseconds + tick.nanoseconds - 1) / tick.nanoseconds)
        }
    }
#endif
