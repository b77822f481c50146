import AgentKitTesting
import DurableLog
import ProgressTracking
import StreamCore
import Testing

@Suite("The fold of a stream's progress")
struct ProgressFoldTests {
    private func record(_ agent: String, _ percentage: Double, _ time: Int64 = 0, _ status: ProgressStatus = .running)
        -> AgentProgress
    {
        AgentProgress(
            origin: ChunkOrigin(projectID: "p", agentID: agent, runID: ""), status: status, percentage: percentage,
            lastUpdated: at(time))
    }

    @Test("However a stream is cut into stretches, the state is the same", arguments: 0..<60)
    func cuts(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let limits = ProgressLimits(agents: 3, points: 16)
        let steps = random.progressSteps(60, agents: 6)
        var whole = ProgressFold(limits: limits)
        for step in steps { whole.advance(by: step) }

        let records = steps.flatMap(\.records)
        let unreadable = steps.flatMap(\.unreadable)
        var cut = ProgressFold(limits: limits)
        let end = try #require(steps.last?.through)
        while cut.offset < end {
            let known = steps.filter { $0.after <= cut.offset }.map(\.after)
            let after = try #require(known.randomElement(using: &random))
            let through = try #require(steps.map(\.through).filter { $0 >= cut.offset }.randomElement(using: &random))
            let outcome1 = cut.advance(
                by: ProgressAdvance(after: after, through: through, records: records, unreadable: unreadable))
            #expect(outcome1)
        }
        #expect(cut == whole)
        #expect(cut.records.count <= 3)
    }

    @Test("Other events move the offset, and what is no record is counted")
    func events() throws {
        var fold = ProgressFold()
        let chunk = StreamEvent(AgentChunk(.content("x")), from: writer)
        var hidden = StreamEvent(record("hidden", 5))
        hidden.visibility = .internal
        let events = [
            chunk, StreamEvent(record("a", 10)), StreamEvent(type: .progress, payload: [1]), hidden,
            StreamEvent(record("a", 20)), chunk,
        ]
        let last = try #require(Offset(index: 6))
        let outcome2 = fold.advance(by: ProgressAdvance(appended: events, last: last))
        #expect(outcome2)
        #expect(fold.offset == last && fold.unreadableCount == 1)
        #expect(fold.records.map(\.percentage) == [20])
        #expect(fold.history(of: "a").map(\.percentage) == [10, 20])
        #expect(fold.history(of: "a").map(\.offset.index) == [2, 5])
        // A page says the same.
        let logged = events.enumerated().map {
            LoggedEvent(offset: Offset(index: UInt64($0.offset + 1))!, timestamp: at(0), event: $0.element)
        }
        var other = ProgressFold()
        other.advance(
            by: ProgressAdvance(EventPage(events: logged, next: last, isUpToDate: true, isAtEnd: false), after: .start))
        #expect(other == fold)
        let outcome3 = fold.advance(
            by: ProgressAdvance(after: Offset(index: 9)!, through: Offset(index: 12)!, records: []))
        #expect(!outcome3)
        #expect(fold == other)
    }

    @Test("An append that begins an era is found out to be behind a gap, and not folded twice")
    func eras() throws {
        var fold = ProgressFold()
        fold.advance(by: ProgressAdvance(appended: [StreamEvent(record("a", 1))], last: Offset(index: 1)!))
        let step = ProgressAdvance(appended: [StreamEvent(record("a", 2))], last: Offset(era: 1, index: 2)!)
        // Nobody can tell that nothing else stands before it: the log is asked.
        let outcome4 = fold.advance(by: step)
        #expect(!outcome4)
        let outcome5 = fold.advance(
            by: ProgressAdvance(after: fold.offset, through: step.through, records: step.records))
        #expect(outcome5)
        #expect(fold.record(of: "a")?.percentage == 2)
        // Offsets that no batch can have trap nowhere.
        let odd = ProgressAdvance(appended: [StreamEvent(record("a", 2)), StreamEvent(record("a", 3))], last: .start)
        #expect(odd.through >= odd.after)
    }

