import AgentKitTesting
import StreamRecovery
import Testing

@Suite struct CircuitBreakerTests {
    /// Ends calls at a moment: true is a failure.
    private func end(_ outcomes: [Bool], _ breaker: inout CircuitBreaker, at now: Duration) {
        for isFailure in outcomes {
            guard let call = breaker.begin(at: now) else { return }
            breaker.ended(call, isFailure: isFailure, at: now)
        }
    }

    private func begin(_ breaker: inout CircuitBreaker, at now: Duration) throws -> CircuitBreaker.Call {
        let call = breaker.begin(at: now)
        return try #require(call)
    }

    private func expectRefusal(_ breaker: inout CircuitBreaker, at now: Duration) {
        let call = breaker.begin(at: now)
        #expect(call == nil)
    }

    @Test func opensAtHalfOfTwenty() {
        var breaker = CircuitBreaker()
        end([Bool](repeating: true, count: 19), &breaker, at: .zero)
        #expect(breaker.state(at: .zero) == .closed)
        end([true], &breaker, at: .zero)
        #expect(breaker.state(at: .zero) == .open)
        expectRefusal(&breaker, at: .seconds(9))
        #expect(breaker.remaining(at: .seconds(4)) == .seconds(6))

        var half = CircuitBreaker()
        end([Bool](repeating: false, count: 11) + [Bool](repeating: true, count: 10), &half, at: .zero)
        #expect(half.state(at: .zero) == .closed)
        end([true], &half, at: .zero)
        #expect(half.state(at: .zero) == .open)
    }

    @Test func whatIsOlderThanHalfAMinuteIsForgotten() {
        var breaker = CircuitBreaker()
        end([Bool](repeating: true, count: 19), &breaker, at: .seconds(5))
        end([true], &breaker, at: .seconds(35))
        #expect(breaker.state(at: .seconds(35)) == .closed)
        end([Bool](repeating: true, count: 18), &breaker, at: .seconds(40))
        #expect(breaker.state(at: .seconds(40)) == .closed)
        end([true], &breaker, at: .seconds(41))
        #expect(breaker.state(at: .seconds(41)) == .open)
    }

    private var opened: CircuitBreaker {
        var breaker = CircuitBreaker()
        end([Bool](repeating: true, count: 20), &breaker, at: .zero)
        return breaker
    }

    @Test func oneProbeDecides() throws {
        var breaker = opened
        #expect(breaker.state(at: .seconds(10)) == .halfOpen)
        let probe = try begin(&breaker, at: .seconds(10))
        expectRefusal(&breaker, at: .seconds(11))
        breaker.answered(probe, at: .seconds(11))
        #expect(breaker.state(at: .seconds(11)) == .closed)
        // It counts from nothing again, and the probe's own end counts for nothing.
        breaker.ended(probe, isFailure: true, at: .seconds(12))
        end([Bool](repeating: true, count: 19), &breaker, at: .seconds(12))
        #expect(breaker.state(at: .seconds(12)) == .closed)
    }

    @Test func failedProbesDoubleTheCooldownUpToAMinute() throws {
        var breaker = opened
        var now = Duration.seconds(10)
        for cooldown in [20, 40, 60, 60] {
            let probe = try begin(&breaker, at: now)
            breaker.ended(probe, isFailure: true, at: now)
            #expect(breaker.remaining(at: now) == .seconds(cooldown))
            now += .seconds(cooldown)
        }
        let probe = try begin(&breaker, at: now)
        breaker.ended(probe, isFailure: false, at: now)
        end([Bool](repeating: true, count: 20), &breaker, at: now)
        #expect(breaker.remaining(at: now) == .seconds(10))
    }

    @Test func aProbeThatIsGivenUpOrForgottenLetsTheNextThrough() throws {
        var breaker = opened
        let first = try begin(&breaker, at: .seconds(10))
        breaker.abandoned(first, at: .seconds(12))
        let second = try begin(&breaker, at: .seconds(12))
        expectRefusal(&breaker, at: .seconds(131))
        let third = try begin(&breaker, at: .seconds(132))
        // The second comes back late: it is no longer the probe.
        breaker.ended(second, isFailure: false, at: .seconds(133))
        #expect(breaker.state(at: .seconds(133)) == .halfOpen)
        breaker.ended(third, isFailure: false, at: .seconds(134))
        #expect(breaker.state(at: .seconds(134)) == .closed)
    }

    @Test func callsFromBeforeItOpenedSayNothing() throws {
        var breaker = CircuitBreaker()
        let early = (0..<30).compactMap { _ in breaker.begin(at: .zero) }
        end([Bool](repeating: true, count: 20), &breaker, at: .zero)
        let probe = try begin(&breaker, at: .seconds(10))
        breaker.answered(probe, at: .seconds(10))
        for call in early { breaker.ended(call, isFailure: true, at: .seconds(11)) }
        #expect(breaker.state(at: .seconds(11)) == .closed)
    }

    /// Against a plain count of the last calls: never open below the thresholds, and one call at a time while half open.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func neverOpensWithoutReason(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var breaker = CircuitBreaker()
        var now = Duration.zero
        var recent: [(time: Duration, isFailure: Bool)] = []
        var running: [CircuitBreaker.Call] = []
        let failureRate = Double.random(in: 0...1, using: &random)
        for _ in 0..<2000 {
            now += .milliseconds(Int64.random(in: 0...900, using: &random))
            let before = breaker.state(at: now)
            if Bool.random(using: &random) {
                let call = breaker.begin(at: now)
                #expect(
                    (call == nil) == (breaker.remaining(at: now) > .zero && before != .closed) || before == .halfOpen)
                if let call { running.append(call) }
            } else if let index = running.indices.randomElement(using: &random) {
                let isFailure = Double.random(in: 0..<1, using: &random) < failureRate
                breaker.ended(running.remove(at: index), isFailure: isFailure, at: now)
                recent.append((now, isFailure))
            }
            if before == .closed, breaker.state(at: now) == .open {
                let counted = recent.filter { $0.time > now - .seconds(31) }
                #expect(counted.count >= 20 && counted.filter(\.isFailure).count >= 10)
            }
        }
    }
}
