import AgentKit
import AgentKitTesting
import StreamCore
import Testing

@Suite struct AgentInterruptTests {
    @Test func endsTheRunAndKeepsWhatWasWritten() async throws {
        let model = ScriptedModel(
            ScriptedGeneration([.usage(Usage(input: 5)), .text("Half a sentence"), .hang]), "And on.")
        let completed = Recorder<AgentResult>()
        let agent = StreamingAgent(model: model) { $0.hooks.onCompletion = { completed.add($0) } }
        var text = ""
        var payloads: [AgentChunk.Payload] = []
        for try await chunk in agent.execute("test") {
            text += chunk.content
            payloads.append(chunk.payload)
            if text == "Half a sentence" { agent.interrupt() }
        }
        #expect(payloads.suffix(2) == [.usage(Usage(input: 5)), .finish(.interrupted)])
        #expect(model.openStreams == 0)
        let result = try #require(completed.values.first)
        #expect(result.finish == .interrupted)
        #expect(result.text == "Half a sentence")
        #expect(result.messages == [.user("test"), .assistant("Half a sentence")])
        let next = try await agent.respond(to: AgentInput("Go on.", after: result))
        #expect(next.text == "And on.")
    }

    @Test func endsAllRuns() async throws {
        let begun = [Gate(), Gate(), Gate()]
        let model = ScriptedModel { _ in ScriptedGeneration([.text("word"), .hang]) }
        let agent = StreamingAgent(model: model)
        let tasks = begun.map { gate in
            Task { try await agent.run("?") { _ in gate.open() } }
        }
        for gate in begun { try await gate.wait() }
        agent.interrupt()
        for task in tasks { #expect(try await task.value.finish == .interrupted) }
        #expect(model.openStreams == 0)
        agent.interrupt()
    }

    @Test func reachesToolsAndAnswersTheirCalls() async throws {
        let started = Gate()
        let cancelled = Recorder<Bool>()
        let slow = Tool("slow", description: "", inputSchema: ["type": "object"]) {
            (_: JSONValue, _: ToolContext) -> String in
            started.open()
            do {
                try await Gate().wait()
            } catch {
                cancelled.add(Task.isCancelled)
                throw error
            }
            return "never"
        }
        let model = ScriptedModel(
            ScriptedGeneration([.toolCall("weather", ["city": "Oslo"], id: "a"), .toolCall("slow", [:], id: "b")]))
        let agent = StreamingAgent(model: model, tools: [weather, slow])
        let answered = Gate()
        let task = Task {
            try await agent.run("?") { chunks in
                if chunks.contains(where: { if case .toolResult = $0.payload { true } else { false } }) {
                    answered.open()
                }
            }
        }
        try await started.wait()
        try await answered.wait()
        agent.interrupt()
        let result = try await task.value
        #expect(result.finish == .interrupted)
        #expect(cancelled.values == [true])
        let answers = result.messages.last?.parts.compactMap { part -> ToolResult? in
            if case .toolResult(let result) = part { result } else { nil }
        }
        #expect(answers?.map(\.callID) == ["a", "b"])
        #expect(answers?.map(\.isError) == [false, true])
    }

    @Test func leavesOutReasoningThatIsNotWhole() async throws {
        let model = ScriptedModel(
            ScriptedGeneration([.reasoning("whole"), .text("said"), .reasoning("half"), .hang]))
        let agent = StreamingAgent(model: model)
        let seen = Gate()
        let task = Task {
            try await agent.run("?") { chunks in
                if chunks.contains(where: { $0.payload == .reasoning("half") }) { seen.open() }
            }
        }
        try await seen.wait()
        agent.interrupt()
        #expect(try await task.value.newMessages.first?.parts == [.reasoning("whole", nil), .text("said")])
    }

    @Test func flushesWhatSmoothingHeldBack() async throws {
        let begun = Gate()
        let model = ScriptedModel(ScriptedGeneration([.text("no line end"), .waitAt(Gate())]))
        let agent = StreamingAgent(model: model) {
            $0.smoothing = .lines
            $0.instrumentation = Instrumentation { if case .firstToken = $0 { begun.open() } }
        }
        let task = Task { await agent.execute("?").read() }
        try await begun.wait()
        agent.interrupt()
        let streamed = await task.value
        #expect(streamed.finish == .interrupted)
        #expect("no line end".hasPrefix(streamed.text) && !streamed.text.isEmpty)
    }

    @Test func withoutARunDoesNothing() async throws {
        let agent = StreamingAgent(model: ScriptedModel("Fine."))
        agent.interrupt()
        #expect(try await agent.respond(to: "?").text == "Fine.")
    }

    @Test func cancellingTheReaderCancelsTheModel() async throws {
        let model = ScriptedModel(ScriptedGeneration([.text("word"), .hang]))
        let agent = StreamingAgent(model: model)
        let seen = Gate()
        let task = Task {
            do throws(AgentError) {
                for try await _ in agent.execute("?") { seen.open() }
                return FailureKind.unknown
            } catch {
                return error.kind
            }
        }
        try await seen.wait()
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(model.openStreams == 0)
    }

    @Test func droppingTheIteratorCancelsTheModel() async throws {
        let ended = Gate()
        let model = ScriptedModel(ScriptedGeneration([.text("word"), .hang]))
        let agent = StreamingAgent(model: model) {
            // The last that a run does: it tells its hook of the failure.
            $0.hooks.onChunk = { if case .error(let failure) = $0.payload, failure.kind == .cancelled { ended.open() } }
        }
        do {
            var iterator = agent.execute("?").makeAsyncIterator()
            #expect(try await iterator.next()?.content == "word")
        }
        try await ended.wait()
        #expect(model.openStreams == 0)
    }

    @Test func aSlowReaderHoldsTheModelBack() async throws {
        let produced = Recorder<Int>()
        let model = ScriptedModel(generations: [ScriptedGeneration([.text(String(repeating: " x", count: 5000))])])
        let full = Gate()
        let agent = StreamingAgent(model: model) {
            $0.hooks.onChunk = { _ in
                produced.add(1)
                // One more than fits waits in the hands of the run.
                if produced.values.count == 66 { full.open() }
            }
        }
        var iterator = agent.execute("?").makeAsyncIterator()
        _ = try await iterator.next()
        try await full.wait()
        // What was read, what waits in the channel, what waits for room.
        #expect(produced.values.count <= 2 + 64 + 64)
        var count = 1
        while try await iterator.next() != nil { count += 1 }
        #expect(count == 5002)
    }
}
