/// Which end of a WebSocket connection this is: the rules of masking differ (RFC 6455 §5.1).
public enum WebSocketRole: Sendable, Hashable {
    /// The end that asked for the connection; it masks what it sends.
    case client
    /// The end that answered; it never masks.
    case server
}
