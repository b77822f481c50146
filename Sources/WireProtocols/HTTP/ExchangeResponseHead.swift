/// The head of the response of one HTTP exchange: its status and its header fields; the body follows apart.
public struct ExchangeResponseHead: Sendable, Hashable {
    /// The status code, 100 … 599 (RFC 9110 §15); transports deliver final ones only, 200 and above.
    public var status: Int
    /// The header fields.
    public var headers: HeaderFields

    /// A head from its parts.
    public init(status: Int, headers: HeaderFields = [:]) {
        self.status = status
        self.headers = headers
    }

    /// Whether the status says that the request succeeded (200 … 299).
    public var isSuccess: Bool { (200...299).contains(status) }
}
