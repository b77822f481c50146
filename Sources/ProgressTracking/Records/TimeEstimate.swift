/// How long something will still take, with the range in which four of five ends are expected.
public struct TimeEstimate: Sendable, Hashable {
    /// The time that is expected; not negative.
    public let expected: Duration
    /// One end in ten is expected before; at most ``expected``.
    public let low: Duration
    /// One end in ten is expected after; at least ``expected``.
    public let high: Duration

    /// An estimate from its parts, brought into order, `0 ≤ low ≤ expected ≤ high ≤` ``longest``, and cut to whole milliseconds, which is
    /// what its JSON form can say.
    public init(_ expected: Duration, low: Duration, high: Duration) {
        func bounded(_ duration: Duration) -> Duration {
            .milliseconds(min(max(.zero, duration), TimeEstimate.longest).wholeMilliseconds)
        }
        self.expected = bounded(expected)
        self.low = min(bounded(low), self.expected)
        self.high = max(bounded(high), self.expected)
    }

    /// Nothing is left to be done.
    public static let zero = TimeEstimate(.zero, low: .zero, high: .zero)

    /// The longest time that is ever told: a hundred years of 365 days.
    public static let longest = Duration.seconds(100 * 365 * 24 * 3600)
}

extension Duration {
    /// Whole milliseconds, cut.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carry) = milliseconds.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }

    /// Seconds, rounded to the nearest `Double`.
    var inSeconds: Double { self / .seconds(1) }
}
