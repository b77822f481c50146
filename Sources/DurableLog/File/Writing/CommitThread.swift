import StreamCore
import Synchronization

/// The one thread of a log that waits for the disk, so that no thread of the cooperative pool does.
///
/// While it syncs, appends gather; the next sync is for all of them.
final class CommitThread: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isStopping = false
    }

    private let state = Mutex(State())
    private let signal = ThreadSignal()
    private let thread = Mutex<WorkerThread?>(nil)
    private let worker: Worker?

    /// Does jobs one after another, in their order, in place of the thread: a simulation that decides itself when.
    typealias Worker = @Sendable (_ job: @escaping @Sendable () -> Void) -> Void

    init(worker: Worker? = nil) {
        self.worker = worker
    }

    /// Starts the thread; false when the system has none left.
    func start() -> Bool {
        if worker != nil { return true }
        return thread.withLock { thread in
            thread = WorkerThread { [self] in run() }
            return thread != nil
        }
    }

    /// Has the thread do something; false when it has been stopped.
    func perform(_ job: @escaping @Sendable () -> Void) -> Bool {
        let isAccepted = state.withLock { state in
            if !state.isStopping, worker == nil { state.jobs.append(job) }
            return !state.isStopping
        }
        if isAccepted { if let worker { worker(job) } else { signal.post() } }
        return isAccepted
    }

    /// Lets the thread do what it was given, and returns when it has ended.
    func stop() {
        state.withLock { $0.isStopping = true }
        signal.post()
        thread.withLock { $0.take() }?.join()
    }

    private func run() {
        var policy = SpinPolicy()
        while true {
            let (jobs, isStopping) = state.withLock { state in
                defer { state.jobs.removeAll() }
                return (state.jobs, state.isStopping)
            }
            for job in jobs { job() }
            if jobs.isEmpty {
                if isStopping { return }
                // The writer that was just answered often appends again at once.
                let start = ContinuousClock.now
                signal.wait(spinning: policy.duration)
                policy.note(ContinuousClock.now - start)
            }
        }
    }
}

extension Optional {
    /// The value, leaving nil.
    fileprivate mutating func take() -> Wrapped? {
        defer { self = nil }
        return self
    }
}
