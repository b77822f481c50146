import StreamCore
public import WireProtocols

/// A client of tRPC 11 servers: subscriptions that reconnect by themselves, queries and mutations, over WebSocket or over HTTP with server-sent events.
///
///     let client = SubscriptionClient(webSocket: WebSocketRequest(url: "wss://example.org/trpc"), on: transport)
///     for try await event in try client.subscribe(to: "agent.onAgentProgress", input: ["projectId": "p1"], as: Progress.self) {
///         show(event.value)
///     }
///
/// Each subscription and call has a connection of its own, so that a consumer who does not keep up holds back its own subscription and no other. Over
/// HTTP a transport shares connections where the protocol can.
public struct SubscriptionClient: Sendable {
    /// Gives what a client says about itself where it cannot set header fields; asked before each connection, so that a token is a fresh one.
    public typealias ConnectionParams = @Sendable () async throws -> TRPCConnectionParams?

    let link: SubscriptionLink
    let options: SubscriptionOptions
    let connectionParams: ConnectionParams?
    let clock: any Clock<Duration>
    let random: any RandomNumberGenerator & Sendable

    /// A client over WebSocket.
    ///
    /// - Parameters:
    ///   - request: URL and header fields of the WebSocket.
    ///   - transport: Carries the connections.
    ///   - options: What is retried, when and how often, and how much is accepted.
    ///   - connectionParams: What is said first on each connection; nil says nothing.
    ///   - clock: Measures delays and silence.
    ///   - random: The source of the delays' jitter; each iteration starts with a copy of it.
    public init(
        webSocket request: WebSocketRequest, on transport: any WebSocketTransport,
        options: SubscriptionOptions = SubscriptionOptions(), connectionParams: ConnectionParams? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        link = .webSocket(request, transport)
        self.options = options
        self.connectionParams = connectionParams
        self.clock = clock
        self.random = random
    }

    /// A client over HTTP, with subscriptions as server-sent events.
    ///
    /// - Parameters:
    ///   - endpoint: The base URL of the procedures.
    ///   - headers: Header fields of each request.
    ///   - transport: Carries the requests.
    ///   - options: What is retried, when and how often, and how much is accepted.
    ///   - connectionParams: What stands in the query of each subscription; nil for nothing. Header fields are the better place where a server takes them.
    ///   - clock: Measures delays and silence.
    ///   - random: The source of the delays' jitter; each iteration starts with a copy of it.
    public init(
        http endpoint: TRPCEndpoint, headers: HeaderFields = [:], on transport: any HTTPTransport,
        options: SubscriptionOptions = SubscriptionOptions(), connectionParams: ConnectionParams? = nil,
        clock: any Clock<Duration> = ContinuousClock(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        link = .eventStream(endpoint, headers, transport)
        self.options = options
        self.connectionParams = connectionParams
        self.clock = clock
        self.random = random
    }

    /// A subscription; it connects when it is iterated.
    ///
    /// - Parameters:
    ///   - path: The procedure's path.
    ///   - input: What it is called with.
    ///   - type: What its values are; `JSONValue` takes any.
    ///   - lastEventID: After which value to begin: the id of the last one that an earlier subscription has seen.
    ///   - onStateChange: Is told the changes of the connection's state, in order with the values; it is called by the iterating task and must return soon.
    /// - Throws: ``SubscriptionError`` with ``SubscriptionError/Code/invalidRequest`` when the input has no JSON form.
    public func subscribe<Value: Decodable>(
        to path: String, input: some Encodable, as type: Value.Type = Value.self, after lastEventID: String? = nil,
        onStateChange: @escaping @Sendable (SubscriptionState) -> Void = { _ in }
    ) throws(SubscriptionError) -> Subscription<Value> {
        subscription(to: path, input: try SubscriptionClient.json(input), after: lastEventID, onStateChange)
    }

    /// A subscription without input; it connects when it is iterated.
    public func subscribe<Value: Decodable>(
        to path: String, as type: Value.Type = Value.self, after lastEventID: String? = nil,
        onStateChange: @escaping @Sendable (SubscriptionState) -> Void = { _ in }
    ) -> Subscription<Value> {
        subscription(to: path, input: nil, after: lastEventID, onStateChange)
    }

    private func subscription<Value: Decodable>(
        to path: String, input: JSONValue?, after lastEventID: String?,
        _ observer: @escaping @Sendable (SubscriptionState) -> Void
    ) -> Subscription<Value> {
        Subscription(
            link: link, target: SubscriptionTarget(path: path, input: input, connectionParams: connectionParams),
            options: options, lastEventID: lastEventID, clock: clock, random: random, observer: observer)
    }

    static func json(_ input: some Encodable) throws(SubscriptionError) -> JSONValue {
        do {
            return try JSONValue(encoding: input)
        } catch {
            throw SubscriptionError(.invalidRequest, "the input has no JSON form", underlying: error)
        }
    }
}
