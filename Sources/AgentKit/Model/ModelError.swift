public import StreamCore

/// Why a model's response failed: what happened, whether trying again can help and why, and what the provider said.
///
/// It never holds a credential or the request.
public struct ModelError: Error, Sendable, CustomStringConvertible {
    /// What went wrong.
    public var kind: FailureKind
    /// What went wrong, for people: what, where and what to do.
    public var message: String
    /// Whether the same request may succeed later.
    public var isRetryable: Bool
    /// Why it is retryable or not, in a few words.
    public var retryReason: String
    /// The provider's own code or type, such as `insufficient_quota`.
    public var providerCode: String?
    /// The HTTP status, when one came.
    public var status: Int?
    /// The provider's id of the request, for its support.
    public var requestID: String?
    /// How long the provider asks to wait.
    public var retryAfter: Duration?
    /// The error below this one.
    public var underlying: (any Error)?

    /// An error from its parts; `isRetryable` and `retryReason` default to what the kind says.
    public init(
        kind: FailureKind, message: String, isRetryable: Bool? = nil, retryReason: String? = nil,
        providerCode: String? = nil, status: Int? = nil, requestID: String? = nil, retryAfter: Duration? = nil,
        underlying: (any Error)? = nil
    ) {
        self.kind = kind
        self.message = message
        self.isRetryable = isRetryable ?? kind.isTransient
        self.retryReason =
            retryReason
            ?? (self.isRetryable ? "failures of kind \(kind) pass" : "failures of kind \(kind) do not pass by waiting")
        self.providerCode = providerCode
        self.status = status
        self.requestID = requestID
        self.retryAfter = retryAfter
        self.underlying = underlying
    }

    /// The form that readers of a stream see.
    public var failure: Failure { Failure(kind: kind, retryable: isRetryable, message: message) }

    /// One line with everything but the error below.
    public var description: String {
        var text = "\(kind): \(message)"
        if let status { text += " [HTTP \(status)]" }
        if let providerCode { text += " [code \(providerCode)]" }
        if let requestID { text += " [request \(requestID)]" }
        if let retryAfter { text += " [retry after \(retryAfter)]" }
        return text + (isRetryable ? " (retryable: " : " (not retryable: ") + retryReason + ")"
    }
}
