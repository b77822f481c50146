import AgentKitTesting
import ProgressTracking
import Testing

@Suite("Estimating the time that remains")
struct ProgressEstimatorTests {
    private func run(_ advances: Int, each: Duration, of total: Int) -> ProgressEstimator {
        var estimator = ProgressEstimator(at: .zero)
        for number in 1...advances {
            estimator.update(fraction: Double(number) / Double(total), at: each * number)
        }
        return estimator
    }

    @Test("No evidence, no estimate: three advances, half a second, a hundredth of the work")
    func evidence() {
        #expect(ProgressEstimator(at: .zero).estimate(at: .seconds(9)) == nil)
        #expect(run(2, each: .seconds(1), of: 10).estimate(at: .seconds(2)) == nil)
        #expect(run(3, each: .seconds(1), of: 10).estimate(at: .seconds(3)) != nil)
        #expect(run(4, each: .milliseconds(100), of: 10).estimate(at: .milliseconds(400)) == nil)
        #expect(run(4, each: .seconds(1), of: 1000).estimate(at: .seconds(4)) == nil)
        #expect(run(12, each: .seconds(1), of: 1000).estimate(at: .seconds(12)) != nil)
    }

    @Test("At a constant rate it is exact, counts down between advances, and is zero at the end")
    func constant() throws {
        for step in 3..<20 {
            for part in 0..<10 {
                let time = Duration.seconds(step) + .milliseconds(100) * part
                let estimate = try #require(run(step, each: .seconds(1), of: 20).estimate(at: time))
                let error = estimate.expected - (.seconds(20) - time)
                #expect(abs(error / .milliseconds(1)) <= 1.01)
                #expect(estimate.low <= estimate.expected && estimate.expected <= estimate.high)
            }
        }
        #expect(run(20, each: .seconds(1), of: 20).estimate(at: .seconds(99)) == .zero)
    }

    @Test("A stall raises it steadily, and ends it when it is as long as all before")
    func stall() throws {
        let estimator = run(10, each: .seconds(1), of: 20)
        var last = Duration.zero
        for second in 11..<20 {
            let estimate = try #require(estimator.estimate(at: .seconds(second)))
            #expect(estimate.expected > last)
            last = estimate.expected
        }
        #expect(last > .seconds(20) && last < .seconds(60))
        #expect(estimator.estimate(at: .seconds(22)) == nil)
        // It goes on: there is an estimate again.
        var resumed = estimator
        for step in 11...13 { resumed.update(fraction: Double(step) / 20, at: .seconds(20 + step)) }
        #expect(resumed.estimate(at: .seconds(33)) != nil)
    }

    @Test("A change of pace is followed")
    func speedUp() throws {
        var estimator = ProgressEstimator(at: .zero)
        for step in 1...20 { estimator.update(fraction: Double(step) / 100, at: .seconds(step)) }
        for step in 21...60 {
            estimator.update(fraction: Double(step) / 100, at: .seconds(20) + .milliseconds(500) * (step - 20))
        }
        // Twenty steps in 20 s, forty in the next 20: the mean rate says 26.7 s, the recent one 20.
        let estimate = try #require(estimator.estimate(at: .seconds(40)))
        #expect(estimate.expected < .seconds(25) && estimate.low <= .seconds(20))
    }

    @Test("Work that was done before does not count as pace")
    func resumed() throws {
        var estimator = ProgressEstimator(at: .seconds(100), fraction: 0.5)
        for step in 1...5 { estimator.update(fraction: 0.5 + Double(step) / 100, at: .seconds(100 + step)) }
        let estimate = try #require(estimator.estimate(at: .seconds(105)))
        #expect(abs(estimate.expected / .seconds(45) - 1) < 0.01)
    }

    @Test("Whatever it is fed, it is not negative, in order, and does not trap", arguments: 0..<300)
    func anything(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var estimator = ProgressEstimator(at: .seconds(random.below(9)), fraction: random.unit() * 1.2 - 0.1)
        let odd = [Double.nan, .infinity, -.infinity, -1, 1e-300, 0]
        var time = Duration.zero
        for _ in 0..<200 {
            if random.below(3) > 0 { time += .seconds(random.wait() * [1e-9, 1e-3, 1, 1e6, 1e12][random.below(5)]) }
            let fraction = random.below(20) == 0 ? odd[random.below(odd.count)] : random.unit() * random.unit()
            estimator.update(fraction: fraction, at: random.below(10) == 0 ? .zero : time)
            if let estimate = estimator.estimate(at: random.below(10) == 0 ? .seconds(-5) : time) {
                #expect(Duration.zero <= estimate.low && estimate.low <= estimate.expected)
                #expect(estimate.expected <= estimate.high && estimate.high <= TimeEstimate.longest)
            }
        }
        estimator.update(fraction: 1, at: time)
        #expect(estimator.estimate(at: time) == .zero)
    }
}

