import AgentKitTesting
import StreamCore
import Synchronization

/// A clock on which whoever sleeps is the only one who lets time pass: it is at once as late as the sleeper wishes.
///
/// For programs that wait often and never for each other.
final class AdvancingClock: Clock, Sendable {
    typealias Instant = ManualClock.Instant
    private let offset = Mutex(Duration.zero)

    var now: Instant { Instant(offset: offset.withLock { $0 }) }
    var minimumResolution: Duration { .zero }

    /// The time of day, which begins with the clock.
    var timestamp: Timestamp { Timestamp(millisecondsSince1970: Int64(now.offset / .milliseconds(1))) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        offset.withLock { $0 = max($0, deadline.offset) }
    }

    func advance(by duration: Duration) {
        offset.withLock { $0 += duration }
    }
}
