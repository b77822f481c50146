import AgentKit
import AgentKitTesting
import DurableLog
import StreamCore
import StreamRecovery
import Synchronization
import Testing

@Suite struct DurableRunTests {
    private let log = MemoryEventLog()

    @Test func everythingShownIsInTheLogFirst() async throws {
        let calls = Recorder<String>()
        let agent = StreamingAgent.durable(Story.weather.model(), log, tools: [countingWeather(calls)])
        var shown: [AgentChunk] = []
        for try await chunk in agent.execute("The weather?", id: "run") { shown.append(chunk) }
        let logged = try await events(of: "run", in: log)
        #expect(logged.first?.event.type == .runStart)
        #expect(logged.last?.event.type == .runEnd)
        let types: Set<StreamEvent.EventType> = [.content, .reasoning, .tool, .usage, .complete]
        let chunks = try logged.filter { types.contains($0.event.type) && $0.event.visibility == .public }
            .map { try JSONValue(parsing: $0.event.payload) }
        #expect(chunks.count == shown.count)
        for (logged, chunk) in zip(chunks, shown) {
            let value = try JSONValue(parsing: chunk.jsonString)
            for (key, field) in value.objectValue ?? [:] { #expect(logged[key] == field) }
        }
        #expect(Set(calls.values) == ["call-a", "call-b"])
    }

    @Test func theLogFoldsToWhatTheRunCameTo() async throws {
        let agent = StreamingAgent.durable(Story.weather.model(), log, tools: [countingWeather(Recorder())])
        let result = try await agent.respond(to: "The weather?", id: "run")
        let fold = try await fold(of: "run", in: log)
        #expect(fold.conversation == result.messages)
        #expect(fold.text == result.text)
        #expect(fold.usage == result.usage)
        #expect(fold.outcome == .finished(.stop))
        #expect(fold.steps == 2)
        #expect(try await transcript(of: "run", in: log).text == Story.weather.text)
    }

    @Test func finishedBlocksAreToldWhole() async throws {
        let agent = StreamingAgent.durable(Story.weather.model(), log, tools: [countingWeather(Recorder())])
        _ = try await agent.respond(to: "The weather?", id: "run")
        let blocks = try await events(of: "run", in: log).filter { $0.event.type == .block }
            .map { try JSONValue(parsing: $0.event.payload) }
        #expect(blocks.compactMap { $0["content"]?.stringValue } == Story.weather.steps.flatMap(\.texts))
    }

    @Test func theSameNameTwiceIsRefused() async throws {
        let agent = StreamingAgent.durable(Story.weather.model(), log, tools: [countingWeather(Recorder())])
        _ = try await agent.respond(to: "The weather?", id: "run")
        let again = await agent.execute("Something else", id: "run").read()
        #expect(again.error?.kind == .duplicateRun)
        #expect(try await fold(of: "run", in: log).outcome == .finished(.stop))
    }

    @Test func aRunThatIsOverIsToldAgainAndNotRepeated() async throws {
        let model = Story.weather.model()
        let agent = StreamingAgent.durable(model, log, tools: [countingWeather(Recorder())])
        let result = try await agent.respond(to: "The weather?", id: "run")
        let count = try await events(of: "run", in: log).count
        let recovered = await agent.recover("run").read()
        #expect(recovered.finish == .stop)
        #expect(recovered.usage == result.usage)
        #expect(try await agent.recoverRun("run") == result)
        #expect(try await events(of: "run", in: log).count == count)
        #expect(model.requests.count == 2)
    }

    @Test func whatTheLogDoesNotTakeIsNotShown() async throws {
        let crashing = CrashingLog(log, atAppend: 6)
        let agent = StreamingAgent.durable(Story.weather.model(), crashing)
        let streamed = await agent.execute("The weather?", id: "run").read()
        #expect(streamed.error?.kind == .storage)
        #expect(streamed.error?.isRetryable == true)
        let logged = try await events(of: "run", in: log).filter { $0.event.type == .reasoning }
        #expect(streamed.chunks.count == logged.count)
        #expect(try await fold(of: "run", in: log).isUnfinished)
    }

    @Test func goesOnAfterAnInterruption() async throws {
        let agent = StreamingAgent.durable(Story.weather.model(), log, tools: [countingWeather(Recorder())])
        var text = ""
        for try await chunk in agent.execute("The weather?", id: "run") {
            text += chunk.content
            if text == "I will" { agent.interrupt() }
        }
        let interrupted = try await fold(of: "run", in: log)
        if interrupted.outcome == nil { #expect(interrupted.pauseReason == "interrupted") }
        let recovered = await agent.recover().read()
        #expect(recovered.finish == .stop)
        #expect(try await transcript(of: "run", in: log).text == Story.weather.text)
    }

    /// What one continuation wrote, the next one keeps: open text that was gone on from is as good as whole.
    @Test func aContinuationIsContinued() async throws {
        let pieces = ["One,", " two,", " three."]
        let model = ScriptedModel { request in
            let kept = request.messages.last { $0.role == .assistant }?.text ?? ""
            let count = pieces.indices.first { pieces[..<$0].joined() == kept } ?? pieces.count
            guard count < pieces.count else { return .failure(.server) }
            let isLast = count == pieces.count - 1
            return ScriptedGeneration([.text(pieces[count])] + (isLast ? [] : [.fail(.server)]))
        }
        let agent = StreamingAgent.durable(model, log) {
            $0.store?.recovery.ladder = [.continuation(includesOpenText: true), .plainRetry, .restart]
        }
        let streamed = await agent.execute("Count", id: "run").read()
        #expect(streamed.text == "One, two, three.")
        let run = try await transcript(of: "run", in: log)
        #expect(run.seams.map(\.strategy) == [.continuation, .continuation])
        #expect(run.seams.allSatisfy { $0.droppedBlocks.isEmpty })
        #expect(run.text == "One, two, three.")
    }

    /// Seed 1018 of the simulation: a run that was interrupted at the moment in which its model failed was over for good.
    @Test func aFailureAsTheRunIsInterruptedIsNotItsEnd() async throws {
        let interrupt = Mutex<(@Sendable () -> Void)?>(nil)
        let model = ScriptedModel(name: "story", capabilities: [.prefill]) { request in
            if request.messages.last?.role == .assistant { return " and two." }
            return ScriptedGeneration([.text("One"), .fail(.overloaded)])
        }
        let agent = StreamingAgent.durable(model, log, .prefill) {
            $0.instrumentation = Instrumentation { event in
                guard case .streamFailed = event else { return }
                interrupt.withLock { $0 }?()
                // In the run's own task, which is cancelled by the interruption before it goes on.
                while !Task.isCancelled {}
            }
        }
        interrupt.withLock { $0 = { agent.interrupt() } }
        let first = await agent.execute("Count", id: "run").read()
        #expect(first.finish == .interrupted)
        #expect(try await fold(of: "run", in: log).isUnfinished)
        let second = await StreamingAgent.durable(model, log, .prefill).recover("run").read()
        #expect(second.finish == .stop)
        #expect(try await transcript(of: "run", in: log).text == "One and two.")
    }

    @Test func withoutAStoreThereIsNothingToRecover() async throws {
        let streamed = await StreamingAgent(model: Story.weather.model()).recover("run").read()
        #expect(streamed.error?.kind == .invalidRequest)
        let none = await StreamingAgent.durable(Story.weather.model(), log).recover("run").read()
        #expect(none.error?.kind == .notFound)
    }

    @Test func whoeverIsTakenOverStopsQuietly() async throws {
        let gate = Gate()
        let model = ScriptedModel(name: "story", capabilities: [.tools, .prefill]) { request in
            if request.messages.last?.role == .assistant { return " and two." }
            return ScriptedGeneration([.text("One"), .waitAt(gate), .text(" and never shown.")])
        }
        let agent = StreamingAgent.durable(model, log, .prefill)
        let other = StreamingAgent.durable(model, log, .prefill)
        let first = Task { await agent.execute("Count", id: "run").read() }
        while (try? await fold(of: "run", in: log))?.text != "One" { await Task.yield() }
        let second = await other.recover("run").read()
        gate.open()
        let fenced = await first.value
        #expect(fenced.error?.kind == .fenced)
        #expect(fenced.text == "One")
        #expect(!fenced.payloads.contains { if case .error = $0 { true } else { false } })
        #expect(second.finish == .stop)
        #expect(try await transcript(of: "run", in: log).text == "One and two.")
    }
}
