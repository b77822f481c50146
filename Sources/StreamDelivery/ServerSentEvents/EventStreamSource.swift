import DurableLog
import StreamCore
import Synchronization

/// The body of a native event stream: a feed's events, with what stands around them.
final class EventStreamSource: DeliverySource {
    private let reader: FeedReader
    private let phrases: EventStreamPhrases
    private let connection: LiveConnection
    private let state: Mutex<State>

    private struct State: Sendable {
        var phase = Phase.opening
        /// The last place that the reader was told of beside its events.
        var toldPosition: Offset
    }

    private enum Phase: Sendable {
        case opening
        case events
        /// The last piece is out, or there was none.
        case over
    }

    init(_ reader: FeedReader, _ phrases: EventStreamPhrases, _ connection: LiveConnection) {
        self.reader = reader
        self.phrases = phrases
        self.connection = connection
        state = Mutex(State(toldPosition: reader.position))
    }

    var signal: AppendSignal { reader.signal }

    func attach(onReady: @escaping @Sendable () -> Void) {
        connection.attach(onReady)
        reader.attach(onReady: onReady)
    }

    func next(maxBytes: Int) -> DeliveryPull {
        state.withLock { state in
            switch state.phase {
            case .over: return .end
            case .opening:
                state.phase = .events
                return .piece(phrases.opening)
            case .events: return events(&state, maxBytes)
            }
        }
    }

    private func events(_ state: inout State, _ maxBytes: Int) -> DeliveryPull {
        if let order = connection.order { return leave(order, &state) }
        switch reader.next(maxBytes: maxBytes) {
        case .piece(let piece): return .piece(piece)
        case .wait: return .wait
        case .gap(let gap):
            connection.report(.gap(stream: reader.stream, asked: gap.asked, oldest: gap.oldest, newest: gap.newest))
            return .piece(phrases.gap(gap))
        case .end(.closed):
            // So that who reconnects is told by a 204 that this is the end, whatever its filter passed over.
            return last(phrases.farewell("end of stream", retry: nil, cursor: cursor), .finished, &state)
        case .end(.deleted):
            return last(phrases.farewell("the stream was deleted", retry: nil, cursor: cursor), .deleted, &state)
        case .end(.failed):
            let farewell = phrases.farewell("the stream cannot be read", retry: .seconds(5), cursor: cursor)
            return last(farewell, .failed, &state)
        }
    }

    private func leave(_ order: LiveConnection.Order, _ state: inout State) -> DeliveryPull {
        switch order {
        case .drain(let retry):
            last(phrases.farewell("the server restarts", retry: retry, cursor: cursor), .drained, &state)
        case .revoke:
            last(phrases.farewell("the credential was revoked", retry: nil, cursor: nil), .revoked, &state)
        }
    }

    private func last(_ piece: DeliveryPiece, _ reason: DeliveryEnding, _ state: inout State) -> DeliveryPull {
        state.phase = .over
        connection.end(reason, at: reader.position)
        reader.end()
        return .piece(piece)
    }

    // Where to come back to; nothing is said of a place that is no event's.
    private var cursor: Offset? {
        let position = reader.position
        return position == .start ? nil : position
    }

    func heartbeat() -> DeliveryPiece? {
        state.withLock { state in
            let position = reader.position
            guard case .events = state.phase, position != state.toldPosition, position != .start else {
                return phrases.heartbeat
            }
            // A filtered reader comes to resume behind what does not concern it, which may not be kept for as long.
            state.toldPosition = position
            return phrases.cursor(position)
        }
    }

    func end() { end(.departed) }

    func end(_ reason: DeliveryEnding) {
        state.withLock { $0.phase = .over }
        connection.end(reason, at: reader.position)
        reader.end()
    }
}
