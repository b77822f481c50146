import StreamCore
import StreamRecovery

extension AgentLoop {
    /// Keeps the run's state beside its log.
    ///
    /// A checkpoint is a shortcut: one that cannot be kept costs time after a crash and nothing else, so that its failure is none of the run's.
    func saveCheckpoint() async {
        guard let durable, let store = durable.store.checkpoints, let now = configuration.wallClock() else { return }
        let fold = durable.fold
        let checkpoint = Checkpoint(
            id: jitter.makeRunID(), key: Checkpoint.Key(stream: durable.start.project, run: fold.runID),
            position: fold.offset, content: fold.text, metadata: ["agent": .string(durable.start.agent)],
            state: fold.jsonValue, timestamp: now, timeToLive: durable.store.checkpointLifetime)
        do {
            try await store.save(checkpoint)
        } catch {
            instrumentation.report(.storeFailed(runID: fold.runID, store: "checkpoint", reason: "\(error)"))
        }
    }
}
