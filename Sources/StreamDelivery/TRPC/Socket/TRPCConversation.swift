import DurableLog
import StreamCore
import Synchronization
import WireProtocols

/// A tRPC connection over WebSocket: many subscriptions and calls on one, whose values are pulled in turn.
final class TRPCConversation: DeliveryConversation {
    typealias Machine = ConversationMachine
    typealias Ticket = ConversationMachine.Ticket

    struct State {
        var machine: Machine
        var connection: LiveConnection
        var connectionParams: TRPCConnectionParams?
        var jobs: [Ticket: TaskScope.Job] = [:]
        var sources: [Ticket: any SubscriptionSource] = [:]
        var wakers: [Ticket: AppendSubscription] = [:]
        var authentication: TaskScope.Job?
        var onReady: (@Sendable () -> Void)?
        var hasEnded = false
    }

    let signal = AppendSignal()
    let service: TRPCService
    let request: DeliveryRequest
    let framing: any SocketFraming
    let state: Mutex<State>

    init(
        _ service: TRPCService, request: DeliveryRequest, framing: any SocketFraming, expectsParams: Bool,
        connection: LiveConnection
    ) {
        self.service = service
        self.request = request
        self.framing = framing
        let machine = Machine(
            limits: service.options.limits, options: service.options.socket, expectsParams: expectsParams)
        state = Mutex(State(machine: machine, connection: connection))
    }

    deinit { end() }

    // MARK: The host's side

    func attach(onReady: @escaping @Sendable () -> Void) {
        let connection = state.withLock { state in
            state.onReady = onReady
            return state.connection
        }
        follow(connection)
        // What has happened before was not told to anybody.
        onReady()
    }

    // Does what the connection is told by those who have it in their table.
    func follow(_ connection: LiveConnection) {
        connection.attach { [weak self, weak connection] in
            guard let self, let order = connection?.order else { return }
            let actions = state.withLock { state in
                switch order {
                case .drain: state.machine.drain()
                case .revoke:
                    state.machine.close(
                        WebSocketClosure(.policyViolation, reason: "credential revoked"),
                        TRPCError(.unauthorized, "the credential is no longer valid"))
                }
            }
            perform(actions)
        }
    }

    func receive(_ message: WebSocketMessage) -> Bool {
        do throws(DeliveryRefusal) {
            try count(message)
        } catch {
            let actions = state.withLock {
                $0.machine.close(WebSocketClosure(.tryAgainLater, reason: "too many messages"), TRPCError(error))
            }
            perform(actions)
            return false
        }
        perform(state.withLock { $0.machine.receive(message) })
        return state.withLock { $0.machine.mayRead() }
    }

    private func count(_ message: WebSocketMessage) throws(DeliveryRefusal) {
        guard let rates = service.access.rates else { return }
        let connection = state.withLock { $0.connection }
        try rates.take(.messages, principal: connection.principal.id, address: connection.address)
        try rates.take(
            .bytes, message.byteCount, principal: connection.principal.id, address: connection.address)
    }

    var closure: WebSocketClosure { state.withLock { $0.machine.closure } }

    func next(maxBytes: Int) -> DeliveryPull {
        while true {
            let (turn, source) = state.withLock { state -> (Machine.Turn, (any SubscriptionSource)?) in
                guard !state.hasEnded else { return (.end, nil) }
                let turn = state.machine.turn()
                if case .pull(let ticket) = turn { return (turn, state.sources[ticket]) }
                return (turn, nil)
            }
            switch turn {
            case .wait: return .wait
            case .end: return .end
            case .send(let messages):
                let piece = DeliveryPiece(frames(of: messages))
                perform(state.withLock { $0.machine.sent() })
                return .piece(piece)
            case .pull(let ticket):
                guard let source else { continue }
                // Outside the lock: a source may say that it is ready while it is pulled.
                let pull = source.next(maxBytes: maxBytes)
                let (isWanted, actions) = state.withLock { $0.machine.pulled(ticket, pull) }
                perform(actions)
                if case .piece(let piece) = pull, isWanted { return .piece(piece) }
            }
        }
    }

    func heartbeat() -> DeliveryPiece? {
        let (ping, actions) = state.withLock { $0.machine.heartbeat() }
        perform(actions)
        return ping.map { DeliveryPiece(frames(of: [Array($0.text.utf8)])) }
    }

    func end() { end(.departed) }

    func end(_ reason: DeliveryEnding) {
        let (jobs, sources, connection, wasEnded) = state.withLock { state in
            defer {
                state.hasEnded = true
                state.jobs = [:]
                state.sources = [:]
                state.wakers = [:]
                state.authentication = nil
                state.onReady = nil
            }
            let jobs = Array(state.jobs.values) + (state.authentication.map { [$0] } ?? [])
            return (jobs, Array(state.sources.values), state.connection, state.hasEnded)
        }
        guard !wasEnded else { return }
        for job in jobs { job.cancel() }
        for source in sources { source.end() }
        connection.end(reason, at: .start)
    }

    private func frames(of messages: [[UInt8]]) -> [UInt8] {
        var output: [UInt8] = []
        for message in messages {
            message.withUnsafeBytes { framing.append($0, isText: true, to: &output) }
        }
        return output
    }
}
