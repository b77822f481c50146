import AgentKitTesting
import StreamCore
import Testing

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy()

    @Test(arguments: [FailureKind.transport, .server, .timeout, .truncated])
    func transientFailuresWaitWithFullJitter(_ kind: FailureKind) {
        for attempt in 1...4 {
            var random = SeededRandom(seed: 11)
            var same = SeededRandom(seed: 11)
            let expected = Backoff.fullJitter().delay(retry: attempt - 1, using: &same)
            #expect(policy.decide(kind, attempt: attempt, using: &random) == .retry(after: expected))
        }
    }

    @Test(arguments: [FailureKind.rateLimited, .overloaded])
    func overloadWaitsWithEqualJitter(_ kind: FailureKind) {
        var random = SeededRandom(seed: 12)
        var same = SeededRandom(seed: 12)
        let expected = Backoff.equalJitter().delay(retry: 1, using: &same)
        #expect(policy.decide(kind, attempt: 2, using: &random) == .retry(after: expected))
    }

    @Test(arguments: [
        FailureKind.quotaExceeded, .refused, .authentication, .permission, .notFound, .invalidRequest, .contextLength,
        .cancelled, .tool, .malformedResponse, .unknown, FailureKind(rawValue: "something new"),
    ])
    func theRestIsNeverRetried(_ kind: FailureKind) {
        var random = SeededRandom(seed: 1)
        #expect(policy.decide(kind, retryAfter: .seconds(1), attempt: 1, using: &random) == .giveUp(.notRetryable))
    }

    @Test func fiveAttemptsAndNoMore() {
        var random = SeededRandom(seed: 1)
        #expect(policy.decide(.transport, attempt: 5, using: &random) == .giveUp(.attemptsExhausted))
        #expect(RetryPolicy.never.decide(.transport, attempt: 1, using: &random) == .giveUp(.attemptsExhausted))
    }

    @Test func aServersWordOnWaitingIsKept() {
        var random = SeededRandom(seed: 1)
        #expect(
            policy.decide(.server, retryAfter: .seconds(120), attempt: 1, using: &random)
                == .retry(after: .seconds(120)))
        #expect(policy.decide(.rateLimited, retryAfter: .zero, attempt: 1, using: &random) == .retry(after: .zero))
        #expect(
            policy.decide(.rateLimited, retryAfter: .seconds(121), attempt: 1, using: &random)
                == .giveUp(.retryAfterTooLong(.seconds(121))))
    }

    @Test func theCallersWordOnRetryingIsKept() {
        var random = SeededRandom(seed: 1)
        #expect(policy.decide(.truncated, retryable: false, attempt: 1, using: &random) == .giveUp(.notRetryable))
    }
}
