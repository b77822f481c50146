import DurableLog
import StreamCore
import Synchronization

/// What a hub's tasks have to do.
///
/// It is bounded: a feed stands in it once for its tail, and each place that is asked for once.
final class HubWork: Sendable {
    enum Job: Sendable {
        /// Read on at a feed's tail.
        case tail(EventFeed)
        /// Read the page after an offset for those who wait for it.
        case page(EventFeed, after: Offset)
    }

    private struct State: Sendable {
        // Taken from the end of `ready`, which is filled from `added` in order when it is empty.
        var ready: [Job] = []
        var added: [Job] = []
        var running = 0
        var isOver = false
    }

    /// Notified when there may be something to do.
    let signal = AppendSignal()
    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    func add(_ job: Job) {
        let isOver = state.withLock { state in
            if !state.isOver { state.added.append(job) }
            return state.isOver
        }
        if isOver { HubWork.refuse(job) } else { signal.notify() }
    }

    /// The next job, which counts as running until ``finished()``; nil when there is none, or enough are running.
    func take() -> Job? {
        state.withLock { state in
            guard state.running < limit else { return nil }
            if state.ready.isEmpty {
                state.ready = state.added.reversed()
                state.added = []
            }
            guard let job = state.ready.popLast() else { return nil }
            state.running += 1
            return job
        }
    }

    func finished() {
        state.withLock { $0.running -= 1 }
        signal.notify()
    }

    /// Does nothing more: what waits, and what is added from now on, is told so.
    func stop() {
        let rest = state.withLock { state in
            defer {
                state.ready = []
                state.added = []
                state.isOver = true
            }
            return state.ready + state.added
        }
        for job in rest { HubWork.refuse(job) }
    }

    private static func refuse(_ job: Job) {
        switch job {
        case .tail(let feed), .page(let feed, _): feed.finish(.failed(DeliveryHub.hasStopped(feed.stream)))
        }
    }
}
