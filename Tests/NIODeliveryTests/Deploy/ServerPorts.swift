#if NIO
    import Synchronization

    /// Where the server can be found: at another port after each restart.
    final class ServerPorts: Sendable {
        private struct State {
            var ports: [Int] = []
            var isOver = false
            var waiters: [CheckedContinuation<Void, Never>] = []
        }
        private let state = Mutex(State())

        /// A server listens.
        func open(_ port: Int) { change { $0.ports.append(port) } }

        /// No server comes any more.
        func finish() { change { $0.isOver = true } }

        private func change(_ body: (inout State) -> Void) {
            let waiters = state.withLock { state in
                body(&state)
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }

        /// The port of the server that came after `count` others; nil when none comes any more.
        func next(after count: Int) async -> Int? {
            while true {
                let (port, isOver) = state.withLock { state in
                    (state.ports.count > count ? state.ports.last : nil, state.isOver)
                }
                if port != nil || isOver { return port }
                await withCheckedContinuation { waiter in
                    let isNews = state.withLock { state in
                        let isNews = state.ports.count > count || state.isOver
                        if !isNews { state.waiters.append(waiter) }
                        return isNews
                    }
                    if isNews { waiter.resume() }
                }
            }
        }
    }

    /// Something that a number of readers come to, and that a test waits for.
    final class Milestone: Sendable {
        private struct State {
            var left: Int
            var waiter: CheckedContinuation<Void, Never>?
        }
        private let state: Mutex<State>

        init(_ count: Int) { state = Mutex(State(left: count)) }

        /// One reader more is there.
        func reach() {
            let waiter = state.withLock { state in
                state.left -= 1
                return state.left == 0 ? state.waiter.take() : nil
            }
            waiter?.resume()
        }

        /// Returns when all are there.
        func wait() async {
            await withCheckedContinuation { waiter in
                let isReached = state.withLock { state in
                    if state.left > 0 { state.waiter = waiter }
                    return state.left <= 0
                }
                if isReached { waiter.resume() }
            }
        }
    }
#endif
