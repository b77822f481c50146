/// Waits for something, but not for ever.
enum Patience {
    /// What the operation came to, or nil when the time is up first: then it is cancelled, and what it has all the same counts.
    static func run<Value: Sendable>(
        _ patience: Duration?, clock: any Clock<Duration>,
        _ operation: @escaping @Sendable () async -> Result<Value, TransportError>
    ) async -> Result<Value, TransportError>? {
        guard let patience else { return await operation() }
        return await withTaskGroup(of: Result<Value, TransportError>?.self) { group in
            group.addTask { await operation() }
            group.addTask {
                try? await clock.sleep(for: patience)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            if let first { return first }
            let second = await group.next() ?? nil
            // Cancelled by us, as the time was up, and not by the consumer.
            if case .failure(let error)? = second, error.code == .cancelled, !Task.isCancelled { return nil }
            return second
        }
    }
}
