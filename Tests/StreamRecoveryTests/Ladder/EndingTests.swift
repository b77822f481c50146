import AgentKitTesting
import StreamCore
import StreamRecovery
import Testing

/// Every path comes to an end, whatever the provider does.
@Suite struct EndingTests {
    @Test(arguments: 0..<300 as Range<UInt64>)
    func everyPathEnds(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let manager = RecoveryManager()
        let alternatives = [Sample.route([.prefill], provider: "q"), Sample.route(provider: "s")]
        var situation = Sample.situation(emitted: [], LadderTableTests.capabilities.randomElement(using: &random) ?? [])
        situation.alternatives = alternatives
        situation.history.requested()
        var recoveries = 0
        while true {
            situation.failure = Sample.failure(
                [.transport, .overloaded, .invalidRequest, .notFound, .interrupted].randomElement(using: &random)
                    ?? .transport)
            situation.emitted = LadderTableTests.shapes.randomElement(using: &random) ?? []
            situation.approvedTools = ["search"]
            situation.cursor = Bool.random(using: &random) ? Sample.cursor : nil
            situation.current.availability =
                Int.random(in: 0..<4, using: &random) == 0 ? .retryBudgetSpent : .available
            guard let recovery = manager.decide(situation, using: &random).recovery else { break }
            recoveries += 1
            situation.history.began(recovery)
            situation.current = recovery.route
            // Two times of three some progress is made before it breaks again: without it five attempts are the end.
            if Int.random(in: 0..<3, using: &random) > 0 { situation.history.progressed() }
            guard recoveries < 1000 else { break }
        }
        #expect(recoveries < 1000)
    }

    @Test func fiveAttemptsWithoutProgress() throws {
        var random = SeededRandom(seed: 2)
        var situation = Sample.situation(.server)
        situation.history.requested()
        for attempt in 1...4 {
            let recovery = try #require(RecoveryManager().decide(situation, using: &random).recovery)
            #expect(recovery.attempt == attempt)
            situation.history.began(recovery)
        }
        let refusal = try #require(RecoveryManager().decide(situation, using: &random).refusal)
        #expect(refusal.code == .attemptsExhausted)
        let ending = refusal.ending(situation.failure)
        #expect(ending.kind == .server && ending.message.hasPrefix("it broke (not recovered: "))
    }

    @Test func aRunThatEndsItsProcessEachTimeIsGivenUp() throws {
        var random = SeededRandom(seed: 2)
        var situation = Sample.situation(.interrupted)
        for _ in 0..<100 {
            let recovery = try #require(RecoveryManager().decide(situation, using: &random).recovery)
            let seam = recovery.seam(of: Sample.origin, after: .start, at: nil)
            // Another process reads it back.
            situation.history.read(seam)
        }
        #expect(RecoveryManager().decide(situation, using: &random).refusal?.code == .takeoverLimit)
        situation.history.progressed()
        #expect(RecoveryManager().decide(situation, using: &random).recovery != nil)
    }

    @Test func capsEndARun() throws {
        var random = SeededRandom(seed: 2)
        func code(_ limits: RecoveryLimits, _ change: (inout RecoveryHistory) -> Void) -> RecoveryRefusal.Code? {
            var situation = Sample.situation(.overloaded)
            change(&situation.history)
            return RecoveryManager(limits: limits).decide(situation, using: &random).refusal?.code
        }
        #expect(code(RecoveryLimits(wallTime: .seconds(60))) { $0.elapsed = .seconds(57) } == nil)
        // The delay counts: what would begin too late is not waited for.
        #expect(code(RecoveryLimits(wallTime: .seconds(60))) { $0.elapsed = .seconds(59.5) } == .timeLimit)
        #expect(code(RecoveryLimits(tokens: 100)) { $0.usage = Usage(input: 60, output: 39) } == nil)
        #expect(code(RecoveryLimits(tokens: 100)) { $0.usage = Usage(input: 60, output: 40) } == .tokenLimit)
        #expect(code(RecoveryLimits(cost: 1.5)) { $0.cost = 1.4 } == nil)
        #expect(code(RecoveryLimits(cost: 1.5)) { $0.cost = 1.5 } == .costLimit)
        #expect(code(RecoveryLimits(cost: 1.5)) { $0.cost = .nan } == .costLimit)
        #expect(code(RecoveryLimits(recoveries: 0)) { _ in } == .recoveryLimit)
    }
}
