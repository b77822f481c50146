import AgentKit
import StreamCore
import Testing

@Suite struct ProviderFailureTests {
    @Test(arguments: [
        (400, FailureKind.invalidRequest, false), (401, .authentication, false), (402, .quotaExceeded, false),
        (403, .permission, false), (404, .notFound, false), (408, .timeout, true), (409, .server, true),
        (413, .invalidRequest, false), (422, .invalidRequest, false), (429, .rateLimited, true), (500, .server, true),
        (502, .server, true), (503, .overloaded, true), (504, .timeout, true), (529, .overloaded, true),
        (520, .server, true),
    ])
    func statusAlone(status: Int, kind: FailureKind, isRetryable: Bool) {
        let error = ProviderFailure(httpStatus: status).modelError(provider: "x")
        #expect(error.kind == kind)
        #expect(error.isRetryable == isRetryable)
        #expect(error.status == status)
    }

    @Test func wordsCountBeforeNumbers() {
        func kind(_ failure: ProviderFailure) -> FailureKind { failure.modelError(provider: "x").kind }
        #expect(kind(ProviderFailure(httpStatus: 429, code: "insufficient_quota")) == .quotaExceeded)
        #expect(
            kind(
                ProviderFailure(
                    httpStatus: 429, type: "rate_limit_error", message: "You exceeded your current quota, please…"))
                == .quotaExceeded)
        #expect(
            kind(
                ProviderFailure(
                    httpStatus: 400, type: "invalid_request_error",
                    message: "Your credit balance is too low to access the API")) == .quotaExceeded)
        #expect(
            kind(
                ProviderFailure(
                    httpStatus: 400, type: "invalid_request_error", message: "prompt is too long: 210000 tokens"))
                == .contextLength)
        #expect(
            kind(ProviderFailure(httpStatus: 401, code: "invalid_api_key", message: "m")) == .authentication)
        #expect(kind(ProviderFailure(httpStatus: 401, type: "invalid_request_error")) == .authentication)
        #expect(kind(ProviderFailure(httpStatus: 500, type: "invalid_request_error")) == .server)
        #expect(kind(ProviderFailure(httpStatus: 200, type: "invalid_request_error")) == .invalidRequest)
    }

    @Test func longMessagesAreCut() {
        let error = ProviderFailure(message: String(repeating: "x", count: 100_000)).modelError(provider: "x")
        #expect(error.message.count == ProviderFailure.maxMessageLength + 1)
    }
}
