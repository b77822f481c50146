/// How long something will still take, with the range in which four of five ends are expected.
public struct TimeEstimate: Sendable, Hashable {
    /// The time that is expected; not negative.
    public let expected: Duration
    /// One end in ten is expected before; at most ``expected``.
    public let low: Duration
    /// One end in ten is expected after; at least ``expected``.
    public let high: Duration

    /// An estimate from its parts, brought into order: `0 ≤ low ≤ expected ≤ high ≤` ``longest``.
    public init(_ expected: Duration, low: Duration, high: Duration) {
        let expected = min(max(.zero, expected), TimeEstimate.longest)
        self.expected = expected
        self.low = min(max(.zero, low), expected)
        self.high = min(max(expected, high), TimeEstimate.longest)
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
