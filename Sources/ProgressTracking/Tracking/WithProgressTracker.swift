public import DurableLog
public import StreamCore

/// Runs a tracker for as long as `body` takes, and publishes everything that was said before it returns, also when `body` throws or is cancelled.
///
/// - Parameters:
///   - log: The log, which has the stream.
///   - stream: The project's stream.
///   - store: Where records are kept; nil for the log alone.
///   - options: How the tracker works.
///   - body: The work, which reports through ``ProgressTracker/reporter(for:run:weight:after:)``.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws, else ``ProgressError`` when something could not be published.
public func withProgressTracker<Value>(
    log: any EventLog, stream: StreamID, store: (any ProgressStore)?,
    options: ProgressTrackerOptions = ProgressTrackerOptions(), _ body: (ProgressTracker) async throws -> Value
) async throws -> Value {
    let tracker = ProgressTracker(log: log, stream: stream, store: store, options: options)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await tracker.run() }
        let value: Value
        do {
            value = try await body(tracker)
        } catch {
            group.cancelAll()
            // What the body throws is what the caller has to know.
            while await group.nextResult() != nil {}
            throw error
        }
        group.cancelAll()
        try await group.waitForAll()
        return value
    }
}
