import AgentKitTesting
import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery
import Testing

@testable import AgentKit

@Suite struct RunProgressTests {
    private let log = MemoryEventLog()
    private let progress = MemoryProgressStore()

    private func options(interval: Duration = .zero) -> RunProgressOptions {
        RunProgressOptions(
            store: progress, prices: ["story": ModelPrice(input: 1, output: 10)], interval: interval)
    }

    private func records(of stream: StreamID) async throws -> [AgentProgress] {
        try await events(of: stream, in: log).filter { $0.event.type == .progress }
            .map { try AgentProgress(json: $0.event.payload) }
    }

    @Test(arguments: [Duration.zero, .seconds(3600)])
    func aRunTellsOfItselfFromBeginningToEnd(interval: Duration) async throws {
        let agent = StreamingAgent.durable(Story.weather.model(), log, tools: [countingWeather(Recorder())]) {
            $0.store?.progress = options(interval: interval)
        }
        _ = try await agent.respond(to: "?", id: "run", in: RunPlace(expectedTokens: 40))
        let records = try await records(of: "run")
        #expect(records.first?.status == .running)
        #expect(records.contains { $0.status == .waiting })
        let last = try #require(records.last)
        #expect(last.status == .completed && last.percentage == 100)
        #expect(last.tokensUsed == 30)
        #expect(last.cost == Cost(20 * 1e-6 + 10 * 10e-6))
        #expect(last.currentStep == 2)
        #expect(zip(records, records.dropFirst()).allSatisfy { $0.percentage <= $1.percentage })
        #expect(records.dropLast().allSatisfy { $0.percentage < 100 })
        if interval == .zero { #expect(records.contains { (1..<99).contains($0.percentage) }) }
        #expect(records.count < (interval == .zero ? 100 : 12))
        // The store has what the log has.
        #expect(try await progress.record(of: "agent", in: "run") == last)
        var fold = ProgressFold()
        try await progress.catchUp("run", from: log)
        fold = try await progress.fold(of: "run")
        #expect(fold.record(of: "agent") == last)
    }

    @Test func aRunThatIsAloneInItsStreamDoesNotReadItBackForItsProgress() async throws {
        let counting = CrashingLog(log)
        let agent = StreamingAgent.durable(Story.weather.model(), counting, tools: [countingWeather(Recorder())]) {
            $0.store?.progress = options()
        }
        _ = try await agent.respond(to: "?", id: "run", in: RunPlace(expectedTokens: 40))
        #expect(try await records(of: "run").count > 5)
        // For its first record, as the store knows nothing of the run's beginning.
        #expect(counting.readCount == 1)
        try await expectStoreHasFolded("run")
    }

    @Test(arguments: [Duration.zero, .seconds(3600)])
    func runsThatShareAStreamMissNothingOfEachOthersProgress(interval: Duration) async throws {
        let agent = StreamingAgent.durable(Story.weather.model(), log, tools: [countingWeather(Recorder())]) {
            $0.store?.progress = options(interval: interval)
        }
        try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                let place = RunPlace(project: "shared", agentID: "agent-\(number)", expectedTokens: 40)
                group.addTask { _ = try await agent.respond(to: "?", id: "run-\(number)", in: place) }
            }
            try await group.waitForAll()
        }
        #expect(Set(try await records(of: "shared").map(\.agentID)).count == 8)
        try await expectStoreHasFolded("shared")
    }

    // At the last progress record, as the store is told of those and of nothing else.
    private func expectStoreHasFolded(_ stream: StreamID) async throws {
        let stored = try await progress.fold(of: stream)
        let last = try await events(of: stream, in: log).last { $0.event.type == .progress }
        #expect(try stored.offset >= #require(last).offset)
        try await progress.catchUp(stream, from: log)
        let fresh = MemoryProgressStore()
        try await fresh.catchUp(stream, from: log)
        #expect(try await progress.fold(of: stream) == fresh.fold(of: stream))
    }

    @Test func anAnswerThatStartsAnewIsTheNextAttempt() async throws {
        let model = Story.weather.model { number in
            number == 2 ? ScriptedGeneration.ConnectionBreak(afterEvents: 9) : nil
        }
        let agent = StreamingAgent.durable(model, log, .restart, tools: [countingWeather(Recorder())]) {
            $0.store?.progress = options()
        }
        _ = try await agent.respond(to: "?", id: "run", in: RunPlace(expectedTokens: 40))
        let records = try await records(of: "run")
        #expect(records.last?.attempt == 2)
        #expect(records.last?.tokensUsed == 30)
        for attempt in 1...2 {
            let own = records.filter { $0.attempt == attempt }
            #expect(zip(own, own.dropFirst()).allSatisfy { $0.percentage <= $1.percentage })
        }
    }

    @Test func aRunThatIsTakenOverGoesOnWhereItWas() async throws {
        var id = ""
        for crash in 30...90 {
            // Until one ends in the midst of the last text.
            id = "run-\(crash)"
            let first = StreamingAgent.durable(
                Story.weather.model(Rung.prefill.capabilities), CrashingLog(log, atAppend: crash), .prefill,
                tools: [countingWeather(Recorder())]
            ) { $0.store?.progress = options() }
            _ = try? await first.respond(to: "?", id: id, in: RunPlace(expectedTokens: 40))
            if try await fold(of: id, in: log).blocks.contains(where: { $0.kind == .content }) { break }
        }
        let stream = try StreamID(id)
        let before = try await records(of: stream).count
        let second = StreamingAgent.durable(
            Story.weather.model(Rung.prefill.capabilities), log, .prefill, tools: [countingWeather(Recorder())]
        ) { $0.store?.progress = options() }
        _ = try await second.recoverRun(id)
        let records = try await records(of: stream)
        #expect(records.count > before)
        #expect(records.allSatisfy { $0.attempt == 1 })
        #expect(zip(records, records.dropFirst()).allSatisfy { $0.percentage <= $1.percentage })
        #expect(records.last?.status == .completed)
        #expect(try await progress.record(of: "agent", in: stream) == records.last)
    }

    @Test func nothingIsToldWhereNothingIsWanted() async throws {
        let agent = StreamingAgent.durable(Story.weather.model(), log, tools: [countingWeather(Recorder())]) {
            $0.store?.progress = nil
        }
        _ = try await agent.respond(to: "?", id: "run")
        #expect(try await records(of: "run").isEmpty)
    }

    @Test func aSilentStreamIsGivenUp() async throws {
        let clock = ManualClock()
        let model = ScriptedModel(name: "story", capabilities: [.prefill], clock: clock) { request in
            request.messages.last?.role == .assistant ? " and on." : ScriptedGeneration([.text("So far"), .hang])
        }
        let agent = StreamingAgent.durable(model, log, .prefill) {
            $0.clock = clock
            $0.store?.idleLimit = .seconds(30)
        }
        async let streamed = agent.execute("?", id: "run").read()
        while try await state(of: "run")?.text != "So far" { await Task.yield() }
        while clock.nextDeadline == nil { await Task.yield() }
        clock.advance(by: .seconds(29))
        #expect(model.openStreams == 1)
        for _ in 0..<10 where try await state(of: "run")?.outcome == nil {
            clock.advance(by: .seconds(30))
            while clock.sleeperCount == 0, try await state(of: "run")?.outcome == nil { await Task.yield() }
        }
        let end = await streamed
        #expect(end.finish == .stop)
        #expect(end.text == "So far and on.")
        let seams = try await transcript(of: "run", in: log).seams
        #expect(seams.map(\.cause) == [.timeout])
    }

    private func state(of id: String) async throws -> RunFold? {
        guard (try? await log.info(StreamID(id))) != nil else { return nil }
        return try await fold(of: id, in: log)
    }
}