/// Processes whose end is known, to see how often it lies within the range that was told.
@Suite("Estimating the time that remains: calibration")
struct EstimatorCalibrationTests {
    enum Process: String, CaseIterable {
        case constant, coarseSteps, randomArrivals, noisyRate, bursts, slowDrift, stall, speedUp, slowDown
    }

    struct Score {
        var inside = 0
        var total = 0
        var errors: [Double] = []
        var coverage: Double { Double(inside) / Double(total) }
        var medianError: Double { errors.sorted()[errors.count / 2] }
    }

    // Moments and what is done by then; the last is the end.
    private func trace(_ process: Process, _ random: inout SeededRandom) -> [(time: Double, fraction: Double)] {
        let total = Double(2 + random.below(200))
        let count = process == .coarseSteps ? 5 + random.below(6) : 20 + random.below(500)
        let each = total / Double(count)
        let change = 0.2 + 0.4 * random.unit()
        let factor = 1.5 + 2 * random.unit()
        var (time, fraction, drift) = (0.0, 0.0, 0.0)
        var trace: [(time: Double, fraction: Double)] = []
        while fraction < 1 {
            var gain = 1 / Double(count)
            var wait = each
            let isChanged = fraction > change
            switch process {
            case .constant: break
            case .coarseSteps: wait *= 0.7 + 0.6 * random.unit()
            case .randomArrivals: wait *= random.wait()
            case .noisyRate: gain *= max(0, 1 + random.normal())
            case .bursts: wait *= random.below(10) == 0 ? 18.2 * random.unit() : 0.1
            case .slowDrift:
                drift = drift * 0.98 + 0.1 * random.normal()
                gain *= max(0.1, 1 + drift)
            case .stall: if isChanged, fraction - gain <= change { wait += total * (0.1 + 0.4 * random.unit()) }
            case .speedUp: if isChanged { wait /= factor }
            case .slowDown: if isChanged { wait *= factor }
            }
            time += wait
            fraction = min(1, fraction + gain)
            if 1 - fraction < 1e-9 { fraction = 1 }
            trace.append((time, fraction))
        }
        return trace
    }

    private func score(_ process: Process) -> Score {
        var random = SeededRandom(seed: 4)
        var score = Score()
        for _ in 0..<200 {
            let trace = trace(process, &random)
            let end = trace[trace.count - 1].time
            let questions = (0..<20).map { _ in random.unit() * end }.sorted()
            var estimator = ProgressEstimator(at: .zero)
            var next = 0
            for question in questions {
                while trace[next].time <= question {
                    estimator.update(fraction: trace[next].fraction, at: .seconds(trace[next].time))
                    next += 1
                }
                guard let estimate = estimator.estimate(at: .seconds(question)) else { continue }
                let truth = Duration.seconds(end - question)
                score.total += 1
                if estimate.low <= truth, truth <= estimate.high { score.inside += 1 }
                score.errors.append(abs((estimate.expected - truth) / .seconds(end)))
            }
        }
        return score
    }

    // What was measured, less a margin. Where the pace stays what it was, four of five ends are in the range; a stall or a change to come can be in
    // no estimate, and these figures say so.
    @Test(
        "So many ends lie within the range, and the median error is at most this part of the whole time",
        arguments: [
            (Process.constant, 0.99, 0.001), (.coarseSteps, 0.85, 0.06), (.randomArrivals, 0.75, 0.07),
            (.noisyRate, 0.72, 0.07), (.bursts, 0.72, 0.14), (.slowDrift, 0.45, 0.12), (.stall, 0.45, 0.22),
            (.speedUp, 0.2, 0.4), (.slowDown, 0.5, 0.15),
        ])
    func calibrated(process: Process, coverage: Double, error: Double) {
        let score = score(process)
        #expect(score.coverage >= coverage, "\(process): \(score.coverage) of \(score.total)")
        #expect(score.medianError <= error, "\(process): \(score.medianError)")
    }
}
