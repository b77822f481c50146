import Synchronization

/// How time is counted where a check limits it: in short waits, each of which counts for what it asked for.
///
/// On a machine that is busy with something else, or stood still, they take longer, as the work does that is waited for. So a limit is one of what
/// the process itself does, and not of what else runs.
enum PatientTime {
    static let step = Duration.milliseconds(10)

    /// The number of waits that a limit has; a whole one is begun with.
    static func steps(in limit: Duration) -> Int {
        Int((limit / step).rounded(.up))
    }
}

/// Runs `work`, and throws `violation` when it does not end in time (``PatientTime``): what hangs is cancelled and left behind.
func withPatience<Value: Sendable>(
    _ limit: Duration, orThrow violation: ComplianceViolation, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let race = Race<Result<Value, any Error>>()
    // Not a task group: that would wait for work that hangs, and the point is to report it.
    let task = Task {
        do { race.finish(.success(try await work())) } catch { race.finish(.failure(error)) }
    }
    let timer = Task {
        for _ in 0..<PatientTime.steps(in: limit) { try await Task.sleep(for: PatientTime.step) }
        race.finish(.failure(violation))
    }
    let result = await race.value()
    timer.cancel()
    _ = await timer.result
    if case .failure = result { task.cancel() }
    return try result.get()
}

/// Keeps the first value that it is given.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Value, Never>)
        case finished(Value)
        case taken
    }

    private let state = Mutex(State.open)

    func finish(_ value: Value) {
        let waiter = state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .open: state = .finished(value)
            case .waiting(let waiter):
                state = .taken
                return waiter
            case .finished, .taken: break
            }
            return nil
        }
        waiter?.resume(returning: value)
    }

    func value() async -> Value {
        await withCheckedContinuation { waiter in
            let value = state.withLock { state -> Value? in
                if case .finished(let value) = state {
                    state = .taken
                    return value
                }
                state = .waiting(waiter)
                return nil
            }
            if let value { waiter.resume(returning: value) }
        }
    }
}
