public import WireProtocols

/// The response of an exchange: its head, and its body as it comes.
public struct TransportResponse: Sendable {
    /// Status and header fields.
    public let head: ExchangeResponseHead
    /// The body; letting go of it before its end closes the connection.
    public let body: ResponseBody

    /// A response from its parts.
    public init(head: ExchangeResponseHead, body: ResponseBody) {
        self.head = head
        self.body = body
    }
}
