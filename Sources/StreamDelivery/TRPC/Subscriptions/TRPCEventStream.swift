import DurableLog
import ServerSentEvents
import Synchronization
import WireProtocols

/// A subscription over server-sent events: `connected`, its values, and `return` or `serialized-error`.
final class TRPCEventStream: DeliverySource, LiveStream {
    private struct State {
        var head: [UInt8] = []
        var source: (any SubscriptionSource)?
        var job: TaskScope.Job?
        var failure: TRPCError?
        var hasLeft = false
        var isOver = false
        var hasEnded = false
        var onReady: (@Sendable () -> Void)?
    }

    let signal: AppendSignal
    private let service: TRPCService
    private let state: Mutex<State>

    /// An event stream of a source; without one it fails.
    private init(service: TRPCService, source: (any SubscriptionSource)?, failure: TRPCError?) {
        self.service = service
        signal = source?.signal ?? AppendSignal()
        var head: [UInt8] = []
        TRPCEventStream.append(
            .connected(reconnectAfterInactivity: service.options.reconnectAfterInactivity), to: &head)
        state = Mutex(State(head: head, source: source, failure: failure))
    }

    /// A stream that says why there is none.
    convenience init(service: TRPCService, failure: TRPCError) {
        self.init(service: service, source: nil, failure: failure)
    }

    /// A stream of what a plan gives.
    static func begin(_ plan: SubscriptionPlan, _ call: ProcedureCall, service: TRPCService) async -> TRPCEventStream {
        let encoding = SubscriptionEncoding(wire: .eventStream)
        switch plan {
        case .source(let make):
            do throws(TRPCError) {
                return TRPCEventStream(service: service, source: try await make(encoding), failure: nil)
            } catch {
                return TRPCEventStream(service: service, failure: error.at(call.path))
            }
        case .sequence(let run):
            let outlet = SequenceOutlet(encoding)
            guard let job = service.tasks.start({ _ = await call.run(run, into: outlet) }) else {
                return TRPCEventStream(service: service, failure: TRPCService.unavailable.at(call.path))
            }
            let stream = TRPCEventStream(service: service, source: outlet, failure: nil)
            stream.state.withLock { $0.job = job }
            return stream
        }
    }

    deinit { end() }

    func attach(onReady: @escaping @Sendable () -> Void) {
        let source = state.withLock { state in
            state.onReady = onReady
            return state.source
        }
        source?.attach(onReady: onReady)
        onReady()
    }

    func next(maxBytes: Int) -> DeliveryPull {
        let (turn, source) = state.withLock { state -> (DeliveryPull?, (any SubscriptionSource)?) in
            if state.hasEnded || state.isOver { return (.end, nil) }
            if !state.head.isEmpty {
                defer { state.head = [] }
                return (.piece(DeliveryPiece(state.head)), nil)
            }
            if state.hasLeft { return (.end, nil) }
            return (nil, state.source)
        }
        if let turn { return turn }
        guard let source else { return last(.end(state.withLock { $0.failure })) }
        // Outside the lock: a source may say that it is ready while it is pulled.
        switch source.next(maxBytes: maxBytes) {
        case .piece(let piece): return .piece(piece)
        case .wait: return .wait
        case let pull: return last(pull)
        }
    }

    /// The last event; a client that does not get one connects again.
    private func last(_ pull: SubscriptionPull) -> DeliveryPull {
        state.withLock { $0.isOver = true }
        guard case .end(let error) = pull else { return .end }
        var bytes: [UInt8] = []
        TRPCEventStream.append(error.map { .error($0) } ?? .return, to: &bytes)
        return .piece(DeliveryPiece(bytes))
    }

    func heartbeat() -> DeliveryPiece? {
        var bytes: [UInt8] = []
        TRPCEventStream.append(.ping, to: &bytes)
        return DeliveryPiece(bytes)
    }

    func end() {
        let (source, job, wasEnded) = state.withLock { state in
            defer {
                state.hasEnded = true
                state.source = nil
                state.job = nil
                state.onReady = nil
            }
            return (state.source, state.job, state.hasEnded)
        }
        guard !wasEnded else { return }
        job?.cancel()
        source?.end()
        service.live.remove(ObjectIdentifier(self))
    }

    func drain() {
        let onReady = state.withLock { state in
            state.hasLeft = true
            return state.onReady
        }
        onReady?()
    }

    func leave() { drain() }

    private static func append(_ event: TRPCStreamEvent, to bytes: inout [UInt8]) {
        do throws(ServerSentEventError) {
            try event.write(into: &bytes)
        } catch {
            preconditionFailure("an event without an id cannot be written: \(error)")
        }
    }
}
