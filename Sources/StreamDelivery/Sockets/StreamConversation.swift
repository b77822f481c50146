import DurableLog
import StreamCore
import Synchronization
import WireProtocols

/// A WebSocket over which a stream's events are sent, one message each.
final class StreamConversation: DeliveryConversation {
    private let reader: FeedReader
    private let connection: LiveConnection
    private let framing: any SocketFraming
    private let rates: RateLimiter?
    private let state = Mutex(State())

    private struct State: Sendable {
        var closure: WebSocketClosure?
        var onReady: (@Sendable () -> Void)?
    }

    init(_ reader: FeedReader, _ connection: LiveConnection, _ framing: any SocketFraming, rates: RateLimiter?) {
        self.reader = reader
        self.connection = connection
        self.framing = framing
        self.rates = rates
    }

    var signal: AppendSignal { reader.signal }

    func attach(onReady: @escaping @Sendable () -> Void) {
        state.withLock { $0.onReady = onReady }
        connection.attach(onReady)
        reader.attach(onReady: onReady)
    }

    func next(maxBytes: Int) -> DeliveryPull {
        if state.withLock({ $0.closure != nil }) { return .end }
        if let order = connection.order { return leave(order) }
        switch reader.next(maxBytes: maxBytes) {
        case .piece(let piece): return .piece(piece)
        case .wait: return .wait
        case .gap(let gap):
            connection.report(.gap(stream: reader.stream, asked: gap.asked, oldest: gap.oldest, newest: gap.newest))
            var bytes: [UInt8] = []
            Array(gap.jsonString.utf8).withUnsafeBytes { framing.append($0, isText: true, to: &bytes) }
            return .piece(DeliveryPiece(bytes))
        case .end(.closed): return close(.normalClosure, "end of stream", .finished)
        case .end(.deleted): return close(.normalClosure, "the stream was deleted", .deleted)
        case .end(.failed): return close(.tryAgainLater, "the stream cannot be read", .failed)
        }
    }

    private func leave(_ order: LiveConnection.Order) -> DeliveryPull {
        switch order {
        case .drain: close(.serviceRestart, "the server restarts", .drained)
        case .revoke: close(.policyViolation, "the credential was revoked", .revoked)
        }
    }

    private func close(_ code: WebSocketCloseCode, _ reason: String, _ ending: DeliveryEnding) -> DeliveryPull {
        let position = reader.position
        let place = position == .start || ending == .revoked ? "" : "; go on after \(position)"
        state.withLock { state in
            if state.closure == nil { state.closure = WebSocketClosure(code, reason: reason + place) }
        }
        finish(ending)
        return .end
    }

    func receive(_ message: WebSocketMessage) -> Bool {
        do throws(DeliveryRefusal) {
            // Nothing is expected; what comes is counted, so that nobody can keep the server busy with it.
            try rates?.take(.messages, principal: connection.principal.id, address: connection.address)
            try rates?.take(
                .bytes, message.byteCount, principal: connection.principal.id, address: connection.address)
            return true
        } catch {
            let onReady = state.withLock { state in
                if state.closure == nil { state.closure = WebSocketClosure(.policyViolation, reason: error.message) }
                return state.onReady
            }
            onReady?()
            return false
        }
    }

    var closure: WebSocketClosure { state.withLock { $0.closure } ?? WebSocketClosure(.goingAway) }

    /// Nothing: the host's pings do.
    func heartbeat() -> DeliveryPiece? { nil }

    func end() { finish(.departed) }
    func end(_ reason: DeliveryEnding) { finish(reason) }

    private func finish(_ ending: DeliveryEnding) {
        connection.end(ending, at: reader.position)
        reader.end()
        state.withLock { $0.onReady = nil }
    }
}
