public import StreamTransport
import Synchronization
public import WireProtocols

/// A transport without a network: it answers with what the test wrote, and keeps the requests to assert on.
///
/// It obeys cancellation, and on its clock the first-byte and the idle timeout, so that a ``ManualClock`` drives them.
public final class ReplayTransport: HTTPTransport {
    private struct State {
        var sent: [(request: ExchangeRequest, timeouts: TransportTimeouts)] = []
        var openBodies = 0
    }

    private let respond: @Sendable (ExchangeRequest, Int) -> ReplayResponse
    private let clock: (any Clock<Duration>)?
    private let state = Mutex(State())

    /// A transport that asks a closure for each response.
    ///
    /// - Parameters:
    ///   - clock: The clock of delays and timeouts; without one, delays take no time and timeouts never fire.
    ///   - respond: Is given the request and its number, counted from 0.
    public init(
        clock: (any Clock<Duration>)? = nil, respond: @escaping @Sendable (ExchangeRequest, Int) -> ReplayResponse
    ) {
        self.clock = clock
        self.respond = respond
    }

    /// A transport that gives the responses in order; a request after the last one fails with `connectionFailed`.
    public convenience init(_ responses: [ReplayResponse], clock: (any Clock<Duration>)? = nil) {
        self.init(clock: clock) { _, number in
            if responses.indices.contains(number) { return responses[number] }
            return .failure(
                TransportError(
                    .connectionFailed,
                    "the replay has \(responses.count) responses and was asked for number \(number + 1)"))
        }
    }

    /// The requests that were sent, in order.
    public var requests: [ExchangeRequest] { state.withLock { $0.sent.map(\.request) } }

    /// The timeouts that were asked for, in the order of the requests.
    public var timeouts: [TransportTimeouts] { state.withLock { $0.sent.map(\.timeouts) } }

    /// How many bodies were handed out and not let go of yet.
    public var openBodies: Int { state.withLock { $0.openBodies } }

    /// Records the request and answers with the next response.
    public func send(
        _ request: ExchangeRequest, timeouts: TransportTimeouts
    ) async throws(TransportError) -> TransportResponse {
        if Task.isCancelled { throw ReplayTransport.cancelled }
        let number = state.withLock { state in
            state.sent.append((request, timeouts))
            return state.sent.count - 1
        }
        switch respond(request, number).outcome {
        case .failure(let error): throw error
        case .silence:
            try await waitInSilence(timeouts.firstByte)
            throw TransportError(.firstByteTimeout, "the replayed server sent no head in time")
        case .response(let head, let steps, let ending):
            return TransportResponse(head: head, body: body(steps, ending, idle: timeouts.idle))
        }
    }

    private func body(_ steps: [ReplayResponse.Step], _ ending: ReplayResponse.Ending, idle: Duration?) -> ResponseBody
    {
        state.withLock { $0.openBodies += 1 }
        let rest = Rest(steps)
        return ResponseBody(
            next: { () throws(TransportError) in
                while let step = rest.take() {
                    if Task.isCancelled { throw ReplayTransport.cancelled }
                    switch step.kind {
                    case .bytes(let bytes): if !bytes.isEmpty { return bytes }
                    case .gate(let gate): try await ReplayTransport.mapping { try await gate.wait() }
                    case .delay(let duration): try await self.delay(duration, idle: idle)
                    }
                }
                switch ending.kind {
                case .end: return nil
                case .failure(let error): throw error
                case .silence:
                    try await self.waitInSilence(idle)
                    throw ReplayTransport.idleTimeout
                }
            },
            onClose: { self.state.withLock { $0.openBodies -= 1 } })
    }

    private func delay(_ duration: Duration, idle: Duration?) async throws(TransportError) {
        guard let clock else { return }
        let isTooLong = idle.map { $0 < duration } ?? false
        try await ReplayTransport.mapping { try await clock.sleep(for: isTooLong ? idle ?? duration : duration) }
        if isTooLong { throw ReplayTransport.idleTimeout }
    }

    /// Returns when `limit` has passed on the clock; without limit or clock only by cancellation.
    private func waitInSilence(_ limit: Duration?) async throws(TransportError) {
        if let limit, let clock {
            try await ReplayTransport.mapping { try await clock.sleep(for: limit) }
        } else {
            try await ReplayTransport.mapping { try await Gate().wait() }
        }
    }

    private static func mapping(_ wait: () async throws -> Void) async throws(TransportError) {
        do {
            try await wait()
        } catch {
            throw TransportError(cancelled.code, cancelled.message, underlying: error)
        }
    }

    private static var cancelled: TransportError { TransportError(.cancelled, "the exchange was cancelled") }
    private static var idleTimeout: TransportError {
        TransportError(.idleTimeout, "the replayed server sent nothing for longer than the idle timeout")
    }
}

/// The steps of a body that are still to come.
private final class Rest: Sendable {
    private let steps: Mutex<ArraySlice<ReplayResponse.Step>>

    init(_ steps: [ReplayResponse.Step]) {
        self.steps = Mutex(steps[...])
    }

    func take() -> ReplayResponse.Step? { steps.withLock { $0.popFirst() } }
}
