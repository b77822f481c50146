import AgentKit
import AgentKitTesting
import StreamCore
import Testing

@Suite struct ToolExecutionTests {
    private struct Internal: Error, CustomStringConvertible {
        let description = "password=hunter2"
    }

    private static func calls(_ names: String..., input: JSONValue = [:]) -> ScriptedGeneration {
        ScriptedGeneration(names.enumerated().map { .toolCall($1, input, id: "c\($0)") })
    }

    private static func tool(
        _ name: String, timeout: Duration? = nil, _ call: @escaping @Sendable (ToolContext) async throws -> String
    ) -> Tool {
        Tool(name, description: "", inputSchema: ["type": "object"], timeout: timeout) {
            (_: JSONValue, context: ToolContext) in
            try await call(context)
        }
    }

    private static func answers(_ model: ScriptedModel) -> [ToolResult] {
        model.requests.last?.messages.last?.parts.compactMap {
            if case .toolResult(let result) = $0 { result } else { nil }
        } ?? []
    }

    @Test func resultsAreStreamedAsTheyComeAndSentBackInOrder() async throws {
        let firstMayEnd = Gate()
        let first = Self.tool("first") { _ in
            try await firstMayEnd.wait()
            return "1"
        }
        let second = Self.tool("second") { _ in "2" }
        let model = ScriptedModel(Self.calls("first", "second"), "Done.")
        let agent = StreamingAgent(model: model, tools: [first, second])
        var streamed: [JSONValue] = []
        for try await chunk in agent.execute("?") {
            guard case .toolResult(let result) = chunk.payload else { continue }
            streamed.append(result.output)
            firstMayEnd.open()
        }
        #expect(streamed == ["2", "1"])
        #expect(Self.answers(model).map(\.output) == ["1", "2"])
    }

    @Test(arguments: [1, 2, 3])
    func atMostSoManyRunAtATime(limit: Int) async throws {
        let meeting = Meeting(of: limit)
        let tool = Self.tool("work") { _ in
            try await meeting.attend()
            return "ok"
        }
        let model = ScriptedModel(Self.calls("work", "work", "work", "work", "work", "work"), "Done.")
        let agent = StreamingAgent(model: model, tools: [tool]) { $0.parallelToolLimit = limit }
        let streamed = await agent.execute("?").read()
        #expect(streamed.results.count == 6)
        #expect(meeting.most == limit)
    }

    @Test func anUnknownToolIsAnErrorForTheModel() async throws {
        let model = ScriptedModel(Self.calls("nosuch"), "Sorry.")
        let streamed = await StreamingAgent(model: model, tools: [weather]).execute("?").read()
        #expect(streamed.finish == .stop)
        let answer = try #require(Self.answers(model).first)
        #expect(answer.isError)
        #expect(answer.output == "There is no tool named nosuch; available are: weather.")
    }

    @Test func inputThatDoesNotFitIsAnErrorForTheModel() async throws {
        let model = ScriptedModel(Self.calls("weather", input: ["city": 7]), "Sorry.")
        _ = try await StreamingAgent(model: model, tools: [weather]).respond(to: "?")
        let answer = try #require(Self.answers(model).first)
        #expect(answer.isError)
        #expect(answer.output == "The call of weather failed: the input does not fit at 'city': String is expected.")
    }

    @Test func aToolsInternalsAreNotToldUnlessTheHostWants() async throws {
        let tool = Self.tool("leaky") { _ in throw Internal() }
        let model = ScriptedModel { request in request.messages.count == 1 ? Self.calls("leaky") : "Sorry." }
        _ = try await StreamingAgent(model: model, tools: [tool]).respond(to: "?")
        #expect(Self.answers(model).first?.isError == true)
        #expect(Self.answers(model).first?.output.stringValue?.contains("hunter2") == false)
        let open = StreamingAgent(model: model, tools: [tool]) { $0.toolErrorMessage = { error, _ in "\(error)" } }
        _ = try await open.respond(to: "?")
        #expect(Self.answers(model).first?.output == "password=hunter2")
    }

