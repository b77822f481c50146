import AgentKitTesting
import StreamCore
import StreamRecovery
import Synchronization
import Testing

@Suite struct ProviderHealthTests {
    private func admitted(_ admission: ProviderHealth.Admission) -> ProviderHealth.Call? {
        if case .admitted(let call) = admission { call } else { nil }
    }

    @Test func providersAreJudgedApart() throws {
        let clock = ManualClock()
        let states = Mutex<[String]>([])
        let health = ProviderHealth(
            clock: clock,
            instrumentation: Instrumentation { event in
                if case .breaker(let provider, let state) = event {
                    states.withLock { $0.append("\(provider) \(state)") }
                }
            })
        for _ in 0..<20 {
            health.ended(try #require(admitted(health.begin("a", isRetry: false))), failure: .overloaded)
            health.ended(try #require(admitted(health.begin("b", isRetry: false))))
        }
        #expect(health.availability(of: "a", isRetry: false) == .breakerOpen(.seconds(10)))
        #expect(health.begin("a", isRetry: false) == .refused(.breakerOpen(.seconds(10))))
        #expect(health.availability(of: "b", isRetry: true) == .available)
        #expect(health.availability(of: "never asked", isRetry: true) == .available)
        clock.advance(by: .seconds(10))
        let probe = try #require(admitted(health.begin("a", isRetry: false)))
        #expect(admitted(health.begin("a", isRetry: false)) == nil)
        health.answered(probe)
        #expect(admitted(health.begin("a", isRetry: false)) != nil)
        #expect(states.withLock { $0 } == ["a open", "a closed"])
    }

    @Test(arguments: [FailureKind.quotaExceeded, .invalidRequest, .refused, .cancelled, .interrupted])
    func whatIsNotTheProvidersTroubleIsNotCounted(_ kind: FailureKind) throws {
        let health = ProviderHealth(clock: ManualClock())
        for _ in 0..<100 { health.ended(try #require(admitted(health.begin("a", isRetry: false))), failure: kind) }
        #expect(health.availability(of: "a", isRetry: false) == .available)
    }

    @Test func retriesArePaidForOnceAndTakeoversAreNot() throws {
        let health = ProviderHealth(ProviderHealth.Settings(breaker: nil), clock: ManualClock())
        for _ in 0..<10 { #expect(admitted(health.begin("a", isRetry: true)) != nil) }
        #expect(health.begin("a", isRetry: true) == .refused(.retryBudgetSpent))
        #expect(health.availability(of: "a", isRetry: false) == .available)
        var random = SeededRandom(seed: 1)
        let failed = RecoveryManager().decide(Sample.situation(), health: health, using: &random)
        // The route of the sample is another provider's.
        #expect(failed.recovery != nil)
        var situation = Sample.situation()
        situation.current.provider = "a"
        #expect(
            RecoveryManager().decide(situation, health: health, using: &random).refusal?.code == .retryBudgetSpent)
        situation.failure = Sample.failure(.interrupted)
        #expect(RecoveryManager().decide(situation, health: health, using: &random).recovery != nil)
    }

    @Test func providersAreBounded() {
        let clock = ManualClock()
        let health = ProviderHealth(ProviderHealth.Settings(providerLimit: 2), clock: clock)
        for number in 0..<10 { _ = health.begin("a", isRetry: number > 0) }
        for name in ["b", "c"] {
            clock.advance(by: .seconds(1))
            _ = health.begin(name, isRetry: false)
        }
        // The one that was asked longest ago is forgotten: nine of its ten retries were spent.
        for _ in 0..<10 { #expect(admitted(health.begin("a", isRetry: true)) != nil) }
    }
}
