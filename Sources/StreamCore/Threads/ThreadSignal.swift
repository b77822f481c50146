import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a thread of its own sleeps on until somebody has work for it.
package final class ThreadSignal: Sendable {
    // Allocated once, initialised before anybody else sees them, destroyed when nobody can, and only passed to pthread in between: so it is safe to share them.
    private struct Sleep: @unchecked Sendable {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    }

    private static let idle = 0
    private static let posted = 1
    private static let sleeping = 2

    private let sleep = Sleep()
    private let state = Atomic(ThreadSignal.idle)

    package init() {
        pthread_mutex_init(sleep.mutex, nil)
        pthread_cond_init(sleep.condition, nil)
    }

    deinit {
        pthread_cond_destroy(sleep.condition)
        pthread_mutex_destroy(sleep.mutex)
        sleep.condition.deallocate()
        sleep.mutex.deallocate()
    }

    /// Wakes the thread, or lets its next wait return at once; costs an atomic exchange when it is awake.
    package func post() {
        guard state.exchange(ThreadSignal.posted, ordering: .acquiringAndReleasing) == ThreadSignal.sleeping else {
            return
        }
        // The thread holds the mutex from before it says that it sleeps until it does. Signalled without it, or the thread would wake to wait for it.
        pthread_mutex_lock(sleep.mutex)
        pthread_mutex_unlock(sleep.mutex)
        pthread_cond_signal(sleep.condition)
    }

    /// Returns when ``post()`` was called since the last wait returned; one thread waits at a time.
    ///
    /// - Parameter spinning: How long it looks before it sleeps.
    package func wait(spinning: Duration = .zero) {
        if take() { return }
        if spinning > .zero {
            let end = ContinuousClock.now.advanced(by: spinning)
            while ContinuousClock.now < end {
                for _ in 0..<16 {
                    if take() { return }
                    _ = sched_yield()
                }
            }
        }
        pthread_mutex_lock(sleep.mutex)
        let (isSleeping, _) = state.compareExchange(
            expected: ThreadSignal.idle, desired: ThreadSignal.sleeping, ordering: .acquiringAndReleasing)
        if isSleeping {
            while state.load(ordering: .acquiring) == ThreadSignal.sleeping {
                pthread_cond_wait(sleep.condition, sleep.mutex)
            }
        }
        pthread_mutex_unlock(sleep.mutex)
        _ = take()
    }

    private func take() -> Bool {
        guard state.load(ordering: .relaxed) == ThreadSignal.posted else { return false }
        return state.compareExchange(
            expected: ThreadSignal.posted, desired: ThreadSignal.idle, ordering: .acquiringAndReleasing
        ).exchanged
    }
}
