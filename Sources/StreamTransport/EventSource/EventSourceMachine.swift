import ServerSentEvents
import StreamCore
import WireProtocols

/// The rules of an event source as a value without I/O: it is told what happened, and answers what to do next.
struct EventSourceMachine: Sendable {
    /// What happened.
    enum Input {
        /// A response has come.
        case response(ExchangeResponseHead)
        /// The body of a response that was not accepted was read, as far as it is kept.
        case rejectedBody([UInt8])
        /// Events have come.
        case events
        /// The body has ended.
        case ended
        /// The transport failed, before the response or within its body.
        case failed(TransportError)
        /// The stream is not acceptable.
        case unacceptable(ServerSentEventError)
        /// The request cannot be made.
        case invalidRequest(HeaderFieldError)
        /// The delay is over.
        case waited
        /// The consumer does not want any more.
        case cancelled
    }

    /// What to do next.
    enum Action {
        case connect
        case read
        /// Read the beginning of the body of a response that is not accepted.
        case readRejected
        case wait(Duration)
        case close(EventSourceError)
    }

    /// The longest delay that a server's `retry` is granted.
    static let longestReconnectionTime = Duration.seconds(86_400)

    let options: EventSource.Options
    /// What the source is doing; it begins by connecting.
    private(set) var state = EventSource.State.connecting(attempt: 1)
    /// How many connections were tried since the last event, the one under way included.
    private var attempt = 1
    private var rejection: EventSourceError?

    init(options: EventSource.Options) {
        self.options = options
    }

    /// Takes what happened.
    ///
    /// - Parameter reconnectionTime: What the server's `retry` says, when it said something.
    mutating func handle(
        _ input: Input, reconnectionTime: Duration?, using random: inout some RandomNumberGenerator
    ) -> Action {
        if case .closed(let error) = state { return .close(error) }
        switch input {
        case .response(let head): return take(head)
        case .rejectedBody(let body):
            let error = (rejection ?? EventSourceError(.status, "the response was not accepted")).adding(body: body)
            rejection = nil
            return settle(error, reconnectionTime, &random)
        case .events:
            attempt = 0
            return .read
        case .ended:
            return retry(
                EventSourceError(.connectionEnded, "the server ended the connection"), .transport, nil,
                reconnectionTime, &random)
        case .failed(let error): return fail(error, reconnectionTime, &random)
        case .unacceptable(let error):
            return close(EventSourceError(.limitExceeded, "the stream is not acceptable: \(error)", underlying: error))
        case .invalidRequest(let error):
            return close(EventSourceError(.invalidRequest, "the request cannot be sent: \(error)", underlying: error))
        case .waited:
            attempt = attempt == .max ? attempt : attempt + 1
            state = .connecting(attempt: attempt)
            return .connect
        case .cancelled: return close(EventSourceError(.cancelled, "the consumer's task was cancelled"))
        }
    }

    private mutating func take(_ head: ExchangeResponseHead) -> Action {
        switch (head.status, head.headers.mediaType) {
        case (200, "text/event-stream"):
            state = .open
            return .read
        case (204, _):
            return close(EventSourceError(.stopped, "the server has no more to say (204)", response: head))
        case (200, let type):
            // The type is the server's text: only its beginning, in case that it is long.
            let shown = type.map { "'\($0.prefix(100))'" } ?? "no type"
            rejection = EventSourceError(
                .contentType,
                "the server answered with \(shown) instead of text/event-stream: is this the stream's URL?",
                response: head)
            return .readRejected
        default:
            rejection = EventSourceError(
                .status, "the server answered with status \(head.status) instead of 200", response: head)
            return .readRejected
        }
    }

    /// Decides about a response that was not accepted.
    private mutating func settle(
        _ error: EventSourceError, _ reconnectionTime: Duration?, _ random: inout some RandomNumberGenerator
    ) -> Action {
        guard error.code == .status, options.rules.retriesStatuses, let response = error.response,
            let kind = response.failureKind, kind.isTransient
        else { return close(error) }
        return retry(error, kind, response.headers.retryAfter(), reconnectionTime, &random)
    }

    private mutating func fail(
        _ error: TransportError, _ reconnectionTime: Duration?, _ random: inout some RandomNumberGenerator
    ) -> Action {
        switch error.code {
        case .cancelled: return handle(.cancelled, reconnectionTime: reconnectionTime, using: &random)
        case .invalidRequest, .unsupported, .tooManyRedirects, .tlsFailed, .shutDown, .bodyAlreadyRead:
            // Trying again would fail again.
            return close(EventSourceError(.transport, "\(error)", underlying: error))
        case .idleTimeout:
            let stall = EventSourceError(.stalled, "the server was silent for too long", underlying: error)
            return retry(stall, .timeout, nil, reconnectionTime, &random)
        default:
            return retry(
                EventSourceError(.transport, "\(error)", underlying: error), .transport, nil, reconnectionTime, &random)
        }
    }

    private mutating func retry(
        _ error: EventSourceError, _ kind: FailureKind, _ retryAfter: Duration?, _ reconnectionTime: Duration?,
        _ random: inout some RandomNumberGenerator
    ) -> Action {
        // A connection that brought events does not count as an attempt that failed.
        let decision = options.retry.decide(
            kind, retryable: true, retryAfter: retryAfter, attempt: max(1, attempt), using: &random)
        switch decision {
        case .retry(let backoff):
            let least = min(reconnectionTime ?? options.reconnectionTime, EventSourceMachine.longestReconnectionTime)
            // What Retry-After says holds for this one time, in place of the backoff; `retry` is the least in any case.
            let delay = retryAfter == nil ? least + backoff : max(least, backoff)
            state = .waiting(delay, because: error)
            return .wait(delay)
        case .giveUp(.retryAfterTooLong(let asked)):
            return close(error.adding("; it asks to wait \(asked), longer than the policy allows"))
        case .giveUp(.attemptsExhausted):
            return close(error.adding("; attempt \(max(1, attempt)) was the last"))
        case .giveUp(.notRetryable): return close(error)
        }
    }

    private mutating func close(_ error: EventSourceError) -> Action {
        state = .closed(because: error)
        return .close(error)
    }
}
