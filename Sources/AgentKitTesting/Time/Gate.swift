import Synchronization

/// Holds whoever waits at it until the test opens it, once and for all: the way to put events in order without sleeping.
public final class Gate: Sendable {
    fileprivate struct State {
        var isOpen = false
        var nextID: UInt64 = 0
        var waiters: [(id: UInt64, wake: @Sendable (Bool) -> Void)] = []
    }

    private let state = Mutex(State())

    /// A closed gate.
    public init() {}

    /// Whether the gate was opened.
    public var isOpen: Bool { state.withLock { $0.isOpen } }

    /// How many wait at the gate.
    public var waiterCount: Int { state.withLock { $0.waiters.count } }

    /// Opens the gate and lets everybody through, now and later; opening it again changes nothing.
    public func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.wake(true) }
    }

    /// Returns when the gate is open.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    public func wait() async throws(CancellationError) {
        let id = state.withLock { $0.makeID() }
        let isOpen = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                register(id: id) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            remove(id: id)?(false)
        }
        if !isOpen { throw CancellationError() }
    }

    /// Calls `wake` with true when the gate opens, at once if it is open; a task that is cancelled already gets false.
    package func register(id: UInt64, wake: @escaping @Sendable (Bool) -> Void) {
        let answer = state.withLock { state -> Bool? in
            if state.isOpen { return true }
            // The cancellation handler may have run before the waiter was here to be removed.
            if Task.isCancelled { return false }
            state.waiters.append((id, wake))
            return nil
        }
        if let answer { wake(answer) }
    }

    /// A number for a waiter.
    package func makeID() -> UInt64 { state.withLock { $0.makeID() } }

    /// Takes a waiter out; nil when it was woken.
    @discardableResult
    package func remove(id: UInt64) -> (@Sendable (Bool) -> Void)? {
        state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0).wake }
        }
    }
}

extension Gate.State {
    fileprivate mutating func makeID() -> UInt64 {
        nextID += 1
        return nextID
    }
}
