import Synchronization

/// Runs `work`, and throws `violation` when it does not end in time: what hangs is cancelled and left behind.
func withPatience<Value: Sendable>(
    _ limit: Duration, orThrow violation: ComplianceViolation, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let race = Race<Result<Value, any Error>>()
    // Not a task group: that would wait for work that hangs, and the point is to report it.
    let task = Task {
        do { race.finish(.success(try await work())) } catch { race.finish(.failure(error)) }
    }
    let timer = Task {
        try await Task.sleep(for: limit)
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
