public import StreamCore
import Synchronization

/// A clock whose time moves only when the test says so.
///
/// Sleepers wake in the order of their deadlines, those with the same deadline in the order in which they fell asleep. A test
/// needs no sleeps: it waits until the code under test sleeps (``waitForSleepers(_:)``), then moves the time.
///
///     let clock = ManualClock()
///     let work = Task { try await poll(clock: clock) }
///     try await clock.waitForSleepers()
///     clock.advance(by: .seconds(5))
public final class ManualClock: Clock, Sendable {
    /// A moment of a manual clock: the time since the clock was made.
    public struct Instant: InstantProtocol, CustomStringConvertible {
        /// The time since the clock was made.
        public var offset: Duration

        /// A moment that long after the clock was made.
        public init(offset: Duration) {
            self.offset = offset
        }

        /// The moment later by `duration`.
        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        /// The time from this moment to another.
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        /// Orders moments by time.
        public static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
        /// The offset.
        public var description: String { "+\(offset)" }
    }

    private struct Sleeper {
        var id: UInt64
        var deadline: Instant
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct Watcher {
        var id: UInt64
        var count: Int
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var nextID: UInt64 = 0
        /// By deadline, then by the order in which they fell asleep.
        var sleepers: [Sleeper] = []
        var watchers: [Watcher] = []

        mutating func makeID() -> UInt64 {
            nextID += 1
            return nextID
        }

        mutating func wake(id: UInt64) -> CheckedContinuation<Bool, Never>? {
            sleepers.firstIndex { $0.id == id }.map { sleepers.remove(at: $0).continuation }
        }

        mutating func takeSatisfiedWatchers() -> [Watcher] {
            let satisfied = watchers.filter { $0.count <= sleepers.count }
            watchers.removeAll { $0.count <= sleepers.count }
            return satisfied
        }
    }

    private let state = Mutex(State())
    private let epoch: Timestamp

    /// A clock that stands still.
    ///
    /// - Parameter epoch: What ``timestamp`` says at first: 2026-01-01T00:00:00Z by default.
    public init(epoch: Timestamp = Timestamp(millisecondsSince1970: 1_767_225_600_000)) {
        self.epoch = epoch
    }

    /// The present.
    public var now: Instant { state.withLock { $0.now } }

    /// One attosecond: every duration is exact.
    public var minimumResolution: Duration { Duration(secondsComponent: 0, attosecondsComponent: 1) }

    /// The present as a wall clock would say it, whole milliseconds.
    public var timestamp: Timestamp {
        let (seconds, attoseconds) = now.offset.components
        return Timestamp(
            millisecondsSince1970: epoch.millisecondsSince1970 + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    /// Sleeps until the clock is moved to `deadline` or beyond; a deadline that has passed returns at once.
    ///
    /// - Throws: `CancellationError` when the task is cancelled before or while it sleeps.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        try Task.checkCancellation()
        let id = state.withLock { $0.makeID() }
        let elapsed = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (watchers, answer) = state.withLock { state -> ([Watcher], Bool?) in
                    if deadline <= state.now { return ([], true) }
                    // The handler below may have run before the sleeper was here to be woken.
                    if Task.isCancelled { return ([], false) }
                    let position = state.sleepers.firstIndex { $0.deadline > deadline } ?? state.sleepers.endIndex
                    state.sleepers.insert(
                        Sleeper(id: id, deadline: deadline, continuation: continuation), at: position)
                    return (state.takeSatisfiedWatchers(), nil)
                }
                if let answer { continuation.resume(returning: answer) }
                for watcher in watchers { watcher.continuation.resume(returning: true) }
            }
        } onCancel: {
            state.withLock { $0.wake(id: id) }?.resume(returning: false)
        }
        if !elapsed { throw CancellationError() }
    }

    /// Moves the time on and wakes those whose deadline has come; a negative duration changes nothing.
    public func advance(by duration: Duration) {
        guard duration > .zero else { return }
        move { $0.now.advanced(by: duration) }
    }

    /// Moves the time to `instant` and wakes those whose deadline has come; a moment in the past changes nothing.
    public func advance(to instant: Instant) {
        move { max($0.now, instant) }
    }

    /// Moves the time to the earliest deadline that somebody sleeps for.
    ///
    /// - Returns: By how much the time has moved, or nil when nobody sleeps.
    @discardableResult
    public func advanceToNextDeadline() -> Duration? {
        var moved: Duration?
        move { state in
            guard let deadline = state.sleepers.first?.deadline else { return state.now }
            moved = state.now.duration(to: deadline)
            return deadline
        }
        return moved
    }

    /// How many tasks sleep.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// The earliest deadline that somebody sleeps for.
    public var nextDeadline: Instant? { state.withLock { $0.sleepers.first?.deadline } }

    /// Returns as soon as at least `count` tasks sleep.
    ///
    /// - Throws: `CancellationError` when the calling task is cancelled first.
    public func waitForSleepers(_ count: Int = 1) async throws {
        try Task.checkCancellation()
        let id = state.withLock { $0.makeID() }
        let satisfied = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if state.sleepers.count >= count { return true }
                    if Task.isCancelled { return false }
                    state.watchers.append(Watcher(id: id, count: count, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { state in
                state.watchers.firstIndex { $0.id == id }.map { state.watchers.remove(at: $0).continuation }
            }?.resume(returning: false)
        }
        if !satisfied { throw CancellationError() }
    }

    private func move(_ target: (State) -> Instant) {
        let due = state.withLock { state -> [Sleeper] in
            state.now = target(state)
            let count = state.sleepers.prefix { $0.deadline <= state.now }.count
            defer { state.sleepers.removeFirst(count) }
            return Array(state.sleepers.prefix(count))
        }
        for sleeper in due { sleeper.continuation.resume(returning: true) }
    }
}
