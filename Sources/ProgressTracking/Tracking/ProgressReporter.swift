public import StreamCore

/// Where one agent tells how far it is.
///
///     let progress = tracker.reporter(for: "writer", run: "run-1")
///     try await progress.start()
///     try await progress.update(.step(2, of: 5, "Outline"))
///     try await progress.finish()
///
/// A call that makes a record due returns when the record is in the log; the others return at once. It may be called from any task.
public struct ProgressReporter: Sendable {
    let tracker: ProgressTracker
    /// Whose progress it is.
    public let origin: ChunkOrigin

    /// Everything that was said so far, published or not; nil once the agent has another run, of which this reporter cannot speak.
    public var record: AgentProgress? { tracker.record(of: origin) }

    /// Begins to work.
    public func start(_ update: ProgressUpdate = ProgressUpdate()) async throws(ProgressError) {
        var update = update
        update.status = update.status ?? .running
        try await self.update(update)
    }

    /// Says how far the agent is; ignored once the attempt has ended.
    public func update(_ update: ProgressUpdate) async throws(ProgressError) {
        try await tracker.change(origin) { $0.update(update, at: $1, timestamp: $2) }
    }

    /// Begins anew: the next attempt, at 0 %.
    public func restart(_ update: ProgressUpdate = ProgressUpdate()) async throws(ProgressError) {
        try await tracker.change(origin) { $0.restart(update, at: $1, timestamp: $2) }
    }

    /// Ends the attempt, and returns when that is as durable as the tracker's options ask.
    ///
    /// - Parameters:
    ///   - status: How it ended: completed, failed or cancelled.
    ///   - update: What else there is to say.
    public func finish(
        _ status: ProgressStatus = .completed, _ update: ProgressUpdate = ProgressUpdate()
    ) async throws(ProgressError) {
        var update = update
        update.status = status
        try await self.update(update)
    }
}
