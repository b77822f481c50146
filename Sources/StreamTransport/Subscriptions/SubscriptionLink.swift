import StreamCore
import WireProtocols

/// Where and over what a client's subscriptions go.
enum SubscriptionLink: Sendable {
    case webSocket(WebSocketRequest, any WebSocketTransport)
    case eventStream(TRPCEndpoint, HeaderFields, any HTTPTransport)

    var wire: SubscriptionMachine.Wire {
        switch self {
        case .webSocket: .webSocket
        case .eventStream: .eventStream
        }
    }
}

/// What is subscribed to.
struct SubscriptionTarget: Sendable {
    let path: String
    let input: JSONValue?
    let connectionParams: SubscriptionClient.ConnectionParams?
}
