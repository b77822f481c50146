import Dispatch
import Synchronization

/// One timer for all exchanges of a transport: it fires at the earliest deadline that it was told, and is told the next one then.
///
/// A deadline that moves on costs nothing: the timer fires at the old one, finds nothing due and is set again.
final class DeadlineTimer: Sendable {
    typealias Instant = ContinuousClock.Instant

    // Dispatch sources may be used from any thread (dispatch_source_create(3)); the type just does not say so.
    private struct Source: @unchecked Sendable {
        let timer: any DispatchSourceTimer
    }

    private let source: Source
    private let scheduled = Mutex<Instant?>(nil)

    /// A timer that calls `check` on `queue`, which returns the next deadline.
    init(queue: DispatchQueue, check: @escaping @Sendable (Instant) -> Instant?) {
        source = Source(timer: DispatchSource.makeTimerSource(queue: queue))
        source.timer.setEventHandler { [weak self] in
            self?.scheduled.withLock { $0 = nil }
            if let next = check(.now) { self?.ensure(next) }
        }
        source.timer.resume()
    }

    deinit {
        source.timer.cancel()
    }

    /// Has the timer fire at `deadline` at the latest.
    func ensure(_ deadline: Instant) {
        scheduled.withLock { scheduled in
            if let scheduled, scheduled <= deadline { return }
            scheduled = deadline
            let delay = max(.zero, ContinuousClock.now.duration(to: deadline))
            let (seconds, attoseconds) = delay.components
            // Rounded up, so that the deadline has passed when the timer fires; a day at most, to be set again then.
            let nanoseconds =
                seconds >= 86_400 ? 86_400_000_000_000 : seconds * 1_000_000_000 + attoseconds / 1_000_000_000 + 1
            source.timer.schedule(
                deadline: .now() + .nanoseconds(Int(nanoseconds)), leeway: .milliseconds(1))
        }
    }
}
