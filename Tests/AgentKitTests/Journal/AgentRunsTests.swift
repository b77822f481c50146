import AgentKitTesting
import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery
import Testing

@testable import AgentKit

@Suite struct AgentRunsTests {
    private let log = MemoryEventLog()

    private func agent(_ model: ScriptedModel, name: String = "writer") -> StreamingAgent {
        StreamingAgent(name: name, model: model, tools: [countingWeather(Recorder())])
    }

    private func runs(
        _ agents: [StreamingAgent], limit: Int = .max, clock: any Clock<Duration> = ContinuousClock(),
        changes: Recorder<ActiveRun.State> = Recorder()
    ) -> AgentRuns {
        var store = RunStore(log: log)
        store.recovery.ladder = Rung.prefill.ladder
        return AgentRuns(store: store, agents: agents, limit: limit, clock: clock, onChange: { changes.add($0.state) })
    }

    @Test func aRunGoesOnWithoutItsReaders() async throws {
        let changes = Recorder<ActiveRun.State>()
        let runs = runs([agent(Story.weather.model())], changes: changes)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await runs.run() }
            let handle = try await runs.start("writer", "The weather?", id: "run", in: RunPlace(project: "site/1"))
            #expect(handle.isNew)
            // A reader that leaves at once.
            for try await _ in runs.events(of: handle) { break }
            let result = try await runs.result(of: "run", in: "site/1")
            #expect(result.finish == .stop)
            #expect(changes.values == [.queued, .running, .finished])
            #expect(runs.active.isEmpty)
            // Another reader, later, from the run's beginning.
            var transcript = Transcript()
            for try await event in runs.events(of: handle) {
                try transcript.apply(event.event, at: event.offset)
                if event.event.type == .complete { break }
            }
            #expect(transcript[run: "run"]?.text == Story.weather.text)
            group.cancelAll()
        }
    }

    @Test func startingTwiceIsStartingOnce() async throws {
        let gate = Gate()
        let model = ScriptedModel { _ in ScriptedGeneration([.waitAt(gate), .text("Once.")]) }
        let runs = runs([agent(model)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await runs.run() }
            #expect(try await runs.start("writer", "?", id: "run").isNew)
            #expect(try await !runs.start("writer", "?", id: "run").isNew)
            gate.open()
            _ = try await runs.result(of: "run")
            #expect(try await !runs.start("writer", "?", id: "run").isNew)
            group.cancelAll()
        }
        #expect(model.requests.count == 1)
    }

    @Test func cancellingIsForGood() async throws {
        let model = ScriptedModel { _ in ScriptedGeneration([.text("Never "), .hang]) }
        let runs = runs([agent(model)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await runs.run() }
            _ = try await runs.start("writer", "?", id: "run")
            while try await fold(of: "run", in: log).text.isEmpty { await Task.yield() }
            try await runs.cancel("run", reason: "enough")
            #expect(try await fold(of: "run", in: log).isCancelled)
            #expect(runs.active.isEmpty)
            await #expect { try await runs.result(of: "run") } throws: { ($0 as? AgentError)?.kind == .cancelled }
            #expect(try await runs.recoverAll().recovered.isEmpty)
            // Once more changes nothing.
            let count = try await events(of: "run", in: log).count
            try await runs.cancel("run")
            #expect(try await events(of: "run", in: log).count == count)
            group.cancelAll()
        }
        #expect(model.openStreams == 0)
    }

    @Test func whatNobodyWorksOnIsCancelledInTheLog() async throws {
        let crashing = CrashingLog(log, atAppend: 9)
        _ = try? await StreamingAgent.durable(Story.weather.model(), crashing).respond(to: "?", id: "run")
        try await runs([]).cancel("run", reason: "enough")
        let fold = try await fold(of: "run", in: log)
        #expect(fold.isCancelled)
        #expect(fold.progress?.status == .cancelled)
        if case .failed(let failure) = fold.outcome {
            #expect(failure.kind == .cancelled)
        } else {
            Issue.record("not over")
        }
        await #expect { try await runs([]).cancel("none") } throws: { ($0 as? AgentError)?.kind == .notFound }
    }

    @Test func everyUnfinishedRunIsRecovered() async throws {
        let story = Story.weather
        for (id, name) in [("a", "writer"), ("b", "writer"), ("c", "stranger")] {
            let crashing = CrashingLog(log, atAppend: 12)
            let agent = StreamingAgent.durable(story.model(), crashing) { $0.name = name }
            _ = try? await agent.respond(to: "?", id: id, in: RunPlace(project: "shared"))
        }
        _ = try await StreamingAgent.durable(story.model(), log, tools: [countingWeather(Recorder())])
            .respond(to: "?", id: "done")
        let runs = runs([agent(story.model(Rung.prefill.capabilities))])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await runs.run() }
            let recovery = try await runs.recoverAll()
            #expect(Set(recovery.recovered.map(\.runID)) == ["a", "b"])
            #expect(recovery.unregistered["stranger"]?.map(\.runID) == ["c"])
            for id in ["a", "b"] {
                #expect(try await runs.result(of: id, in: "shared").finish == .stop)
            }
            group.cancelAll()
        }
        var transcript = Transcript()
        for event in try await events(of: "shared", in: log) { try transcript.apply(event.event, at: event.offset) }
        #expect(transcript[run: "a"]?.text == story.text)
        #expect(transcript[run: "b"]?.text == story.text)
    }

    @Test func quietRunsOnly() async throws {
        let crashing = CrashingLog(log, atAppend: 12)
        _ = try? await StreamingAgent.durable(Story.weather.model(), crashing) { $0.name = "writer" }
            .respond(to: "?", id: "a")
        let recovery = try await runs([agent(Story.weather.model())]).recoverAll(quietFor: .seconds(3600))
        #expect(recovery.recovered.isEmpty && recovery.unregistered.isEmpty)
    }

    @Test func drainingInterruptsWhatDoesNotEnd() async throws {
        let clock = ManualClock()
        let gate = Gate()
        let model = ScriptedModel(capabilities: [.prefill]) { request in
            if request.messages.last?.role == .assistant { return " the rest." }
            return ScriptedGeneration([.text("First"), .waitAt(gate), .text(" not shown")])
        }
        let first = runs([agent(model)], clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await first.run() }
            _ = try await first.start("writer", "?", id: "run")
            while try await fold(of: "run", in: log).text.isEmpty { await Task.yield() }
            group.addTask { await first.drain(within: .seconds(10)) }
            // The grace, and no other time: the model waits at a gate, its watch on another clock.
            try await clock.waitForSleepers()
            await #expect { try await first.start("writer", "?") } throws: { ($0 as? AgentError)?.kind == .draining }
            clock.advance(by: .seconds(10))
            try await group.waitForAll()
        }
        #expect(try await fold(of: "run", in: log).pauseReason == "interrupted")
        let second = runs([agent(model)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await second.run() }
            #expect(try await second.recoverAll().recovered.count == 1)
            #expect(try await second.result(of: "run").text == "First the rest.")
            await second.drain(within: .seconds(10))
            try await group.waitForAll()
        }
    }

    @Test func onlySoManyAtATime() async throws {
        let gate = Gate()
        let model = ScriptedModel { _ in ScriptedGeneration([.waitAt(gate), .text("Done.")]) }
        let runs = runs([agent(model)], limit: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await runs.run() }
            for id in ["a", "b", "c"] { _ = try await runs.start("writer", "?", id: id) }
            while model.requests.count < 2 { await Task.yield() }
            #expect(runs.active.map(\.state) == [.running, .running, .queued])
            gate.open()
            for id in ["a", "b", "c"] { #expect(try await runs.result(of: id).text == "Done.") }
            group.cancelAll()
        }
    }

    @Test func namesThatNobodyHasAreRefused() async throws {
        await #expect { try await runs([]).start("nobody", "?") } throws: { ($0 as? AgentError)?.kind == .notFound }
        await #expect { try await runs([]).result(of: "none") } throws: { ($0 as? AgentError)?.kind == .notFound }
        await #expect {
            try await runs([agent(Story.weather.model())]).start("writer", "?", id: "no stream")
        } throws: { ($0 as? AgentError)?.kind == .invalidRequest }
    }
}
