import DurableLog
import ProgressTracking
import StreamCore

/// An agent that is no model's, and tells how far it is through a tracker.
struct SimulatedReporting: Sendable {
    static let agent = "tracker"
    let world: SimulatedWorld
    let stores: SimulatedStores

    /// Reports some steps; then everything that was said is published, the last of it included.
    func report(finishes: Bool) async {
        let process = SimulatedProcess(name: "reporter")
        let scheduler = world.scheduler
        let log = WitnessLog(base: stores.log, process: process, witness: world.witness, scheduler: scheduler)
        var options = ProgressTrackerOptions(wallClock: { scheduler.clock.timestamp })
        options.clock = scheduler.clock
        options.interval = .milliseconds(100)
        let tracker = ProgressTracker(log: log, stream: world.stream, store: stores.progress, options: options)
        do {
            try await stores.progress.catchUp(world.stream, from: log)
            let previous = try await stores.progress.record(of: Self.agent, in: world.stream)
            if previous?.status.isTerminal == true { return }
            let reporter = tracker.reporter(for: Self.agent, run: "report", after: previous)
            var said = 0
            for _ in 0..<scheduler.draw(1...6) where !Task.isCancelled {
                said = scheduler.draw(1...1_000_000)
                try await reporter.update(
                    ProgressUpdate(
                        status: .running, percentage: Double(scheduler.draw(0...99)), stepName: "step", tokensUsed: said
                    ))
                if scheduler.once(in: 6) { try await reporter.restart(ProgressUpdate(tokensUsed: said)) }
                if scheduler.once(in: 2) {
                    try? await scheduler.clock.sleep(for: .milliseconds(scheduler.draw(1...150)))
                }
            }
            if finishes { try await reporter.finish(.completed, ProgressUpdate(tokensUsed: said)) }
            try await tracker.flush()
            try await requireLast(said, finishes ? .completed : .running, log)
        } catch {
            // The log or the store failed, or ends: what was not published is told by the next that reports.
            if finishes { world.witness.fail("the reporter cannot finish: \(error)") }
        }
    }

    private func requireLast(_ said: Int, _ status: ProgressStatus, _ log: WitnessLog) async throws {
        guard said > 0 else { return }
        var fold = ProgressFold()
        while true {
            let page = try await log.read(world.stream, after: fold.offset, limit: PageLimit())
            fold.advance(by: ProgressAdvance(page, after: fold.offset))
            if page.isUpToDate { break }
        }
        let record = fold.record(of: Self.agent)
        if record?.tokensUsed != said || record?.status != status {
            world.witness.fail(
                "the reporter said \(said) last and flushed; the log says \(record.map { "\($0.tokensUsed), \($0.status)" } ?? "nothing")"
            )
        }
    }
}
