import AgentKitTesting
import DurableLog
import ProgressTracking
import StreamCore
import Testing

@Suite("Random histories")
struct TrackerHistoryTests {
    private let log = ArrayLog("p")
    private let clock = ManualClock()

    private func requireEqual(_ store: any ProgressStore, _ what: String) async throws {
        let found = try await store.fold(of: "p")
        var fold = ProgressFold()
        let events = log.events("p").filter { $0.offset <= found.offset }
        let page = EventPage(events: events, next: found.offset, isUpToDate: true, isAtEnd: false)
        fold.advance(by: ProgressAdvance(page, after: .start))
        #expect(found == fold, "\(what)")
    }

    private func say(_ progress: ProgressReporter, _ random: inout SeededRandom) async throws {
        switch random.below(12) {
        case 0: try await progress.restart()
        case 1: try await progress.finish([.completed, .failed, .cancelled][random.below(3)])
        case 2: try await progress.update(.step(1 + random.below(4), of: 4, random.oddText()))
        default:
            let percentage = Double(random.below(101))
            try await progress.update(ProgressUpdate(percentage: percentage, contentDelta: random.oddText()))
        }
    }

    @Test(
        "Whatever agents say, however appends fail and wherever the process ends, the store equals the log's fold",
        arguments: 0..<25)
    func history(seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        let directory = try folder.newPath()
        var random = SeededRandom(seed: seed)
        var options = ProgressTrackerOptions(wallClock: { [clock] in clock.timestamp })
        options.clock = clock
        for life in 0..<4 {
            let store = try FileProgressStore(directory: directory)
            try await requireEqual(store, "opened")
            try await store.catchUp("p", from: log)
            let tracker = ProgressTracker(log: log, stream: "p", store: store, options: options)
            let other = ProgressTracker(log: log, stream: "p", store: nil, options: options)
            for step in 0..<40 {
                let agent = "agent-\(random.below(3))"
                let previous = try await store.record(of: agent, in: "p")
                let progress = tracker.reporter(for: agent, run: "run", after: previous)
                if random.below(8) == 0 { log.failAppends(1 + random.below(2)) }
                do {
                    switch random.below(8) {
                    case 0: try await say(other.reporter(for: "other"), &random)
                    case 1: try await log.append([StreamEvent(AgentChunk(.content("x")), from: writer)], to: "p")
                    case 2: clock.advance(by: .milliseconds(random.below(150)))
                    case 3: try await tracker.flush()
                    default: try await say(progress, &random)
                    }
                } catch {
                    #expect(error is EventLogError || (error as? ProgressError)?.code == .log)
                }
                try await requireEqual(store, "life \(life), step \(step)")
            }
            log.failAppends(0)
            guard random.below(2) == 0 else { continue }
            // A life that ends as it should: what was said last is in the log.
            try await tracker.flush()
            for agent in 0..<3 {
                let progress = tracker.reporter(for: "agent-\(agent)", run: "run")
                let last = try log.records("p").last { $0.agentID == "agent-\(agent)" }
                if let last { #expect(progress.record == last || progress.record?.status == .queued) }
            }
        }
    }
}
