import ServerSentEvents
public import StreamCore
public import WireProtocols

/// How a subscription connects and reconnects.
public struct SubscriptionOptions: Sendable {
    /// How often and with what backoff connections are made again; attempts count since the server last showed that it serves the subscription.
    ///
    /// By default without limit, with full jitter from 0.5 s, cap 30 s.
    public var retry: RetryPolicy
    /// Whether errors of the server that ``/WireProtocols/TRPCErrorCode/isRetryable`` are tried again, as tRPC's client does over server-sent events: true by default.
    public var retriesServerErrors: Bool
    /// After how much silence a server is sent a `PING` over WebSocket: 30 seconds by default; nil sends none.
    ///
    /// Only the time in which the consumer waits for a value counts.
    public var pingInterval: Duration?
    /// From a `PING` until any message of the server, before the connection is made again: 10 seconds by default.
    public var pongTimeout: Duration
    /// The timeouts of each WebSocket.
    public var socketTimeouts: WebSocketTimeouts
    /// The timeouts of each event stream, and of calls over HTTP: `connect` 10 s, `firstByte` 60 s, `idle` 60 s by default.
    public var timeouts: TransportTimeouts
    /// How large the server's messages and answers may be.
    public var limits: TRPCLimits

    /// Options from their parts.
    public init(
        retry: RetryPolicy = RetryPolicy(
            maxAttempts: .max, transientBackoff: .fullJitter(base: .milliseconds(500), cap: .seconds(30))),
        retriesServerErrors: Bool = true, pingInterval: Duration? = .seconds(30), pongTimeout: Duration = .seconds(10),
        socketTimeouts: WebSocketTimeouts = WebSocketTimeouts(),
        timeouts: TransportTimeouts = TransportTimeouts(firstByte: .seconds(60), idle: .seconds(60)),
        limits: TRPCLimits = .client
    ) {
        self.retry = retry
        self.retriesServerErrors = retriesServerErrors
        self.pingInterval = pingInterval
        self.pongTimeout = pongTimeout
        self.socketTimeouts = socketTimeouts
        self.timeouts = timeouts
        self.limits = limits
    }

    var eventLimits: ServerSentEventLimits {
        ServerSentEventLimits(line: limits.messageSize, event: limits.messageSize)
    }
}
