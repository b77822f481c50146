import DurableLog
import ProgressTracking
import StreamCore
import Synchronization

/// What a section's parts say of their progress when no run of theirs does: before they begin, and where they never do.
///
/// A run tells of itself once it has begun; the whole is known only if those that wait are known as well.
final class SectionProgress: Sendable {
    private let generator: ContentGenerator
    private let project: StreamID
    private let runIDs: [String]
    private let reporters: [ProgressReporter]
    private let begun = Mutex<Set<Int>>([])

    /// Queues all parts; nil for a generator without a project, or whose runs are not kept.
    init?(of generator: ContentGenerator) async {
        let agent = generator.agent
        guard let project = generator.project, let store = agent.configuration.store else { return nil }
        self.generator = generator
        self.project = project
        runIDs = generator.parts.map { _ in agent.jitter.makeRunID() }
        guard let progress = store.progress else {
            reporters = []
            return
        }
        var options = ProgressTrackerOptions(wallClock: agent.configuration.wallClock)
        options.clock = agent.configuration.clock
        options.prices = progress.prices
        let tracker = ProgressTracker(log: store.log, stream: project, store: progress.store, options: options)
        reporters = zip(generator.parts, runIDs).map { part, id in
            tracker.reporter(for: part.name, run: id, weight: Double(part.expectedTokens))
        }
        // A stream that cannot be made is told by the first run.
        _ = try? await store.log.create(project, options: store.streamOptions)
        for reporter in reporters { await say(.queued, by: reporter) }
    }

    /// Where a part's run belongs.
    func begin(_ index: Int) -> (id: String, place: RunPlace) {
        begun.withLock { _ = $0.insert(index) }
        let part = generator.parts[index]
        return (
            runIDs[index],
            RunPlace(
                project: project, agentID: part.name, weight: Double(part.expectedTokens),
                expectedTokens: part.expectedTokens)
        )
    }

    /// Cancels the parts that were not begun.
    func end() async {
        let begun = begun.withLock { $0 }
        let waiting = reporters.indices.filter { !begun.contains($0) }.map { reporters[$0] }
        if waiting.isEmpty { return }
        // A log refuses a cancelled task, which is when parts are not begun.
        await Task { for reporter in waiting { await say(.cancelled, by: reporter) } }.value
    }

    // Progress is told beside the work: what of it cannot be kept ends no run.
    private func say(_ status: ProgressStatus, by reporter: ProgressReporter) async {
        do throws(ProgressError) {
            try await reporter.update(ProgressUpdate(status: status))
        } catch {
            generator.agent.configuration.instrumentation.report(
                .storeFailed(runID: reporter.origin.runID, store: "progress", reason: "\(error)"))
        }
    }
}
