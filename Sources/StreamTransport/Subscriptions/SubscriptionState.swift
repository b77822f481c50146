/// What the connection of a subscription is doing, for a user interface to show.
public enum SubscriptionState: Sendable, CustomStringConvertible {
    /// A connection is being made; attempts are counted from 1 since the server last showed that it serves the subscription.
    case connecting(attempt: Int)
    /// The server has begun the subscription, and values may come.
    case open
    /// The connection will be made again after a delay; the error says what was wrong with the last one.
    case waiting(Duration, because: SubscriptionError)
    /// The server has ended the subscription: all values have come.
    case completed
    /// There will be no more values.
    case failed(SubscriptionError)

    /// The state in a word: `connecting`, `open`, `waiting`, `completed` or `failed`.
    public var name: String {
        switch self {
        case .connecting: "connecting"
        case .open: "open"
        case .waiting: "waiting"
        case .completed: "completed"
        case .failed: "failed"
        }
    }

    /// What is wrong, where something is.
    public var reason: SubscriptionError? {
        switch self {
        case .connecting, .open, .completed: nil
        case .waiting(_, let error), .failed(let error): error
        }
    }

    /// The state with its details.
    public var description: String {
        switch self {
        case .connecting(let attempt): "connecting (attempt \(attempt))"
        case .open, .completed: name
        case .waiting(let delay, let error): "waiting \(delay) because \(error)"
        case .failed(let error): "failed because \(error)"
        }
    }
}
