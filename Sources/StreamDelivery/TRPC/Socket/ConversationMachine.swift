import StreamCore
import WireProtocols

/// The rules of a tRPC connection over WebSocket, as a value without I/O: it is told what happened, and answers what to do.
///
/// Calls and subscriptions run elsewhere, under a ticket each: an id can be used again as soon as its subscription was stopped, and what comes late
/// for the former ticket counts for nothing.
struct ConversationMachine {
    /// Stands for a call or subscription of this connection.
    struct Ticket: Hashable {
        fileprivate let number: UInt64
    }

    /// What to do.
    enum Action {
        /// Find out who the client is, then call ``authenticated(_:)``.
        case authenticate(TRPCConnectionParams?)
        /// Begin a call or a subscription; a subscription that stands is told with ``began(_:)``, the end of a call with ``answered(_:_:)`` or ``failed(_:_:)``.
        case begin(TRPCRequest, Ticket)
        /// End it; nothing that it still says counts.
        case cancel(Ticket)
        /// Tell the host that it may pull, or read, again.
        case wake
    }

    /// What to pull next.
    enum Turn {
        /// Messages that are no values of a subscription, in frames, whole.
        case send([[UInt8]])
        case pull(Ticket)
        case wait
        case end
    }

    private enum Phase {
        case awaitingParams
        case authenticating
        case open
        case closing
    }

    private struct Entry {
        var request: TRPCRequest
        var isReady = false
    }

    private let limits: TRPCLimits
    private let options: TRPCSocketOptions
    private var phase: Phase
    private var entries: [Ticket: Entry] = [:]
    private var tickets: [TRPCRequestID: Ticket] = [:]
    private var callCount = 0
    private var lastNumber: UInt64 = 0
    private var held: [String] = []
    private var outgoing: [[UInt8]] = []
    private var outgoingSize = 0
    private var ready: [Ticket] = []
    private var unansweredPings = 0
    private var isPullWaiting = false
    private var isReadingPaused = false
    /// How the connection is to be closed once there is nothing more to pull.
    private(set) var closure = WebSocketClosure(.normalClosure)

    init(limits: TRPCLimits, options: TRPCSocketOptions, expectsParams: Bool) {
        self.limits = limits
        self.options = options
        phase = expectsParams ? .awaitingParams : .open
    }

    /// How many calls and subscriptions there are.
    var entryCount: Int { entries.count }

    /// Whether a call or subscription is still wanted.
    func holds(_ ticket: Ticket) -> Bool { entries[ticket] != nil }

    /// Whether more messages are wanted: not while answers pile up or calls are under way in number.
    mutating func mayRead() -> Bool {
        isReadingPaused = isCongested
        return !isReadingPaused
    }

    private var isCongested: Bool {
        phase == .authenticating || phase == .closing || outgoingSize > options.maxOutgoing
            || callCount >= options.maxCalls
    }

    // MARK: What comes in

    /// Takes a message.
    mutating func receive(_ message: WebSocketMessage) -> [Action] {
        unansweredPings = 0
        guard case .text(let text) = message else {
            return refuse(TRPCError(.parseError, "tRPC takes text frames, and this one is binary"))
        }
        switch phase {
        case .closing: return []
        case .awaitingParams:
            if text == "PING" || text == "PONG" { return take(text) }
            do throws(TRPCError) {
                let parameters = try TRPCConnectionParams.parse(frame: text, limits: limits)
                phase = .authenticating
                return [.authenticate(parameters)]
            } catch {
                return close(WebSocketClosure(.normalClosure), error)
            }
        case .authenticating:
            // The host has been asked not to read; what it had read by then is little.
            guard held.count < options.maxHeld, text.utf8.count <= limits.messageSize else {
                return close(WebSocketClosure(.policyViolation, reason: "messages before authentication"), nil)
            }
            held.append(text)
            return []
        case .open: return take(text)
        }
    }

    private mutating func take(_ text: String) -> [Action] {
        let messages: [TRPCClientMessage]
        do throws(TRPCError) {
            messages = try TRPCClientMessage.parse(text, limits: limits)
        } catch {
            return refuse(error)
        }
        var actions: [Action] = []
        for message in messages {
            switch message {
            case .ping: actions += send(.pong)
            case .pong: break
            case .unidentified(let envelope):
                actions += send(.error(envelope, TRPCError(.parseError, "`id` is required")))
            case .stop(let envelope): actions += stop(envelope)
            case .request(let request): actions += begin(request)
            }
        }
        return actions
    }

    private mutating func refuse(_ error: TRPCError) -> [Action] {
        send(.error(TRPCEnvelope(nil), error))
    }

    private mutating func begin(_ request: TRPCRequest) -> [Action] {
        guard let id = request.envelope.id else { return [] }
        if request.type == .subscription {
            if tickets[id] != nil {
                return fail(request, TRPCError(.badRequest, "Duplicate id \(id)"))
            }
            guard tickets.count < options.maxSubscriptions else {
                let error = TRPCError(
                    .tooManyRequests, "a connection may have \(options.maxSubscriptions) subscriptions")
                return fail(request, error)
            }
        }
        lastNumber += 1
        let ticket = Ticket(number: lastNumber)
        entries[ticket] = Entry(request: request)
        if request.type == .subscription { tickets[id] = ticket } else { callCount += 1 }
        return [.begin(request, ticket)]
    }

    private mutating func fail(_ request: TRPCRequest, _ error: TRPCError) -> [Action] {
        send(.error(request.envelope, error.at(request.path)))
    }

    private mutating func stop(_ envelope: TRPCEnvelope) -> [Action] {
        guard let id = envelope.id, let ticket = tickets[id], let entry = remove(ticket) else { return [] }
        return [.cancel(ticket)] + send(.stopped(entry.request.envelope))
    }

    private mutating func remove(_ ticket: Ticket) -> Entry? {
        guard let entry = entries.removeValue(forKey: ticket) else { return nil }
        if entry.request.type == .subscription {
            if let id = entry.request.envelope.id { tickets[id] = nil }
        } else {
            callCount -= 1
        }
        if entry.isReady { ready.removeAll { $0 == ticket } }
        return entry
    }

    // MARK: What calls and subscriptions say

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

    // MARK: What goes out

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

    /// The connection is to be closed, after what is said about it.
    mutating func close(_ closure: WebSocketClosure, _ error: TRPCError?) -> [Action] {
        guard phase != .closing else { return [] }
        phase = .closing
        self.closure = closure
        held = []
        let running = entries.keys.map { Action.cancel($0) }
        entries = [:]
        tickets = [:]
        callCount = 0
        ready = []
        return running + (error.map { refuse($0) } ?? wake())
    }

    private mutating func send(_ message: TRPCServerMessage) -> [Action] {
        var bytes: [UInt8] = []
        message.write(into: &bytes)
        outgoingSize += bytes.count + 32
        outgoing.append(bytes)
        return wake()
    }

    private mutating func wake() -> [Action] {
        guard isPullWaiting else { return [] }
        isPullWaiting = false
        return [.wake]
    }

    private mutating func resumeReading() -> [Action] {
        guard isReadingPaused, !isCongested else { return [] }
        isReadingPaused = false
        return [.wake]
    }
}
