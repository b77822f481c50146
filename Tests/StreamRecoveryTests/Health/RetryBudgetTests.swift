import AgentKitTesting
import StreamRecovery
import Testing

@Suite struct RetryBudgetTests {
    /// How many of `count` retries at a moment are paid for.
    private func retries(_ count: Int, _ budget: inout RetryBudget, at now: Duration) -> Int {
        (0..<count).reduce(into: 0) { sum, _ in sum += budget.retry(at: now) ? 1 : 0 }
    }

    @Test func aQuietProgramHasTenSecondsInAdvance() {
        var budget = RetryBudget(at: .seconds(100))
        let atOnce = retries(20, &budget, at: .seconds(100))
        // They were granted in advance: the eleventh second brings the next.
        let atTen = retries(2, &budget, at: .seconds(110))
        let atEleven = retries(2, &budget, at: .seconds(111))
        #expect([atOnce, atTen, atEleven] == [10, 0, 1])
        #expect(!budget.canRetry(at: .seconds(111)))
        // No more than ten are saved up.
        let muchLater = retries(20, &budget, at: .seconds(10_000))
        #expect(muchLater == 10)
    }

    @Test func fiveRequestsEarnARetry() {
        var budget = RetryBudget(floor: 0, at: .zero)
        for _ in 0..<4 { budget.request() }
        #expect(!budget.canRetry(at: .zero))
        budget.request()
        #expect(budget.canRetry(at: .zero))
        let one = retries(2, &budget, at: .zero)
        for _ in 0..<100_000 { budget.request() }
        let saved = retries(200, &budget, at: .zero)
        #expect([one, saved] == [1, 100])
    }

    /// Whatever happens in whatever order: a fifth of the requests, and one a second.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func neverMoreThanWasEarned(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var now = Duration.seconds(Int64.random(in: -1000...1000, using: &random))
        let start = now
        var budget = RetryBudget(at: now)
        var (requests, retries) = (0, 0)
        for _ in 0..<3000 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                budget.request()
                requests += 1
            case 1: now += .milliseconds(Int64.random(in: 0...200, using: &random))
            // A clock that goes back grants nothing.
            case 2 where Int.random(in: 0..<50, using: &random) == 0: now -= .milliseconds(5)
            default:
                let could = budget.canRetry(at: now)
                let did = budget.retry(at: now)
                #expect(could == did)
                if did { retries += 1 }
            }
            let floor = max(10, (now - start) / .seconds(1) + 0.01)
            guard Double(retries) <= 0.2 * Double(requests) + floor else {
                Issue.record("\(retries) retries of \(requests) requests in \(now - start)")
                return
            }
        }
    }

    @Test func oddSettingsAreTame() {
        var none = RetryBudget(ratio: -.infinity, floor: .nan, floorSavings: .infinity, capacity: -1, at: .zero)
        none.request()
        #expect(!none.canRetry(at: .seconds(1)))
        var large = RetryBudget(
            ratio: .infinity, floor: .infinity, floorSavings: .infinity, capacity: .infinity, at: .zero)
        large.request()
        #expect(large.canRetry(at: .seconds(Int64.max / 4)))
    }
}
