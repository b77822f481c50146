extension EventSource {
    /// What the connection of an event source is doing, for a user interface to show.
    public enum State: Sendable {
        /// A connection is being made; attempts are counted from 1 since the last event.
        case connecting(attempt: Int)
        /// The server has accepted, and events may come.
        case open
        /// The connection will be made again after a delay; the error says what was wrong with the last one.
        case waiting(Duration, because: EventSourceError)
        /// There will be no more events.
        case closed(because: EventSourceError)
    }
}

extension EventSource.State: CustomStringConvertible {
    /// The state in a word: `connecting`, `open`, `waiting` or `closed`.
    public var name: String {
        switch self {
        case .connecting: "connecting"
        case .open: "open"
        case .waiting: "waiting"
        case .closed: "closed"
        }
    }

    /// Why there is no connection, where there is none.
    public var reason: EventSourceError? {
        switch self {
        case .connecting, .open: nil
        case .waiting(_, let error), .closed(let error): error
        }
    }

    /// The state with its details.
    public var description: String {
        switch self {
        case .connecting(let attempt): "connecting (attempt \(attempt))"
        case .open: "open"
        case .waiting(let delay, let error): "waiting \(delay) because \(error)"
        case .closed(let error): "closed because \(error)"
        }
    }
}
