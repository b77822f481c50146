import StreamCore
import WireProtocols

/// The rules of a subscription's client as a value without I/O: it is told what happened, and answers what to do next.
struct SubscriptionMachine: Sendable {
    /// What carries the subscription.
    enum Wire: Sendable {
        case webSocket
        case eventStream
    }

    /// What happened.
    enum Input {
        /// The connection stands.
        case opened
        /// A message has come over WebSocket.
        case message(TRPCServerMessage)
        /// An event has come over server-sent events.
        case event(TRPCStreamEvent)
        /// The connection has ended in order.
        case ended
        /// The server answered with a status, or a type of content, that is none of a subscription's; and what it said.
        case rejected(ExchangeResponseHead, TRPCError?)
        /// The transport failed.
        case failed(TransportError)
        /// What came is no message, or the request cannot be made: that will not change.
        case unacceptable(SubscriptionError)
        /// There are no connection parameters, for now.
        case noConnectionParams(any Error)
        /// Nothing came for as long as was waited for it.
        case silent
        /// The value was handed out, or the message sent.
        case done
        /// The delay is over.
        case waited
        /// The consumer does not want any more.
        case cancelled
    }

    /// What to do next.
    enum Action {
        /// Connect, and ask for what follows ``lastEventID``.
        case connect
        /// Send a message of the protocol.
        case send(TRPCClientMessage)
        /// Wait for what comes, but no longer than that.
        case receive(within: Duration?)
        /// Hand out a value.
        case deliver(JSONValue, eventID: String?)
        /// Let go of the connection, wait, then go on.
        case wait(Duration)
        /// All has come.
        case finish
        case fail(SubscriptionError)
    }

    let wire: Wire
    let options: SubscriptionOptions
    /// The request that all of a connection's messages are about: a connection has one subscription.
    static let envelope = TRPCEnvelope(.number(1))

    /// What the connection is doing; it begins by connecting.
    private(set) var state = SubscriptionState.connecting(attempt: 1)
    /// The id of the last value, after which the subscription goes on; nil before the first, and after one without an id over WebSocket.
    private(set) var lastEventID: String?
    // How many connections were tried since the server last showed that it serves the subscription, the one under way included.
    private var attempt = 1
    private var isPongAwaited = false
    private var inactivity: Duration?

    init(wire: Wire, options: SubscriptionOptions, lastEventID: String?) {
        self.wire = wire
        self.options = options
        self.lastEventID = lastEventID
    }

    /// Takes what happened.
    mutating func handle(_ input: Input, using random: inout some RandomNumberGenerator) -> Action {
        switch state {
        case .completed: return .finish
        case .failed(let error): return .fail(error)
        default: break
        }
        switch input {
        case .opened, .done: return receive()
        case .message(let message):
            isPongAwaited = false
            return take(message, &random)
        case .event(let event): return take(event, &random)
        case .ended:
            return retry(
                SubscriptionError(.connectionEnded, "the server ended the connection"), .transport, nil, &random)
        case .rejected(let head, let error): return reject(head, error, &random)
        case .failed(let error): return fail(error, &random)
        case .unacceptable(let error): return close(error)
        case .noConnectionParams(let error):
            return retry(
                SubscriptionError(.connectionParams, "there are no connection parameters", underlying: error),
                .transport, nil, &random)
        case .silent: return silent(&random)
        case .waited:
            attempt = attempt == .max ? attempt : attempt + 1
            state = .connecting(attempt: attempt)
            isPongAwaited = false
            inactivity = nil
            return .connect
        case .cancelled: return close(SubscriptionError(.cancelled, "the consumer's task was cancelled"))
        }
    }

    private func receive() -> Action {
        switch wire {
        case .eventStream: .receive(within: inactivity)
        case .webSocket: .receive(within: isPongAwaited ? options.pongTimeout : options.pingInterval)
        }
    }

