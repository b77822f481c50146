import AgentKitTesting
import StreamCore
import Testing

@Suite struct BackoffTests {
    @Test func ceilingsDoubleUpToTheCap() {
        let backoff = Backoff(base: .milliseconds(500), cap: .seconds(8), jitter: .none)
        let delays = Array(backoff.delays(using: SeededRandom(seed: 0)).prefix(7))
        #expect(
            delays == [
                .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(8), .seconds(8),
            ])
        #expect(backoff.ceiling(retry: .max) == .seconds(8))
        #expect(backoff.ceiling(retry: -1) == .milliseconds(500))
    }

    @Test func fullJitterFillsTheRangeBelowTheCeiling() {
        let backoff = Backoff.fullJitter()
        var random = SeededRandom(seed: 3)
        for retry in 0..<6 {
            let ceiling = backoff.ceiling(retry: retry)
            let delays = (0..<500).map { _ in backoff.delay(retry: retry, using: &random) }
            #expect(delays.allSatisfy { .zero <= $0 && $0 < ceiling })
            #expect(delays.contains { $0 < ceiling / 10 } && delays.contains { $0 > ceiling * 9 / 10 })
        }
    }

    @Test func equalJitterNeverFallsBelowHalf() {
        let backoff = Backoff.equalJitter()
        var random = SeededRandom(seed: 4)
        for retry in 0..<8 {
            let ceiling = backoff.ceiling(retry: retry)
            #expect(
                (0..<200).allSatisfy { _ in
                    let delay = backoff.delay(retry: retry, using: &random)
                    return ceiling / 2 <= delay && delay <= ceiling
                })
        }
        #expect(backoff.ceiling(retry: 100) == .seconds(60))
    }

    @Test func aSequenceIsPure() {
        let delays = Backoff.fullJitter().delays(using: SeededRandom(seed: 9))
        #expect(Array(delays.prefix(20)) == Array(delays.prefix(20)))
    }

    @Test func oddPartsAreTame() {
        let backoff = Backoff(base: .seconds(-1), cap: .seconds(-5), jitter: .full)
        #expect(backoff.ceiling(retry: 3) == .zero)
        #expect(Backoff(base: .seconds(9), cap: .seconds(2), jitter: .none).ceiling(retry: 0) == .seconds(2))
    }
}
