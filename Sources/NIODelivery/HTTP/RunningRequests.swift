#if NIO
    import Synchronization

    /// The tasks that answer a host's requests: started from event loops, cancelled when their peer goes, and awaited when the host ends.
    final class RunningRequests: Sendable {
        private struct State {
            var tasks: [UInt64: Task<Void, Never>] = [:]
            /// Those that were over before they could be noted.
            var finished: Set<UInt64> = []
            var nextID: UInt64 = 0
            var waiters: [CheckedContinuation<Void, Never>] = []
        }
        private let state = Mutex(State())

        /// Runs `body` in a task of its own; returns what cancels it.
        func start(_ body: @escaping @Sendable () async -> Void) -> @Sendable () -> Void {
            let id = state.withLock { state in
                state.nextID += 1
                return state.nextID
            }
            // Kept until it is over, for `wait`.
            let task = Task {
                await body()
                self.finished(id)
            }
            state.withLock { state in
                if state.finished.remove(id) == nil { state.tasks[id] = task }
            }
            return { task.cancel() }
        }

        private func finished(_ id: UInt64) {
            let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                if state.tasks.removeValue(forKey: id) == nil { state.finished.insert(id) }
                guard state.tasks.isEmpty else { return [] }
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }

        /// Cancels all of them and returns when they are over.
        func end() async {
            for task in state.withLock({ Array($0.tasks.values) }) { task.cancel() }
            await withCheckedContinuation { waiter in
                let isIdle = state.withLock { state in
                    if !state.tasks.isEmpty { state.waiters.append(waiter) }
                    return state.tasks.isEmpty
                }
                if isIdle { waiter.resume() }
            }
        }
    }
#endif
