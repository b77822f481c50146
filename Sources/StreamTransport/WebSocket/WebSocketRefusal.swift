public import StreamCore
public import WireProtocols

/// What a server answered instead of agreeing to a WebSocket; it stands below ``TransportError/Code/upgradeRefused``.
///
/// What it prints is the status alone: a body may repeat what was sent.
public struct WebSocketRefusal: Error, Sendable, CustomStringConvertible {
    /// The head of the answer; `retry-after` may say when to come again.
    public let head: ExchangeResponseHead
    /// The beginning of the body, at most ``bodyLimit`` bytes.
    public let body: [UInt8]

    /// How many bytes of the body are kept.
    public static let bodyLimit = 4096

    /// A refusal from its parts; of the body the first ``bodyLimit`` bytes count.
    public init(head: ExchangeResponseHead, body: [UInt8] = []) {
        self.head = head
        self.body = Array(body.prefix(WebSocketRefusal.bodyLimit))
    }

    /// The status.
    public var description: String { "HTTP \(head.status)" }

    /// The kind of failure that the status stands for.
    public var kind: FailureKind { head.failureKind ?? .invalidRequest }
}
