#if NIO
    import Synchronization

    /// Hands values from any thread to one task.
    final class Mailbox<Value: Sendable>: Sendable {
        private struct State {
            var values: [Value] = []
            var waiter: CheckedContinuation<Value, Never>?
        }
        private let state = Mutex(State())

        func put(_ value: Value) {
            let waiter = state.withLock { state in
                guard let waiter = state.waiter.take() else {
                    state.values.append(value)
                    return nil as CheckedContinuation<Value, Never>?
                }
                return waiter
            }
            waiter?.resume(returning: value)
        }

        func next() async -> Value {
            await withCheckedContinuation { waiter in
                let value = state.withLock { state in
                    guard state.values.isEmpty else { return state.values.removeFirst() as Value? }
                    state.waiter = waiter
                    return nil
                }
                if let value { waiter.resume(returning: value) }
            }
        }
    }
#endif
