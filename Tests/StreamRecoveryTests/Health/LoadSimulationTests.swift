import AgentKitTesting
import StreamCore
import StreamRecovery
import Testing

/// Many clients, one provider that fails every request: how much of it the provider gets to see.
@Suite struct LoadSimulationTests {
    /// Offers `rate` requests a second for `seconds`, each of which is recovered for as long as it may be.
    private func simulate(
        rate: Int, seconds: Int, breaker: Bool, seed: UInt64
    ) -> (offered: Int, load: Int, latest: Duration) {
        let clock = ManualClock()
        let health = ProviderHealth(
            ProviderHealth.Settings(breaker: breaker ? CircuitBreaker.Settings() : nil), clock: clock)
        var random = SeededRandom(seed: seed)
        let kinds = [FailureKind.overloaded, .server, .transport]
        var clients = (0..<rate * seconds).map { Sample.situation(kinds[$0 % 3]) }
        // Who does something next is at the end.
        var agenda: [(time: Duration, client: Int)] = clients.indices.reversed().map { index in
            (.seconds(Double(index) / Double(rate)), index)
        }
        var (load, latest) = (0, Duration.zero)
        while let (time, client) = agenda.popLast() {
            clock.advance(to: ManualClock.Instant(offset: time))
            let isFirst = clients[client].history.attemptsSinceProgress == 0
            if isFirst { clients[client].history.requested() }
            if case .admitted(let call) = health.begin("p", isRetry: !isFirst) {
                (load, latest) = (load + 1, time)
                health.ended(call, failure: clients[client].failure.kind)
            }
            let decision = RecoveryManager().decide(clients[client], health: health, using: &random)
            guard let recovery = decision.recovery else { continue }
            clients[client].history.began(recovery)
            let wakes = time + recovery.delay
            var (low, high) = (0, agenda.count)
            while low < high {
                let middle = (low + high) / 2
                if agenda[middle].time > wakes { low = middle + 1 } else { high = middle }
            }
            agenda.insert((wakes, client), at: low)
        }
        return (rate * seconds, load, latest)
    }

    @Test(arguments: [1, 5, 20, 100], 0..<3 as Range<UInt64>)
    func theBudgetAloneKeepsTheLoadDown(rate: Int, seed: UInt64) {
        let (offered, load, latest) = simulate(rate: rate, seconds: 60, breaker: false, seed: seed)
        #expect(Double(load) <= 1.2 * Double(offered) + latest / .seconds(1))
        // It does not forbid what it may allow either.
        #expect(load > offered)
    }

    @Test(arguments: [20, 100], 0..<3 as Range<UInt64>)
    func withTheBreakerHardlyAnyIsLeft(rate: Int, seed: UInt64) {
        let (offered, load, _) = simulate(rate: rate, seconds: 60, breaker: true, seed: seed)
        #expect(Double(load) < 0.1 * Double(offered))
    }
}