    @Test func aToolCanSpeakToTheModelOrEndTheRun() async throws {
        let shy = Self.tool("shy") { _ in throw ToolError("ask me in Norwegian") }
        let model = ScriptedModel(Self.calls("shy"), "Ja.")
        _ = try await StreamingAgent(model: model, tools: [shy]).respond(to: "?")
        #expect(Self.answers(model).first?.output == "ask me in Norwegian")
        let final = Self.tool("final") { _ in throw ToolError("the account is closed", endsRun: true) }
        let streamed = await StreamingAgent(model: ScriptedModel(Self.calls("final")), tools: [final]).execute("?")
            .read()
        #expect(streamed.error?.kind == .tool)
        #expect(streamed.error?.underlying is ToolError)
    }

    @Test func cancellationOfAToolEndsTheRun() async throws {
        let tool = Self.tool("gone") { _ in throw CancellationError() }
        let streamed = await StreamingAgent(model: ScriptedModel(Self.calls("gone")), tools: [tool]).execute("?").read()
        #expect(streamed.error?.kind == .cancelled)
    }

    @Test func aToolThatTakesTooLongIsCancelledAndAnswered() async throws {
        let clock = ManualClock()
        let cancelled = Gate()
        let tool = Self.tool("slow", timeout: .seconds(30)) { _ in
            do {
                try await Gate().wait()
            } catch {
                cancelled.open()
                throw error
            }
            return "never"
        }
        let model = ScriptedModel(Self.calls("slow"), "Sorry.")
        let agent = StreamingAgent(model: model, tools: [tool]) { $0.clock = clock }
        async let result = agent.respond(to: "?")
        try await clock.waitForSleepers()
        #expect(clock.advanceToNextDeadline() == .seconds(30))
        #expect(try await result.text == "Sorry.")
        #expect(cancelled.isOpen)
        #expect(Self.answers(model).first?.output == "slow did not answer within 30.0 seconds.")
        #expect(clock.sleeperCount == 0)
    }

    @Test func aToolThatIsFastLeavesNoTimerBehind() async throws {
        let clock = ManualClock()
        let tool = Self.tool("fast", timeout: .seconds(30)) { _ in "ok" }
        let agent = StreamingAgent(model: ScriptedModel(Self.calls("fast"), "Done."), tools: [tool]) {
            $0.clock = clock
        }
        #expect(try await agent.respond(to: "?").text == "Done.")
        #expect(clock.sleeperCount == 0)
    }

    @Test func cancellingTheReaderReachesTheTools() async throws {
        let started = Gate()
        let cancelled = Recorder<String>()
        let tool = Self.tool("slow") { context in
            started.open()
            do {
                try await Gate().wait()
            } catch {
                cancelled.add(context.callID)
                throw error
            }
            return "never"
        }
        let agent = StreamingAgent(model: ScriptedModel(Self.calls("slow")), tools: [tool])
        let task = Task { await agent.execute("?").read() }
        try await started.wait()
        task.cancel()
        #expect(await task.value.error?.kind == .cancelled)
        #expect(cancelled.values == ["c0"])
    }

    @Test func keysAreTheSameForTheSameRunAndCall() async throws {
        let keys = Recorder<String>()
        let tool = Self.tool("pay") { context in
            keys.add(context.idempotencyKey)
            return "paid"
        }
        let model = ScriptedModel { request in request.messages.count == 1 ? Self.calls("pay") : "Done." }
        let agent = StreamingAgent(model: model, tools: [tool])
        for id in ["run-1", "run-1", "run-2"] { _ = try await agent.respond(to: "?", id: id) }
        #expect(keys.values == ["run-1.0.c0", "run-1.0.c0", "run-2.0.c0"])
    }

    @Test func ofToolsWithOneNameTheLastCounts() async throws {
        let model = ScriptedModel(Self.calls("twice"), "Done.")
        let agent = StreamingAgent(
            model: model, tools: [Self.tool("twice") { _ in "1" }, Self.tool("twice") { _ in "2" }])
        _ = try await agent.respond(to: "?")
        #expect(model.requests.first?.tools.count == 1)
        #expect(Self.answers(model).first?.output == "2")
    }
}
