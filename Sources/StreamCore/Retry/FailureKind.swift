/// What went wrong, as an open-ended code: kinds may be added, so a switch over it needs a default.
///
/// The raw value is what stands in the JSON of an error chunk, in logs and in metrics.
public struct FailureKind: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    /// The code in text, in lower camel case.
    public let rawValue: String

    /// A kind from its code.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The code in text.
    public var description: String { rawValue }

    /// The stream ended without the event that its protocol ends with.
    public static let truncated = FailureKind(rawValue: "truncated")
    /// The model or the provider's filter declined to answer.
    public static let refused = FailureKind(rawValue: "refused")
    /// The provider has no capacity at the moment (HTTP 503 or 529, `overloaded_error`).
    public static let overloaded = FailureKind(rawValue: "overloaded")
    /// Too many requests or tokens in a period (HTTP 429).
    public static let rateLimited = FailureKind(rawValue: "rateLimited")
    /// A spend limit or quota is used up: waiting does not help.
    public static let quotaExceeded = FailureKind(rawValue: "quotaExceeded")
    /// The credential is missing or wrong (HTTP 401).
    public static let authentication = FailureKind(rawValue: "authentication")
    /// The credential may not do this (HTTP 403).
    public static let permission = FailureKind(rawValue: "permission")
    /// The model, response or endpoint does not exist (HTTP 404).
    public static let notFound = FailureKind(rawValue: "notFound")
    /// The provider did not accept the request (other HTTP 4xx).
    public static let invalidRequest = FailureKind(rawValue: "invalidRequest")
    /// The request is larger than the model's context window.
    public static let contextLength = FailureKind(rawValue: "contextLength")
    /// The provider failed (HTTP 5xx, `api_error`, `server_error`).
    public static let server = FailureKind(rawValue: "server")
    /// Nothing came for longer than a limit allows.
    public static let timeout = FailureKind(rawValue: "timeout")
    /// The connection could not be made or broke.
    public static let transport = FailureKind(rawValue: "transport")
    /// What came is not what the protocol says.
    public static let malformedResponse = FailureKind(rawValue: "malformedResponse")
    /// The caller stopped it.
    public static let cancelled = FailureKind(rawValue: "cancelled")
    /// The process that worked on it is gone, or gave it up to be continued later.
    public static let interrupted = FailureKind(rawValue: "interrupted")
    /// A tool failed in a way that ends the run.
    public static let tool = FailureKind(rawValue: "tool")
    /// The agent's own limits ended the run (steps, size).
    public static let limitExceeded = FailureKind(rawValue: "limitExceeded")
    /// The answer does not have the structure that was asked for.
    public static let invalidOutput = FailureKind(rawValue: "invalidOutput")
    /// None of the others.
    public static let unknown = FailureKind(rawValue: "unknown")

    /// Whether the same request may succeed later, judged by the kind alone.
    ///
    /// `true` for ``truncated``, ``overloaded``, ``rateLimited``, ``server``, ``timeout``, ``transport`` and ``interrupted``.
    public var isTransient: Bool {
        switch self {
        case .truncated, .overloaded, .rateLimited, .server, .timeout, .transport, .interrupted: true
        default: false
        }
    }
}
