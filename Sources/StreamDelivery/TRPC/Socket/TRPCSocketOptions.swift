/// How much one tRPC connection over WebSocket may have going on.
public struct TRPCSocketOptions: Sendable, Hashable {
    /// The most subscriptions at a time, 64 by default; more are answered with `TOO_MANY_REQUESTS`.
    public var maxSubscriptions: Int
    /// The most queries and mutations under way, 32 by default: then nothing is read until one is done.
    ///
    /// A batch that was read may go beyond it.
    public var maxCalls: Int
    /// How many bytes of answers may wait before nothing is read until the client takes them: 256 KiB by default.
    public var maxOutgoing: Int
    /// After how many heartbeats without any message from the client it counts as gone: 3 by default; nil never gives it up.
    ///
    /// A tRPC client answers each `PING`. Only a connection on which nothing else is sent has heartbeats, at the host's interval.
    public var maxUnansweredPings: Int?
    /// How many messages are kept that came while the client was being authenticated.
    let maxHeld = 64

    /// Options from their parts; numbers below 1 count as 1.
    public init(
        maxSubscriptions: Int = 64, maxCalls: Int = 32, maxOutgoing: Int = 256 << 10, maxUnansweredPings: Int? = 3
    ) {
        self.maxSubscriptions = max(1, maxSubscriptions)
        self.maxCalls = max(1, maxCalls)
        self.maxOutgoing = max(1, maxOutgoing)
        self.maxUnansweredPings = maxUnansweredPings.map { max(1, $0) }
    }
}
