import StreamCore
import WireProtocols

/// The rules of a tRPC connection over WebSocket, as a value without I/O: it is told what happened, and answers what to do.
///
/// Calls and subscriptions run elsewhere, under a ticket each: an id can be used again as soon as its subscription was stopped, and what comes late
/// for the former ticket counts for nothing.
struct ConversationMachine {
    /// Stands for a call or subscription of this connection.
    struct Ticket: Hashable {
        let number: UInt64
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

    enum Phase {
        case awaitingParams
        case authenticating
        case open
        case closing
    }

    struct Entry {
        var request: TRPCRequest
        var isReady = false
    }

    let limits: TRPCLimits
    let options: TRPCSocketOptions
    var phase: Phase
    var entries: [Ticket: Entry] = [:]
    var tickets: [TRPCRequestID: Ticket] = [:]
    var callCount = 0
    var lastNumber: UInt64 = 0
    var held: [String] = []
    var outgoing: [[UInt8]] = []
    var outgoingSize = 0
    var ready: [Ticket] = []
    var unansweredPings = 0
    var isPullWaiting = false
    var isReadingPaused = false
    /// How the connection is to be closed once there is nothing more to pull.
    var closure = WebSocketClosure(.normalClosure)

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

    var isCongested: Bool {
        phase == .authenticating || phase == .closing || outgoingSize > options.maxOutgoing
            || callCount >= options.maxCalls
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

    mutating func send(_ message: TRPCServerMessage) -> [Action] {
        var bytes: [UInt8] = []
        message.write(into: &bytes)
        outgoingSize += bytes.count + 32
        outgoing.append(bytes)
        return wake()
    }

    mutating func wake() -> [Action] {
        guard isPullWaiting else { return [] }
        isPullWaiting = false
        return [.wake]
    }

    mutating func resumeReading() -> [Action] {
        guard isReadingPaused, !isCongested else { return [] }
        isReadingPaused = false
        return [.wake]
    }
}
