internal import StreamCore

/// What a provider said about a failure, in whichever form, before it is classified.
///
/// A value without I/O: the same words give the same ``ModelError`` whether they came as an HTTP error's body or inside a
/// success.
package struct ProviderFailure: Sendable, Hashable {
    /// The status of the HTTP response, when that was the failure.
    package var httpStatus: Int?
    /// A status that the body names, as `code` or `status_code`.
    package var bodyStatus: Int?
    /// The provider's code, such as `insufficient_quota`.
    package var code: String?
    /// The provider's type of error, such as `overloaded_error`.
    package var type: String?
    /// What the provider says to people.
    package var message: String?

    /// A failure from its parts.
    package init(
        httpStatus: Int? = nil, bodyStatus: Int? = nil, code: String? = nil, type: String? = nil,
        message: String? = nil
    ) {
        self.httpStatus = httpStatus
        self.bodyStatus = bodyStatus
        self.code = code
        self.type = type
        self.message = message
    }

    /// The most characters of a provider's message that an error keeps.
    package static let maxMessageLength = 2_000

    /// The error that this amounts to.
    ///
    /// What is said in words counts before numbers, numbers before types that stand for anything (`invalid_request_error`).
    package func modelError(provider: String, requestID: String? = nil) -> ModelError {
        let kind = classified
        var retryable = kind.isTransient
        var reason: String?
        switch kind {
        case .quotaExceeded: reason = "a quota or spend limit does not pass by waiting"
        case .refused: reason = "the provider declined this request"
        case .server where status == 409:
            (retryable, reason) = (true, "a conflict with another request passes")
        default: break
        }
        return ModelError(
            kind: kind, message: text(provider: provider, kind: kind), isRetryable: retryable, retryReason: reason,
            providerCode: (code ?? type).map { String($0.prefix(200)) } ?? bodyStatus.map(String.init),
            status: httpStatus, requestID: requestID)
    }

    private var status: Int? { bodyStatus ?? httpStatus }

    private func text(provider: String, kind: FailureKind) -> String {
        if let message, !message.isEmpty {
            return message.count > ProviderFailure.maxMessageLength
                ? message.prefix(ProviderFailure.maxMessageLength) + "…" : message
        }
        if let word = code ?? type { return "\(provider) reported \(word.prefix(200)) without saying more" }
        if let status { return "\(provider) answered with status \(status) and no explanation" }
        return "\(provider) reported an error without saying which"
    }

    private var classified: FailureKind {
        if let kind = FailureWords.kind(ofWord: code) ?? FailureWords.kind(ofWord: type) {
            // The large providers' catch-all for a request hides two cases that only the message tells apart.
            if kind == .rateLimited || kind == .invalidRequest, let hidden = FailureWords.kind(ofMessage: message) {
                return hidden
            }
            return kind
        }
        if let hidden = FailureWords.kind(ofMessage: message) { return hidden }
        if let status, let kind = FailureWords.kind(ofStatus: status) { return kind }
        if let kind = FailureWords.kind(ofVagueWord: type) ?? FailureWords.kind(ofVagueWord: code) { return kind }
        return httpStatus == nil && status == nil && code == nil && type == nil ? .server : .unknown
    }
}
