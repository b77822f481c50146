public import StreamTransport
import Synchronization
public import WireProtocols

/// A transport that spoils what another transport brings: to test what code does when the network misbehaves.
public final class FaultInjectingTransport: HTTPTransport {
    private let base: any HTTPTransport
    private let clock: (any Clock<Duration>)?
    private let faults: @Sendable (ExchangeRequest, Int) -> [TransportFault]
    private let sent = Mutex<[ExchangeRequest]>([])

    /// A transport with the faults that a closure chooses for each exchange.
    ///
    /// - Parameters:
    ///   - base: Carries out the exchanges.
    ///   - clock: The clock of slowness and stalls; without one, slowness takes no time and a stall ends by cancellation only.
    ///   - faults: Is given the request and its number, counted from 0.
    public init(
        _ base: any HTTPTransport, clock: (any Clock<Duration>)? = nil,
        faults: @escaping @Sendable (ExchangeRequest, Int) -> [TransportFault]
    ) {
        self.base = base
        self.clock = clock
        self.faults = faults
    }

    /// A transport with the faults of each exchange in order; exchanges after the last are left as they are.
    public convenience init(
        _ base: any HTTPTransport, clock: (any Clock<Duration>)? = nil, faults: [[TransportFault]]
    ) {
        self.init(base, clock: clock) { _, number in faults.indices.contains(number) ? faults[number] : [] }
    }

    /// The requests that were to be sent, in order, also those that a fault kept from being sent.
    public var requests: [ExchangeRequest] { sent.withLock { $0 } }

    /// Sends the request through the base and spoils the response.
    public func send(
        _ request: ExchangeRequest, timeouts: TransportTimeouts
    ) async throws(TransportError) -> TransportResponse {
        let number = sent.withLock { sent in
            sent.append(request)
            return sent.count - 1
        }
        let faults = faults(request, number)
        for case .connectFailure in faults.map(\.kind) {
            throw TransportError(.connectionFailed, "the test has the connection to \(request.redactedURL) fail")
        }
        let response = try await base.send(request, timeouts: timeouts)
        var head = response.head
        var body = response.body
        for fault in faults {
            switch fault.kind {
            case .connectFailure: break
            case .status(let status): head.status = status
            case .cut(let position, let code): body = body.cut(after: position, code: code)
            case .stall(let position): body = body.stalled(after: position, clock: clock, idle: timeouts.idle)
            case .corrupt(let position, let mask): body = body.corrupted(at: position, mask: mask)
            case .rechunk(let size): body = body.rechunked(size, fills: true, delay: nil, clock: nil)
            case .slow(let size, let delay): body = body.rechunked(size, fills: false, delay: delay, clock: clock)
            }
        }
        return TransportResponse(head: head, body: body)
    }
}
