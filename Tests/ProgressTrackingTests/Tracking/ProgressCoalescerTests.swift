import AgentKitTesting
import ProgressTracking
import StreamCore
import Testing

@Suite("The pace and the rules of updates")
struct ProgressCoalescerTests {
    private var coalescer = ProgressCoalescer(origin: writer)

    @Test("The first goes out at once, those within the interval become one, which is the last")
    mutating func pace() {
        guard case .emit(let first) = coalescer.update(ProgressUpdate(status: .running), at: .zero, timestamp: at(5))
        else {
            Issue.record("the first update is not emitted")
            return
        }
        #expect(first.status == .running && first.lastUpdated == at(5))
        for number in 1...9 {
            let action = coalescer.update(
                ProgressUpdate(percentage: Double(number)), at: .milliseconds(10 * number), timestamp: at(Int64(number))
            )
            #expect(action == .wait(until: .milliseconds(100)))
        }
        let outcome1 = coalescer.poll(at: .milliseconds(99))
        #expect(outcome1 == .wait(until: .milliseconds(100)))
        guard case .emit(let last) = coalescer.poll(at: .milliseconds(100)) else {
            Issue.record("the last update is not emitted")
            return
        }
        #expect(last.percentage == 9 && last.lastUpdated == at(9))
        let outcome2 = coalescer.poll(at: .seconds(1))
        #expect(outcome2 == .none)
        let outcome3 = coalescer.flush(at: .seconds(1))
        #expect(outcome3 == nil)
    }

    @Test("What ends an attempt goes out at once, and nothing follows it but a restart")
    mutating func terminal() {
        _ = coalescer.update(
            ProgressUpdate(status: .running, percentage: 70, tokensUsed: 9, cost: 1), at: .zero, timestamp: at(0))
        guard
            case .emit(let end) = coalescer.update(
                ProgressUpdate(status: .failed), at: .milliseconds(1), timestamp: at(1))
        else {
            Issue.record("the end is not emitted")
            return
        }
        #expect(end.status == .failed && end.percentage == 70 && end.estimatedTimeRemaining == nil)
        let outcome4 = coalescer.update(ProgressUpdate(percentage: 90), at: .seconds(1), timestamp: at(2))
        #expect(outcome4 == .none)
        #expect(coalescer.record == end)
        guard case .emit(let again) = coalescer.restart(at: .seconds(2), timestamp: at(3)) else {
            Issue.record("the restart is not emitted")
            return
        }
        #expect(again.attempt == 2 && again.percentage == 0 && again.status == .running)
        // What was spent stays spent.
        #expect(again.tokensUsed == 9 && again.cost == 1)
        guard
            case .emit(let done) = coalescer.update(
                ProgressUpdate(status: .completed), at: .seconds(2), timestamp: at(3))
        else {
            Issue.record("the end is not emitted")
            return
        }
        #expect(done.percentage == 100 && done.estimatedTimeRemaining == .zero)
    }

    @Test("Percent never falls within an attempt")
    mutating func monotonic() {
        for (given, expected) in [(30.0, 30.0), (20, 30), (.nan, 30), (-5, 30), (31, 31), (500, 100), (1, 100)] {
            _ = coalescer.update(ProgressUpdate(percentage: given), at: .zero, timestamp: nil)
            #expect(coalescer.record.percentage == expected)
        }
        _ = coalescer.restart(ProgressUpdate(percentage: 5), at: .zero, timestamp: nil)
        #expect(coalescer.record.percentage == 5)
    }

    @Test("A step's text begins with the step, and is kept by its end")
    mutating func texts() {
        _ = coalescer.update(.step(1, of: 3, "Search"), at: .zero, timestamp: nil)
        for _ in 0..<10_000 { _ = coalescer.update(ProgressUpdate(contentDelta: "é"), at: .zero, timestamp: nil) }
        _ = coalescer.update(ProgressUpdate(reasoningDelta: "Hm."), at: .zero, timestamp: nil)
        #expect(coalescer.record.content == String(repeating: "é", count: 2048))
        #expect(coalescer.record.reasoning == "Hm." && coalescer.record.percentage == 0)
        // The same step again changes nothing.
        _ = coalescer.update(.step(1, of: 3, "Search"), at: .zero, timestamp: nil)
        #expect(coalescer.record.content != nil)
        _ = coalescer.update(.step(2, of: 3, "Write"), at: .zero, timestamp: nil)
        #expect(coalescer.record.content == nil && coalescer.record.reasoning == nil)
        #expect(coalescer.record.stepName == "Write" && abs(coalescer.record.percentage - 100 / 3) < 1e-9)
        _ = coalescer.update(ProgressUpdate(content: "new", contentDelta: "er"), at: .zero, timestamp: nil)
        #expect(coalescer.record.content == "newer")
        _ = coalescer.update(.step(3, of: 3), at: .zero, timestamp: nil)
        #expect(coalescer.record.stepName == nil)
    }

