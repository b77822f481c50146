#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Estimates how long work will still take, from the rate at which it went on so far.
///
/// The elapsed time is cut into at most 32 slots of equal length, which double when they run out; each holds what was done in it. The rate is their mean, in which a
/// slot counts by its distance from the beginning: the recent half of the time counts three quarters, at every scale, so that a change of pace
/// is followed and a burst forgotten. The scatter of the slots around the rate gives the range, as that of the first passage
/// of a drifting random walk (the inverse Gaussian distribution), with an allowance for what so few advances do not show.
///
/// - There is no estimate before three advances, half a second and a hundredth of the work: no evidence.
/// - Between two advances the time counts down. When an advance is overdue, by the mean distance of the last ones, the time beyond counts as a stall,
///   lowers the rate and so raises the estimate; a stall as long as all the time before it ends the estimate: the evidence is void.
/// - Time never runs backwards and work is never undone: earlier times and smaller fractions count as the last ones.
public struct ProgressEstimator: Sendable, Hashable {
    private static let slotCount = 32
    private static let firstWidth = 0.05
    // One end in ten is below, and one above: the normal distribution's quantile.
    private static let quantile = 1.2816
    // The rate of the future is not that of the past, however steady that was.
    private static let leastVariation = 0.05

    private let origin: Duration
    private var width = ProgressEstimator.firstWidth
    private var slots = [Double](repeating: 0, count: ProgressEstimator.slotCount)
    private var fraction: Double
    private let firstFraction: Double
    private var advances = 0
    // Seconds since the origin.
    private var lastAdvance = 0.0
    private var typicalGap = 0.0

    /// An estimator for work that begins now.
    ///
    /// - Parameters:
    ///   - time: The present, counted from any moment that later times are counted from as well.
    ///   - fraction: How much is done already, 0 … 1.
    public init(at time: Duration, fraction: Double = 0) {
        origin = time
        self.fraction = min(1, max(0, fraction.isNaN ? 0 : fraction))
        firstFraction = self.fraction
    }

    /// Takes note of how much is done.
    ///
    /// - Parameters:
    ///   - fraction: How much of the work is done, 0 … 1.
    ///   - time: The present.
    public mutating func update(fraction: Double, at time: Duration) {
        let fraction = min(1, fraction)
        // Also where it is no number.
        guard fraction > self.fraction else { return }
        let now = max(lastAdvance, seconds(at: time))
        let gap = now - lastAdvance
        spread(fraction - self.fraction, from: lastAdvance, to: now)
        self.fraction = fraction
        // Advances at the same moment are one.
        if gap > 0 || advances == 0 {
            advances += 1
            typicalGap += (gap - typicalGap) / Double(min(advances, 8))
        }
        lastAdvance = now
    }

    /// How long the rest will take, or nil while there is no evidence.
    public func estimate(at time: Duration) -> TimeEstimate? {
        if fraction >= 1 { return .zero }
        let gap = max(0, seconds(at: time) - lastAdvance)
        let awaited = min(gap, typicalGap)
        let stall = gap - awaited
        let elapsed = lastAdvance + stall
        guard advances >= 3, elapsed >= 0.5, fraction - firstFraction >= 0.01, stall < lastAdvance else { return nil }

        let (rate, scatter, evidence) = pace(through: elapsed)
        let rest = 1 - fraction
        let expected = rest / rate
        let variation =
            scatter / (rate * rest) + scatter / (rate * rate * evidence) + 0.25 / Double(advances)
            + ProgressEstimator.leastVariation * ProgressEstimator.leastVariation
        // Of the logarithm: times are positive, and their errors multiply.
        let deviation = log1p(variation).squareRoot()
        let factor = exp(ProgressEstimator.quantile * deviation)
        func duration(_ seconds: Double) -> Duration {
            .seconds(min(max(0, seconds - awaited), TimeEstimate.longest.inSeconds))
        }
        return TimeEstimate(duration(expected), low: duration(expected / factor), high: duration(expected * factor))
    }

    // The rate per second, the variance of the work done in a second, and the seconds that the rate rests on.
    private func pace(through elapsed: Double) -> (rate: Double, scatter: Double, evidence: Double) {
        // A stall may reach beyond the slots that there are: they hold nothing.
        let covered = (0..<max(slots.count, Int((elapsed / width).rounded(.up)))).compactMap { index -> Stretch? in
            let start = Double(index) * width
            guard start < elapsed else { return nil }
            let length = min(width, elapsed - start)
            return Stretch(gain: index < slots.count ? slots[index] : 0, length: length, weight: start + length / 2)
        }
        var (gain, time, squares) = (0.0, 0.0, 0.0)
        for slot in covered {
            gain += slot.weight * slot.gain
            time += slot.weight * slot.length
            squares += slot.weight * slot.weight * slot.length
        }
        let rate = gain / time
        let scatter = [1, 2, 4, 8].map { ProgressEstimator.scatter(of: covered, around: rate, joining: $0) }.max() ?? 0
        return (rate, scatter, time * time / squares)
    }

    private struct Stretch {
        var gain: Double
        var length: Double
        // Its middle, as seconds since the beginning.
        var weight: Double
    }

    // The variance of the work done in a second, judged by stretches of so many slots.
    private static func scatter(of slots: [Stretch], around rate: Double, joining count: Int) -> Double {
        var (scatter, weights) = (0.0, 0.0)
        for start in stride(from: 0, to: slots.count, by: count) {
            let joined = slots[start..<min(slots.count, start + count)]
            let length = joined.reduce(0) { $0 + $1.length }
            let weight = joined.reduce(0) { $0 + $1.weight * $1.length } / length
            let difference = joined.reduce(0) { $0 + $1.gain } - rate * length
            scatter += weight * difference * difference
            weights += weight * length
        }
        return scatter / weights
    }

    private func seconds(at time: Duration) -> Double { max(0, (time - origin).inSeconds) }

    // What was done between two moments, evenly: nobody knows better.
    private mutating func spread(_ gain: Double, from start: Double, to end: Double) {
        while end > width * Double(slots.count) { halve() }
        guard end > start else {
            slots[min(slots.count - 1, Int(end / width))] += gain
            return
        }
        for index in Int(start / width)...min(slots.count - 1, Int(end / width)) {
            let overlap = min(end, Double(index + 1) * width) - max(start, Double(index) * width)
            if overlap > 0 { slots[index] += gain * overlap / (end - start) }
        }
    }

    private mutating func halve() {
        let half = slots.count / 2
        for index in 0..<half { slots[index] = slots[2 * index] + slots[2 * index + 1] }
        for index in half..<slots.count { slots[index] = 0 }
        width *= 2
    }
}
