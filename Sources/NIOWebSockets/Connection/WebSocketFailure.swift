#if NIO
    package import WireProtocols

    /// Why a WebSocket connection over NIO does not go on; whoever offers it to users makes an error of theirs of it.
    package enum WebSocketFailure: Error, Sendable {
        /// The caller's task was cancelled; the connection goes on.
        case cancelled
        /// One of the ends has closed: nothing can be sent any more.
        case closed
        /// The connection broke, or ended without a close frame.
        case lost(underlying: (any Error)?)
        /// The peer broke the protocol or a limit, and was told so.
        case violation(WebSocketViolation)
        /// The peer gave no sign of life after a ping.
        case silent
        /// Two tasks receive at a time.
        case concurrentReceive
    }
#endif
