import StreamCore
import WireProtocols

/// What calls and subscriptions say, and what of it goes out.
extension ConversationMachine {
    /// It was found out who the client is; an error refuses it.
    mutating func authenticated(_ error: TRPCError?) -> [Action] {
        guard phase == .authenticating else { return [] }
        if let error { return close(WebSocketClosure(.normalClosure), error) }
        phase = .open
        let texts = held
        held = []
        var actions: [Action] = []
        for text in texts { actions += take(text) }
        return actions + resumeReading()
    }

    /// A subscription stands: its values may be pulled when it is ready.
    mutating func began(_ ticket: Ticket) -> [Action] {
        guard let entry = entries[ticket] else { return [] }
        return send(.started(entry.request.envelope))
    }

    /// A call has its answer.
    mutating func answered(_ ticket: Ticket, _ answer: JSONValue) -> [Action] {
        guard let entry = remove(ticket) else { return [] }
        return send(.data(entry.request.envelope, eventID: nil, data: answer)) + resumeReading()
    }

    /// A call, or a subscription that does not stand, has failed.
    mutating func failed(_ ticket: Ticket, _ error: TRPCError) -> [Action] {
        guard let entry = remove(ticket) else { return [] }
        return fail(entry.request, error) + resumeReading()
    }

    /// A subscription may have something.
    mutating func becameReady(_ ticket: Ticket) -> [Action] {
        guard let entry = entries[ticket], !entry.isReady else { return [] }
        entries[ticket]?.isReady = true
        ready.append(ticket)
        return wake()
    }

    /// What to pull next: answers before values, and the subscriptions that have some in turn.
    mutating func turn() -> Turn {
        if !outgoing.isEmpty {
            defer {
                outgoing = []
                outgoingSize = 0
            }
            return .send(outgoing)
        }
        if phase == .closing { return .end }
        guard !ready.isEmpty else {
            isPullWaiting = true
            return .wait
        }
        let ticket = ready.removeFirst()
        entries[ticket]?.isReady = false
        return .pull(ticket)
    }

    /// What the pull of a subscription came to; whether a piece is to be sent.
    mutating func pulled(_ ticket: Ticket, _ pull: SubscriptionPull) -> (isWanted: Bool, actions: [Action]) {
        guard let entry = entries[ticket] else { return (false, []) }
        switch pull {
        case .piece: return (true, becameReady(ticket))
        case .wait: return (false, [])
        case .moved:
            _ = remove(ticket)
            return (false, [.cancel(ticket)])
        case .end(let error):
            _ = remove(ticket)
            let failure = error.map { fail(entry.request, $0) } ?? []
            return (false, [.cancel(ticket)] + failure + send(.stopped(entry.request.envelope)))
        }
    }

    /// Answers were sent: there may be room to read again.
    mutating func sent() -> [Action] { resumeReading() }

    /// The connection was idle: what to send, if it is not given up.
    mutating func heartbeat() -> (ping: TRPCServerMessage?, actions: [Action]) {
        guard phase != .closing else { return (nil, []) }
        // A client that may not be read cannot answer.
        if isReadingPaused { return (.ping, []) }
        if let most = options.maxUnansweredPings, unansweredPings >= most {
            return (nil, close(WebSocketClosure(.goingAway, reason: "no answer to PING"), nil))
        }
        unansweredPings += 1
        return (.ping, [])
    }

    /// The client should go on elsewhere.
    mutating func drain() -> [Action] {
        phase == .closing ? [] : send(.reconnect)
    }
}