    private mutating func take(
        _ message: TRPCServerMessage, _ random: inout some RandomNumberGenerator
    ) -> Action {
        switch message {
        case .ping:
            attempt = 0
            return .send(.pong)
        case .pong:
            attempt = 0
            return receive()
        case .reconnect:
            return retry(SubscriptionError(.moved, "the server asked to connect anew"), .transport, nil, &random)
        case .error(let envelope, let error):
            guard envelope.id == nil || envelope.id == SubscriptionMachine.envelope.id else { return receive() }
            return refuse(error, &random)
        case .started(let envelope):
            if envelope.id == SubscriptionMachine.envelope.id { state = .open }
            return receive()
        case .stopped(let envelope):
            guard envelope.id == SubscriptionMachine.envelope.id else { return receive() }
            return complete()
        case .data(let envelope, let eventID, let data):
            guard envelope.id == SubscriptionMachine.envelope.id else { return receive() }
            // As tRPC's own client has it: a value without an id leaves no place to go on from.
            lastEventID = eventID
            attempt = 0
            state = .open
            return .deliver(message.value ?? data, eventID: eventID)
        }
    }

    private mutating func take(_ event: TRPCStreamEvent, _ random: inout some RandomNumberGenerator) -> Action {
        switch event {
        case .connected(let time):
            inactivity = time
            state = .open
            return receive()
        case .ping:
            attempt = 0
            return receive()
        case .return: return complete()
        case .error(let error): return refuse(error, &random)
        case .data(let eventID, let data):
            if let eventID { lastEventID = eventID }
            attempt = 0
            state = .open
            return .deliver(data, eventID: eventID)
        }
    }

    private mutating func refuse(_ error: TRPCError, _ random: inout some RandomNumberGenerator) -> Action {
        guard options.retriesServerErrors, error.code.isRetryable else { return close(.refused(error)) }
        return retry(.refused(error), error.code == .serviceUnavailable ? .overloaded : .server, nil, &random)
    }

    private mutating func reject(
        _ head: ExchangeResponseHead, _ error: TRPCError?, _ random: inout some RandomNumberGenerator
    ) -> Action {
        if head.status == 204 { return complete() }
        let rejection = SubscriptionError(
            error == nil ? .status : .refused,
            "the server answered with status \(head.status)" + (error.map { ": \($0)" } ?? ""), error: error)
        guard let kind = head.failureKind, kind.isTransient else { return close(rejection) }
        return retry(rejection, kind, head.headers.retryAfter(), &random)
    }

    private mutating func fail(_ error: TransportError, _ random: inout some RandomNumberGenerator) -> Action {
        let failure = SubscriptionError(.transport, "\(error)", underlying: error)
        switch error.code {
        case .cancelled: return handle(.cancelled, using: &random)
        case .invalidRequest, .unsupported, .tooManyRedirects, .tlsFailed, .shutDown, .bodyAlreadyRead,
            .responseTooLarge:
            // Trying again would fail again.
            return close(failure)
        case .upgradeRefused:
            guard let refusal = error.underlying as? WebSocketRefusal else { return close(failure) }
            let text = String(decoding: refusal.body, as: UTF8.self)
            let answer = try? TRPCResponse.parse(text, limits: options.limits).first
            if case .error(let said)? = answer { return reject(refusal.head, said, &random) }
            return reject(refusal.head, nil, &random)
        case .idleTimeout:
            let stall = SubscriptionError(.stalled, "the server was silent for too long", underlying: error)
            return retry(stall, .timeout, nil, &random)
        default: return retry(failure, .transport, nil, &random)
        }
    }

    private mutating func silent(_ random: inout some RandomNumberGenerator) -> Action {
        if wire == .webSocket, !isPongAwaited {
            isPongAwaited = true
            return .send(.ping)
        }
        return retry(SubscriptionError(.stalled, "the server was silent for too long"), .timeout, nil, &random)
    }

    private mutating func retry(
        _ error: SubscriptionError, _ kind: FailureKind, _ retryAfter: Duration?,
        _ random: inout some RandomNumberGenerator
    ) -> Action {
        // A connection that brought values does not count as an attempt that failed.
        let counted = max(1, attempt)
        switch options.retry.decide(kind, retryable: true, retryAfter: retryAfter, attempt: counted, using: &random) {
        case .retry(let delay):
            state = .waiting(delay, because: error)
            return .wait(delay)
        case .giveUp(.retryAfterTooLong(let asked)):
            return close(error.adding("; it asks to wait \(asked), longer than the policy allows"))
        case .giveUp(.attemptsExhausted): return close(error.adding("; attempt \(counted) was the last"))
        case .giveUp(.notRetryable): return close(error)
        }
    }

    private mutating func complete() -> Action {
        state = .completed
        return .finish
    }

    private mutating func close(_ error: SubscriptionError) -> Action {
        state = .failed(error)
        return .fail(error)
    }
}
