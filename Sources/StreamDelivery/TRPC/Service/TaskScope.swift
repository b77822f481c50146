import Synchronization

/// Tasks that others ask for, as children of one that runs: so that none outlives ``run()``, whoever began it.
final class TaskScope: Sendable {
    /// One of the tasks, to cancel it.
    final class Job: Sendable {
        private enum State {
            case running(waiter: CheckedContinuation<Void, Never>?)
            case cancelled
        }

        fileprivate let operation: @Sendable () async -> Void
        private let state = Mutex(State.running(waiter: nil))

        fileprivate init(_ operation: @escaping @Sendable () async -> Void) {
            self.operation = operation
        }

        /// Cancels the task; one that has not begun does not begin.
        func cancel() {
            let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard case .running(let waiter) = state else { return nil }
                state = .cancelled
                return waiter
            }
            waiter?.resume()
        }

        private var isCancelled: Bool {
            state.withLock { if case .cancelled = $0 { true } else { false } }
        }

        fileprivate func run() async {
            guard !isCancelled else { return }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.operation() }
                group.addTask { await self.waitForCancellation() }
                await group.next()
                group.cancelAll()
            }
        }

        private func waitForCancellation() async {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isOver = state.withLock { state -> Bool in
                        // The handler below may have run before there was anybody to wake.
                        guard case .running = state, !Task.isCancelled else { return true }
                        state = .running(waiter: continuation)
                        return false
                    }
                    if isOver { continuation.resume() }
                }
            } onCancel: {
                cancel()
            }
        }
    }

    private struct State {
        var isOver = false
        var waiting: [Job] = []
        var runner: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Begins a task, as soon as ``run()`` runs; nil when it has ended.
    func start(_ operation: @escaping @Sendable () async -> Void) -> Job? {
        let job = Job(operation)
        let (isTaken, runner) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard !state.isOver else { return (false, nil) }
            state.waiting.append(job)
            defer { state.runner = nil }
            return (true, state.runner)
        }
        runner?.resume()
        return isTaken ? job : nil
    }

    /// Runs the tasks until the calling one is cancelled; then they are cancelled too, and it returns when all have ended.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                for job in await takeJobs() { group.addTask { await job.run() } }
            }
            let rest = state.withLock { state -> [Job] in
                state.isOver = true
                defer { state.waiting = [] }
                return state.waiting
            }
            for job in rest { job.cancel() }
            group.cancelAll()
        }
    }

    private func takeJobs() async -> [Job] {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state -> Bool in
                    if !state.waiting.isEmpty || Task.isCancelled { return true }
                    state.runner = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            let runner = state.withLock { state in
                defer { state.runner = nil }
                return state.runner
            }
            runner?.resume()
        }
        return state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
