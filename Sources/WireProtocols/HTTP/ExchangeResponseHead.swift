public import StreamCore

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

    /// The kind of failure that the status stands for, by which ``/StreamCore/RetryPolicy`` decides; nil below 400.
    ///
    /// Those that may pass are 408, 425, 504 and 524 (`timeout`), 429 (`rateLimited`), 503 and 529 (`overloaded`), and the others from 500 to 599
    /// (`server`). Models' providers give a few of them a meaning of their own.
    public var failureKind: FailureKind? {
        switch status {
        case ..<400: nil
        case 401, 407: .authentication
        case 403: .permission
        case 404, 410: .notFound
        case 408, 425, 504, 524: .timeout
        case 429: .rateLimited
        case 503, 529: .overloaded
        case 400..<500: .invalidRequest
        case 500..<600: .server
        // No status of HTTP.
        default: .malformedResponse
        }
    }
}
