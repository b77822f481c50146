import DurableLog
import ServerSentEvents
import StreamCore
import Synchronization
import WireProtocols

/// A subscription over server-sent events: `connected`, its values, and `return` or `serialized-error`.
final class TRPCEventStream: DeliverySource {
    private struct State {
        var head: [UInt8] = []
        var source: (any SubscriptionSource)?
        var job: TaskScope.Job?
        var failure: TRPCError?
        var isOver = false
        var hasEnded = false
        var onReady: (@Sendable () -> Void)?
    }

    let signal: AppendSignal
    private let connection: LiveConnection?
    private let state: Mutex<State>

    private init(
        service: TRPCService, connection: LiveConnection?, source: (any SubscriptionSource)?, failure: TRPCError?
    ) {
        self.connection = connection
        signal = source?.signal ?? AppendSignal()
        var head: [UInt8] = []
        TRPCEventStream.append(
            .connected(reconnectAfterInactivity: service.options.reconnectAfterInactivity), to: &head)
        state = Mutex(State(head: head, source: source, failure: failure))
    }

    /// A stream that says why there is none.
    convenience init(service: TRPCService, failure: TRPCError) {
        self.init(service: service, connection: nil, source: nil, failure: failure)
    }

    /// A stream of what a plan gives.
    static func begin(
        _ plan: SubscriptionPlan, _ call: ProcedureCall, _ connection: LiveConnection, service: TRPCService
    ) async -> TRPCEventStream {
        let encoding = SubscriptionEncoding(wire: .eventStream)
        switch plan {
        case .stream(let selection, let hub):
            do throws(TRPCError) {
                let source = try await FeedSource(
                    selection, hub: hub, encoding: encoding, access: service.access, principal: call.context.principal)
                connection.reads(source.place.0, after: source.place.1)
                return TRPCEventStream(service: service, connection: connection, source: source, failure: nil)
            } catch {
                return TRPCEventStream(service: service, failure: error.at(call.path))
            }
        case .sequence(let run):
            let outlet = SequenceOutlet(encoding)
            guard let job = service.tasks.start({ _ = await call.run(run, into: outlet) }) else {
                return TRPCEventStream(service: service, failure: TRPCService.unavailable.at(call.path))
            }
            let stream = TRPCEventStream(service: service, connection: connection, source: outlet, failure: nil)
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
        connection?.attach(onReady)
        onReady()
    }

    func next(maxBytes: Int) -> DeliveryPull {
        let (turn, source) = state.withLock { state -> (DeliveryPull?, (any SubscriptionSource)?) in
            if state.hasEnded || state.isOver { return (.end, nil) }
            if !state.head.isEmpty {
                defer { state.head = [] }
                return (.piece(DeliveryPiece(state.head)), nil)
            }
            return (nil, state.source)
        }
        if let turn { return turn }
        switch connection?.order {
        case .drain(let retry): return last(TRPCEventStream.farewell("going down", retry: retry))
        case .revoke: return last(.end(TRPCError(.unauthorized, "the credential is no longer valid")))
        case nil: break
        }
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
        guard case .end(let error) = pull else {
            return last(TRPCEventStream.farewell("going down", retry: .seconds(1)))
        }
        var bytes: [UInt8] = []
        TRPCEventStream.append(error.map { .error($0) } ?? .return, to: &bytes)
        return last(bytes)
    }

    private func last(_ bytes: [UInt8]) -> DeliveryPull {
        state.withLock { $0.isOver = true }
        return .piece(DeliveryPiece(bytes))
    }

    /// What a client gets that is to come again after a time: an end without `return`.
    static func farewell(_ reason: String, retry: Duration) -> [UInt8] {
        var bytes: [UInt8] = []
        ServerSentEventSerializer.appendComment(reason, to: &bytes)
        // Not negative, which is all that could be refused.
        try? ServerSentEventSerializer.appendRetry(max(.zero, retry), to: &bytes)
        return bytes
    }

    /// A `ping`, with the place of a reader whom the events that came did not concern: a browser's EventSource keeps it, and goes on from there.
    func heartbeat() -> DeliveryPiece? {
        var bytes: [UInt8] = []
        let position = state.withLock { $0.source }?.position
        try? ServerSentEventSerializer.append(data: "", type: TRPCStreamEvent.Name.ping, id: position, to: &bytes)
        return DeliveryPiece(bytes)
    }

    func end() { end(.departed) }

    func end(_ reason: DeliveryEnding) {
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
        let position = (source as? FeedSource)?.place.1 ?? .start
        connection?.end(reason, at: position)
    }

    private static func append(_ event: TRPCStreamEvent, to bytes: inout [UInt8]) {
        do throws(ServerSentEventError) {
            try event.write(into: &bytes)
        } catch {
            preconditionFailure("an event without an id cannot be written: \(error)")
        }
    }
}