    @Test("The agents that go are those that ended, longest ago")
    func agents() {
        var fold = ProgressFold(limits: ProgressLimits(agents: 3))
        var index: UInt64 = 0
        func say(_ agent: String, _ status: ProgressStatus) {
            index += 1
            fold.advance(
                by: ProgressAdvance(appended: [StreamEvent(record(agent, 1, 0, status))], last: Offset(index: index)!))
        }
        say("runs", .running)
        say("done-first", .completed)
        say("done-last", .failed)
        say("new", .running)
        #expect(fold.records.map(\.agentID) == ["done-last", "new", "runs"])
        say("newer", .running)
        #expect(fold.records.map(\.agentID) == ["new", "newer", "runs"])
        say("newest", .running)
        #expect(fold.records.map(\.agentID) == ["new", "newer", "newest"])
    }

    @Test("A long history is thinned, and keeps beginning, end and extremes")
    func longHistory() {
        var fold = ProgressFold(limits: ProgressLimits(points: 100))
        for number in 0..<3000 {
            let percentage = number == 1321 ? 99 : number == 2000 ? 0 : 50.0
            fold.advance(
                by: ProgressAdvance(
                    appended: [StreamEvent(record("a", percentage, Int64(number)))],
                    last: Offset(index: UInt64(number) + 1)!))
        }
        let history = fold.history(of: "a")
        #expect(history.count <= 100 && history.count >= 25)
        #expect(history.first?.timestamp == at(0) && history.last?.timestamp == at(2999))
        #expect(history.contains { $0.percentage == 99 } && history.contains { $0.percentage == 0 })
        #expect(
            fold.history(of: "a", ProgressHistoryQuery(from: at(1000), through: at(1999))).contains {
                $0.percentage == 99
            })
    }
}

@Suite("Thinning a history for a chart")
struct DownsamplingTests {
    private func point(_ index: Int, _ time: Int64, _ percentage: Double) -> ProgressPoint {
        ProgressPoint(
            offset: Offset(index: UInt64(index) + 1)!, timestamp: at(time), attempt: 1, status: .running,
            percentage: percentage, tokensUsed: 0, cost: nil)
    }

    @Test("At most so many, in order, with first, last and extremes", arguments: 0..<200)
    func promises(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        // Times may stand still, and now and then go back.
        var time: Int64 = 0
        let points = (0..<random.below(300)).map { index in
            time += Int64(random.below(50) - (random.below(20) == 0 ? 60 : 0))
            return point(index, time, Double(random.below(1000)) / 10)
        }
        for count in [0, 1, 2, 3, 4, 5, 8, 50, 299, 300, .max] {
            let thin = points.downsampled(to: count)
            #expect(thin.count <= count && thin.count <= points.count)
            #expect(zip(thin, thin.dropFirst()).allSatisfy { $0.offset < $1.offset })
            #expect(Set(thin).isSubset(of: Set(points)))
            if points.count <= count { #expect(thin == points) }
            guard !points.isEmpty, count > 0 else { continue }
            #expect(thin.last == points.last)
            if count >= 2 { #expect(thin.first == points.first) }
            if count >= 3 { #expect(thin.map(\.percentage).max() == points.map(\.percentage).max()) }
            if count >= 4 { #expect(thin.map(\.percentage).min() == points.map(\.percentage).min()) }
        }
    }

    @Test("Each column of a chart shows its highest and its lowest point")
    func columns() {
        let points = (0..<10_000).map { point($0, Int64($0), $0 % 100 == 50 ? 90 : $0 % 100 == 51 ? 10 : 50) }
        let thin = points.downsampled(to: 202)
        #expect(thin.count <= 202)
        for column in 0..<100 {
            let inside = thin.filter {
                $0.timestamp >= at(Int64(column) * 100) && $0.timestamp < at(Int64(column + 1) * 100)
            }
            #expect(inside.contains { $0.percentage == 90 } && inside.contains { $0.percentage == 10 })
        }
    }
}
