import AgentKitTesting
import StreamCore
import StreamRecovery
import Testing

/// The retry law as it comes out of decisions.
@Suite struct RetryLawTests {
    /// Delays of the four retries that a request gets, in milliseconds rounded down, on a seeded generator.
    @Test(arguments: [
        (FailureKind.server, [362, 496, 1150, 3610]), (.rateLimited, [1724, 2992, 6300, 15220]),
    ])
    func goldenDelays(kind: FailureKind, expected: [Int]) throws {
        var random = SeededRandom(seed: 42)
        var situation = Sample.situation(kind)
        situation.history.requested()
        var delays: [Int] = []
        while let recovery = RecoveryManager().decide(situation, using: &random).recovery {
            delays.append(Int(recovery.delay / .milliseconds(1)))
            situation.history.began(recovery)
        }
        #expect(delays == expected)
    }

    /// A program that waits on a clock: attempts come when the law says.
    @Test func attemptsOnAManualClock() async throws {
        let clock = ManualClock()
        let work = Task {
            var random = SeededRandom(seed: 7)
            var situation = Sample.situation(.overloaded)
            var attempts: [Duration] = []
            situation.history.requested()
            attempts.append(clock.now.offset)
            while let recovery = RecoveryManager().decide(situation, using: &random).recovery {
                try await clock.sleep(for: recovery.delay)
                situation.history.began(recovery)
                attempts.append(clock.now.offset)
            }
            return attempts
        }
        for _ in 0..<4 {
            try await clock.waitForSleepers()
            clock.advanceToNextDeadline()
        }
        let attempts = try await work.value
        #expect(attempts.count == 5)
        var ceiling = Duration.seconds(2)
        for (before, after) in zip(attempts, attempts.dropFirst()) {
            #expect(after - before >= ceiling / 2 && after - before <= ceiling)
            ceiling *= 2
        }
    }

    @Test(arguments: [
        FailureKind.quotaExceeded, .authentication, .permission, .notFound, .invalidRequest, .contextLength, .refused,
        .cancelled, .tool, .limitExceeded, .invalidOutput, .malformedResponse, .unknown,
    ])
    func whatDoesNotPassIsNeverRetried(_ kind: FailureKind) {
        var random = SeededRandom(seed: 1)
        for emitted in LadderTableTests.shapes {
            var situation = Sample.situation(
                kind, emitted: emitted, [.prefill, .backgroundResume], cursor: Sample.cursor)
            situation.alternatives = [Sample.route([.prefill], provider: "q")]
            situation.retryAfter = .seconds(1)
            let refusal = RecoveryManager().decide(situation, using: &random).refusal
            #expect(refusal?.code == .notRetryable)
            #expect(refusal?.ending(situation.failure) == situation.failure)
        }
    }

    @Test func aSpendLimitIsNotRetriedWhateverAnybodySays() {
        var random = SeededRandom(seed: 1)
        var situation = Sample.situation(.quotaExceeded)
        situation.failure.retryable = true
        #expect(RecoveryManager().decide(situation, using: &random).refusal?.code == .notRetryable)
        // Nor as the refusal of a rung.
        situation.history.began(
            Recovery(
                attempt: 1, strategy: .prefill, plan: RecoveryPlan(.prefill(prefix: "a")), delay: .zero,
                route: Sample.route(), cause: Sample.failure(.transport)))
        situation.failure.retryable = false
        #expect(RecoveryManager().decide(situation, using: &random).refusal?.code == .notRetryable)
    }

    @Test func longWaitsGoToAnotherProviderOrEndTheRun() throws {
        var random = SeededRandom(seed: 1)
        var situation = Sample.situation(.rateLimited)
        situation.retryAfter = .seconds(121)
        #expect(RecoveryManager().decide(situation, using: &random).refusal?.code == .retryAfterTooLong)
        situation.alternatives = [
            Sample.route(), Sample.route([], .retryBudgetSpent, provider: "q"), Sample.route(provider: "s"),
        ]
        let recovery = try #require(RecoveryManager().decide(situation, using: &random).recovery)
        #expect(recovery.route.provider == "s" && recovery.isFallback && recovery.delay == .zero)
        situation.alternatives.removeLast()
        #expect(RecoveryManager().decide(situation, using: &random).refusal?.code == .retryAfterTooLong)
    }

    @Test func aProviderThatCannotBeAskedIsReplaced() throws {
        var random = SeededRandom(seed: 1)
        let before = ResponseCursor(responseID: "r", sequenceNumber: 3)
        var situation = Sample.situation(
            emitted: [Sample.text(0, "On", open: true)], [.backgroundResume], cursor: Sample.cursor)
        situation.emitted[0].cursorBefore = before
        situation.current.availability = .retryBudgetSpent
        #expect(RecoveryManager().decide(situation, using: &random).refusal?.code == .retryBudgetSpent)
        situation.alternatives = [Sample.route([.prefill, .backgroundResume], provider: "q")]
        let recovery = try #require(RecoveryManager().decide(situation, using: &random).recovery)
        // The cursor is the other provider's.
        #expect(recovery.strategy == .prefill && recovery.route.provider == "q")
        // What the first model refused, the second may take.
        situation.history.began(recovery)
        #expect(situation.history.refused.isEmpty)

        situation.alternatives = []
        situation.current.availability = .breakerOpen(.seconds(10))
        #expect(RecoveryManager().decide(situation, using: &random).recovery?.delay == .seconds(10))
        situation.current.availability = .breakerOpen(.seconds(130))
        #expect(RecoveryManager().decide(situation, using: &random).refusal?.code == .breakerOpen)
    }
}
