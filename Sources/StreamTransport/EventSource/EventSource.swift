public import ServerSentEvents
public import StreamCore
public import WireProtocols

/// A client of server-sent events that reconnects: the events of a stream, over as many connections as it takes.
///
/// It follows WHATWG HTML §9.2 on any ``HTTPTransport``, with any method, header fields and body:
///
///     let source = EventSource(ExchangeRequest(url: url), on: transport) { state in show(state) }
///     for try await event in source {
///         handle(event.type, event.data)
///     }
///
/// - A connection that ends, breaks or falls silent is made again, with the id of the last event as `Last-Event-ID`; the delay is at
///   least what the server's `retry` asks, plus a jittered backoff that starts over whenever an event has come.
/// - A response other than a 200 with `text/event-stream` ends it; what else is tried again is chosen by ``Options/rules``. 204 means
///   that the server has no more to say: the sequence ends without an error.
/// - Events are pulled: nothing is read that the consumer does not ask for, and each iteration has a connection of its own. Cancelling
///   the task, or letting go of the iterator, closes it.
///
/// Every change of the connection's ``State`` is told to the closure, in order with the events.
public struct EventSource: AsyncSequence, Sendable {
    /// An event that owns its text.
    public typealias Element = ServerSentEvent
    /// Why there are no more events.
    public typealias Failure = EventSourceError

    private let request: ExchangeRequest
    private let transport: any HTTPTransport
    private let options: Options
    private let lastEventID: String
    private let clock: any Clock<Duration>
    private let random: any RandomNumberGenerator & Sendable
    private let observer: StateObserver

    /// An event source; it connects when it is iterated.
    ///
    /// - Parameters:
    ///   - request: What is sent each time. `accept` and `cache-control` are added where they are missing.
    ///   - transport: Carries the connections.
    ///   - options: What is retried, when and how often, and how much is accepted.
    ///   - lastEventID: After which event to begin: the id of the last one that an earlier client has seen.
    ///   - clock: Measures the delays between connections.
    ///   - random: The source of their jitter; each iteration starts with a copy of it.
    ///   - instrumentation: Is told the changes of state.
    ///   - onStateChange: Is told the changes of state; it is called by the iterating task and must return soon.
    public init(
        _ request: ExchangeRequest, on transport: any HTTPTransport, options: Options = Options(),
        lastEventID: String = "",
        clock: any Clock<Duration> = ContinuousClock(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        instrumentation: Instrumentation = .none, onStateChange: @escaping @Sendable (State) -> Void = { _ in }
    ) {
        self.request = request
        self.transport = transport
        self.options = options
        self.lastEventID = lastEventID
        self.clock = clock
        self.random = random
        observer = StateObserver(instrumentation: instrumentation, onStateChange: onStateChange)
    }

    /// An iteration with connections of its own.
    public func makeAsyncIterator() -> Iterator {
        Iterator(
            request: request, transport: transport, machine: EventSourceMachine(options: options),
            parser: ServerSentEventParser(lastEventID: lastEventID, limits: options.limits), clock: clock,
            random: random,
            observer: observer)
    }
}

/// Who is told the changes of state.
struct StateObserver: Sendable {
    let instrumentation: Instrumentation
    let onStateChange: @Sendable (EventSource.State) -> Void

    func report(_ state: EventSource.State) {
        instrumentation.report(.connection(state: state.name, reason: state.reason?.description ?? ""))
        onStateChange(state)
    }
}
