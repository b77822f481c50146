import DurableLog
import ProgressTracking
import StreamCore

extension DurableRun {
    /// Stages the progress that is due, if any is.
    mutating func stageProgress(at timestamp: Timestamp?) {
        guard progress != nil else { return }
        let now = elapsed()
        if let record = progress?.poll(at: now, timestamp) { journal.stage(record) }
    }

    /// Stages that the run's status changed, with the tokens that are known.
    mutating func stageProgress(_ status: ProgressStatus, at timestamp: Timestamp?) {
        guard progress != nil else { return }
        let (update, now) = (update(status), elapsed())
        if let record = progress?.say(update, at: now, timestamp) { journal.stage(record) }
    }

    /// Stages that the answer starts anew.
    mutating func stageRestart(at timestamp: Timestamp?) {
        guard progress != nil else { return }
        let (update, now) = (update(.running), elapsed())
        if let record = progress?.restart(update, at: now, timestamp) { journal.stage(record) }
    }

    private func update(_ status: ProgressStatus) -> ProgressUpdate {
        var meter = UsageMeter()
        for (model, usage) in journal.fold.usageByModel { meter.set(usage, of: model) }
        // A step that has begun counts; after the last one there is none to come.
        let step = status.isTerminal ? fold.steps : fold.steps + (status == .running ? 1 : 0)
        return ProgressUpdate(
            status: status, currentStep: step == 0 ? nil : step, usage: meter.models.isEmpty ? nil : meter)
    }

    /// Appends what is staged; progress in it is folded into the progress store.
    mutating func commit(_ durability: Durability = .buffered) async throws(RunFailure) {
        guard let committed = try await journal.commit(durability), let progressStore = store.progress?.store
        else { return }
        do throws(ProgressError) {
            // The log has the records: a store that cannot take them now catches up with the next.
            try await progressStore.fold(
                appended: committed.events, last: committed.last, to: journal.stream, of: store.log,
                quietSince: committed.quietSince)
        } catch {
            instrumentation.report(
                .storeFailed(runID: start.runID, store: "progress", reason: "\(error)"))
        }
    }
}
