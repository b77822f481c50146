import AgentKit
import AgentKitTesting
import StreamCore
import Testing

@Suite struct AgentStepsTests {
    @Test func streamsAnAnswerThenUsageThenFinish() async throws {
        let model = ScriptedModel(ScriptedGeneration([.text("Two words")], usage: Usage(input: 3, output: 2)))
        let clock = ManualClock()
        let agent = StreamingAgent(model: model, instructions: "Be brief.") {
            $0.wallClock = { clock.timestamp }
            $0.chunks.confidence = .off
        }
        let streamed = await agent.execute("hello").read()
        #expect(streamed.error == nil)
        #expect(
            streamed.payloads == [
                .content("Two"), .content(" words"), .usage(Usage(input: 3, output: 2)), .finish(.stop),
            ])
        #expect(streamed.chunks.map(\.block) == [0, 0, nil, nil])
        #expect(streamed.chunks.allSatisfy { $0.timestamp == clock.timestamp })
        #expect(model.requests.map(\.system) == ["Be brief."])
        #expect(model.requests.map(\.messages) == [[.user("hello")]])
        #expect(model.openStreams == 0)
    }

    @Test func executesToolsAndGoesOn() async throws {
        let model = ScriptedModel(
            ScriptedGeneration(
                [.text("Let me look."), .toolCall("weather", ["city": "Oslo"], id: "c1")],
                usage: Usage(input: 10, output: 5)),
            ScriptedGeneration([.text("It rains.")], usage: Usage(input: 20, output: 3)))
        let agent = StreamingAgent(model: model, tools: [weather])
        let streamed = await agent.execute("Umbrella?").read()
        #expect(streamed.finish == .stop)
        #expect(streamed.usage == Usage(input: 30, output: 8))
        let call = ToolCall(id: "c1", name: "weather", input: ["city": "Oslo"])
        let result = ToolResult(callID: "c1", toolName: "weather", output: "Rain in Oslo")
        #expect(streamed.payloads.contains(.toolCall(call)))
        #expect(streamed.results == [result])
        let blocks = streamed.chunks.filter { $0.payload == .toolCall(call) || $0.payload == .toolResult(result) }
        #expect(blocks.map(\.block) == [1, 1])
        #expect(
            model.requests.last?.messages == [
                .user("Umbrella?"),
                Message(role: .assistant, parts: [.text("Let me look."), .toolCall(call)]),
                Message(role: .tool, parts: [.toolResult(result)]),
            ])
        #expect(model.requests.first?.tools == [weather.definition])
    }

    @Test func respondReturnsTheAnswerAndTheConversation() async throws {
        let model = ScriptedModel(
            ScriptedGeneration([.text("Let me look."), .toolCall("weather", ["city": "Oslo"])]), "It rains.", "No.")
        let agent = StreamingAgent(model: model, tools: [weather])
        let result = try await agent.respond(to: "Umbrella?")
        #expect(result.text == "It rains.")
        #expect(result.steps == 2)
        #expect(result.messages.map(\.role) == [.user, .assistant, .tool, .assistant])
        #expect(result.newMessages.count == 3)
        #expect(result.finish == .stop)
        let next = try await agent.respond(to: AgentInput("Tomorrow too?", after: result))
        #expect(next.text == "No.")
        #expect(model.requests.last?.messages.count == 5)
    }

    @Test func sendsReasoningAndProviderDataBack() async throws {
        let signature = ProviderData(provider: "scripted", value: ["signature": "s"])
        let opaque = ProviderData(provider: "scripted", value: ["redacted": "r"])
        let model = ScriptedModel(
            ScriptedGeneration([
                .event(.reasoning(block: 0, text: "Hm, ")), .event(.reasoning(block: 0, text: "Oslo.")),
                .event(.providerData(block: 0, signature)), .event(.blockFinished(block: 0)),
                .event(.providerData(block: 1, opaque)), .event(.blockFinished(block: 1)),
                .event(.toolCall(block: 2, ToolCall(id: "c", name: "weather", input: ["city": "Oslo"]))),
                .event(.finish(.toolCalls)),
            ]), "Done.")
        _ = try await StreamingAgent(model: model, tools: [weather]).respond(to: "?")
        #expect(
            model.requests.last?.messages[1].parts == [
                .reasoning("Hm, Oslo.", signature), .opaque(opaque),
                .toolCall(ToolCall(id: "c", name: "weather", input: ["city": "Oslo"])),
            ])
    }

    @Test func continuesAPausedTurn() async throws {
        let model = ScriptedModel(ScriptedGeneration([.text("First, ")], finish: .paused), "second.")
        let result = try await StreamingAgent(model: model).respond(to: "?")
        #expect(result.text == "First, second.")
        #expect(result.finish == .stop)
        #expect(model.requests.last?.messages == [.user("?"), .assistant("First, ")])
    }

    @Test func neverExecutesWhatTheProviderExecutesOrWhatIsOpen() async throws {
        let hosted = ToolCall(id: "h", name: "weather", input: ["city": "Oslo"], isProviderExecuted: true)
        let model = ScriptedModel(
            ScriptedGeneration([
                .event(.toolCall(block: 0, hosted)),
                .event(.toolResult(block: 1, ToolResult(callID: "h", toolName: "weather", output: "Sun"))),
                .openToolCall("weather", input: #"{"city": "Par"#), .text("Sunny."),
            ]))
        let executed = Recorder<String>()
        let tool = Tool("weather", description: "", inputSchema: ["type": "object"]) {
            (_: JSONValue, context: ToolContext) in
            executed.add(context.callID)
            return "?"
        }
        let streamed = await StreamingAgent(model: model, tools: [tool]).execute("?").read()
        #expect(executed.values.isEmpty)
        #expect(streamed.finish == .stop)
        #expect(streamed.results.map(\.output) == ["Sun"])
        #expect(model.requests.count == 1)
    }

    @Test func aCutAnswerKeepsItsReasonAndAnswersItsCalls() async throws {
        let model = ScriptedModel(
            ScriptedGeneration([.text("Well"), .toolCall("weather", ["city": "Oslo"], id: "c")], finish: .length))
        let result = try await StreamingAgent(model: model, tools: [weather]).respond(to: "?")
        #expect(result.finish == .length)
        guard case .toolResult(let answer)? = result.messages.last?.parts.first else {
            Issue.record("the call must not stay open")
            return
        }
        #expect(answer.isError && answer.callID == "c")
    }

    @Test func theStepLimitEndsTheRunWithAnError() async throws {
        let model = ScriptedModel { _ in ScriptedGeneration([.toolCall("weather", ["city": "Oslo"])]) }
        let agent = StreamingAgent(model: model, tools: [weather]) { $0.stepLimit = 3 }
        let streamed = await agent.execute("?").read()
        #expect(model.requests.count == 3)
        #expect(streamed.results.count == 2)
        #expect(streamed.error?.kind == .limitExceeded)
        #expect(streamed.error?.partial.steps == 3)
        guard case .error(let failure)? = streamed.chunks.last?.payload else {
            Issue.record("an error chunk must come last")
            return
        }
        #expect(failure.kind == .limitExceeded && !failure.retryable)
    }

    @Test func theOutputLimitEndsTheRunWithAnError() async throws {
        let model = ScriptedModel(generations: [.text(String(repeating: "word ", count: 1000))])
        let agent = StreamingAgent(model: model) { $0.outputLimit = 1000 }
        let streamed = await agent.execute("?").read()
        #expect(streamed.error?.kind == .limitExceeded)
        #expect(streamed.text.utf8.count <= 1000)
    }

    @Test func aForcedToolChoiceIsForTheFirstResponseOnly() async throws {
        let model = ScriptedModel(ScriptedGeneration([.toolCall("weather", ["city": "Oslo"])]), "Done.")
        let agent = StreamingAgent(model: model, tools: [weather]) { $0.toolChoice = .required }
        _ = try await agent.respond(to: "?")
        #expect(model.requests.map(\.toolChoice) == [.required, .automatic])
    }

    @Test(arguments: [1, 2, 5, 100])
    func batchesDoNotChangeWhatIsStreamed(size: Int) async throws {
        let generation = ScriptedGeneration([
            .reasoning("One thought, then another"), .text("Some <think>hidden words</think> text here"),
        ])
        let plain = ScriptedModel(generation)
        let batched = ScriptedModel(generation, batchSize: size)
        let configure: (inout AgentConfiguration) -> Void = { $0.wallClock = { nil } }
        let one = await StreamingAgent(model: plain, configure: configure).execute("?").read()
        let other = await StreamingAgent(model: batched, configure: configure).execute("?").read()
        #expect(one.chunks == other.chunks)
        #expect(one.text == "Some  text here")
    }

    @Test func emitIsHandedWhatCameTogether() async throws {
        let model = ScriptedModel("a b c d e f", batchSize: 4)
        let batches = Recorder<Int>()
        _ = try await StreamingAgent(model: model).run("?") { batches.add($0.count) }
        #expect(batches.values == [4, 2, 2])
    }
}