    @Test("Tokens and cost follow from what was used, by the host's prices")
    func usage() {
        var coalescer = ProgressCoalescer(origin: writer, prices: ["m": ModelPrice(input: 1, output: 2)])
        var meter = UsageMeter()
        meter.add(Usage(input: 1_000_000, output: 500_000), of: "m")
        _ = coalescer.update(ProgressUpdate(usage: meter), at: .zero, timestamp: nil)
        #expect(coalescer.record.tokensUsed == 1_500_000 && coalescer.record.cost == 2)
        meter.add(Usage(input: 1), of: "unheard-of")
        _ = coalescer.update(ProgressUpdate(usage: meter), at: .zero, timestamp: nil)
        #expect(coalescer.record.tokensUsed == 1_500_001 && coalescer.record.cost == nil)
        _ = coalescer.update(ProgressUpdate(cost: 3), at: .zero, timestamp: nil)
        #expect(coalescer.record.cost == 3)
    }

    @Test("A run goes on where another process left it; another run begins anew")
    func resumed() {
        let before = AgentProgress(
            origin: writer, attempt: 3, status: .running, percentage: 60, content: "So far", tokensUsed: 8,
            lastUpdated: at(9))
        let same = ProgressCoalescer(origin: writer, after: before)
        #expect(same.record.attempt == 3 && same.record.percentage == 60 && same.record.content == "So far")
        let other = ProgressCoalescer(
            origin: ChunkOrigin(projectID: "p", agentID: "writer", runID: "run-2"), after: before)
        #expect(other.record.attempt == 1 && other.record.percentage == 0 && other.record.status == .queued)
    }

    @Test("Time in a queue or at rest is no time at work")
    mutating func rest() throws {
        func seconds(_ count: Int) -> Duration { .seconds(count) }
        _ = coalescer.update(ProgressUpdate(status: .queued), at: .zero, timestamp: nil)
        _ = coalescer.update(ProgressUpdate(status: .running), at: seconds(1000), timestamp: nil)
        for step in 1...10 {
            _ = coalescer.update(ProgressUpdate(percentage: Double(step)), at: seconds(1000 + step), timestamp: nil)
        }
        _ = coalescer.update(ProgressUpdate(status: .paused), at: seconds(1010), timestamp: nil)
        guard
            case .emit(let record) = coalescer.update(
                ProgressUpdate(status: .running), at: seconds(9000), timestamp: nil)
        else {
            Issue.record("nothing is emitted")
            return
        }
        let estimate = try #require(record.estimatedTimeRemaining)
        #expect(abs(estimate.expected / .seconds(90) - 1) < 0.02)
    }

    @Test(
        "Whatever an agent says: at most one record per interval but for ends, the last one is out, percent rises",
        arguments: 0..<200)
    func anything(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var coalescer = ProgressCoalescer(origin: writer)
        var emitted: [(time: Duration, record: AgentProgress)] = []
        var time = Duration.zero
        var due: Duration?
        func perform(_ action: ProgressCoalescer.Action) {
            due = nil
            switch action {
            case .emit(let record): emitted.append((time, record))
            case .wait(let moment):
                #expect(moment > time)
                due = moment
            case .none: break
            }
        }
        for _ in 0..<300 {
            let next = time + .milliseconds(random.below(80))
            while let moment = due, moment <= next {
                time = moment
                perform(coalescer.poll(at: time))
            }
            time = next
            switch random.below(40) {
            case 0: perform(coalescer.restart(at: time, timestamp: nil))
            case 1: perform(coalescer.update(ProgressUpdate(status: .failed), at: time, timestamp: nil))
            default:
                let update = ProgressUpdate(percentage: Double(random.below(101)), tokensUsed: random.below(1000))
                perform(coalescer.update(update, at: time, timestamp: nil))
            }
        }
        if let record = coalescer.flush(at: time) { emitted.append((time, record)) }
        #expect(emitted.last?.record == coalescer.record)
        for (one, next) in zip(emitted, emitted.dropFirst()) {
            #expect(next.record.attempt >= one.record.attempt)
            if one.record.attempt == next.record.attempt { #expect(next.record.percentage >= one.record.percentage) }
            let isLast = next.record == emitted.last?.record
            if !next.record.status.isTerminal, !isLast { #expect(next.time - one.time >= .milliseconds(100)) }
        }
    }
}
