import StreamCore
import StreamRecovery
import Synchronization

/// Watches one model stream for silence while it is read.
final class StreamWatch: Sendable {
    private struct State {
        var watchdog: IdleWatchdog
        var hasExpired = false
    }

    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Duration
    private let state: Mutex<State>

    init(limit: Duration, clock: any Clock<Duration>) {
        self.clock = clock
        now = stopwatch(on: clock)
        state = Mutex(State(watchdog: IdleWatchdog(limit: limit)))
    }

    /// Whether the stream counted as silent.
    var hasExpired: Bool { state.withLock { $0.hasExpired } }

    /// What a silent stream has failed with.
    var failure: ModelError {
        let failure = state.withLock { $0.watchdog.failure }
        return ModelError(kind: failure.kind, message: failure.message, isRetryable: failure.retryable)
    }

    /// The stream is waited for from now on.
    func waits() {
        let now = now()
        state.withLock { $0.watchdog.waits(at: now) }
    }

    /// The stream is not waited for any more; whether it brought something new.
    func pauses(afterProgress hasProgressed: Bool) {
        // After something new the limit begins anew, whatever the time is: a reading a token that is saved.
        let now = hasProgressed ? .zero : now()
        state.withLock { state in
            if hasProgressed { state.watchdog.saw(.progress, at: now) }
            state.watchdog.pauses(at: now)
        }
    }

    /// Returns when the stream counts as silent, or the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let now = now()
            let wait = state.withLock { state -> Duration? in
                state.hasExpired = state.watchdog.isExpired(at: now)
                if state.hasExpired { return nil }
                // While nobody waits, it is looked at again after the limit, before which nothing can expire.
                return (state.watchdog.deadline.map { $0 - now } ?? state.watchdog.limit)
            }
            guard let wait else { return }
            try? await clock.sleep(for: max(wait, .milliseconds(1)))
        }
    }
}

extension AgentLoop {
    private struct Watched: Sendable {
        let loop: AgentLoop
        let attempt: Attempt
        let result: Result<Response, RunFailure>
    }

    /// Reads the model's stream, and gives it up when it falls silent.
    mutating func watched(
        _ call: ProviderHealth.Call, _ opening: Opening, _ attempt: inout Attempt
    ) async throws(RunFailure) -> Response {
        guard let limit = durable?.store.idleLimit else { return try await read(call, opening, &attempt, nil) }
        let watch = StreamWatch(limit: limit, clock: configuration.clock)
        let (loop, begun) = (self, attempt)
        // A child of its own, so that a silent stream can be cancelled, and not the run.
        let watched = await withTaskGroup(of: Watched?.self) { group in
            group.addTask {
                var (loop, attempt) = (loop, begun)
                do throws(RunFailure) {
                    let response = try await loop.read(call, opening, &attempt, watch)
                    return Watched(loop: loop, attempt: attempt, result: .success(response))
                } catch {
                    return Watched(loop: loop, attempt: attempt, result: .failure(error))
                }
            }
            group.addTask {
                await watch.run()
                return nil
            }
            var watched: Watched?
            while let next = await group.next() {
                watched = next ?? watched
                group.cancelAll()
            }
            return watched
        }
        guard let watched else { throw .cancelled }
        self = watched.loop
        attempt = watched.attempt
        if watch.hasExpired, !Task.isCancelled, case .failure(.cancelled) = watched.result {
            throw report(watch.failure)
        }
        return try watched.result.get()
    }
}
