public import StreamCore
import Synchronization

/// A clock on which whoever sleeps lets the time pass: it is at once as late as the sleeper wishes.
///
/// For programs that wait often and never for each other, such as retries: their delays add up, and take no time. Where one task's sleep must not be the end of another one's, a
/// ``ManualClock`` is the right one.
public final class AdvancingClock: Clock, Sendable {
    /// A moment, by the time since the clock began.
    public typealias Instant = ManualClock.Instant

    private let offset = Mutex(Duration.zero)

    /// A clock that begins now.
    public init() {}

    /// The present.
    public var now: Instant { Instant(offset: offset.withLock { $0 }) }

    /// No time is too short.
    public var minimumResolution: Duration { .zero }

    /// The time of day, as if the clock had begun in 1970; whole milliseconds.
    public var timestamp: Timestamp { Timestamp(millisecondsSince1970: Int64(now.offset / .milliseconds(1))) }

    /// Makes it as late as `deadline`, and returns.
    ///
    /// - Throws: `CancellationError` when the task is cancelled; then no time passes.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        try Task.checkCancellation()
        offset.withLock { $0 = max($0, deadline.offset) }
    }

    /// Lets time pass in which nobody sleeps.
    public func advance(by duration: Duration) {
        offset.withLock { $0 += duration }
    }
}
