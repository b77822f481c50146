import AgentKit
import AgentKitTesting
import StreamCore
import Testing

@Suite struct AgentHooksTests {
    private struct Refused: Error {}

    @Test func areCalledInOrder() async throws {
        let log = Recorder<String>()
        let model = ScriptedModel(ScriptedGeneration([.toolCall("weather", ["city": "Oslo"])]), "It rains")
        let agent = StreamingAgent(name: "forecaster", model: model, tools: [weather]) {
            $0.hooks = AgentHooks(
                onStart: { log.add("start \($0.agent) \($0.runID) \($0.input.messages.last?.text ?? "")") },
                onChunk: { chunk in
                    switch chunk.payload {
                    case .content(let text): log.add("content\(text)")
                    case .toolInput: break
                    case .toolCall: log.add("call")
                    case .toolResult: log.add("result")
                    case .usage: log.add("usage")
                    case .finish: log.add("finish")
                    default: log.add("other")
                    }
                },
                onCompletion: { log.add("completion \($0.text) \($0.steps)") })
        }
        _ = try await agent.run("?", id: "r1") { chunks in
            for chunk in chunks { if case .content(let text) = chunk.payload { log.add("emitted\(text)") } }
        }
        #expect(
            log.values == [
                "start forecaster r1 ?", "call", "result", "contentIt", "emittedIt", "content rains", "emitted rains",
                "completion It rains 2", "usage", "finish",
            ])
    }

    @Test func onStartCanRefuseTheRun() async throws {
        let model = ScriptedModel("Never said")
        let agent = StreamingAgent(model: model) { $0.hooks.onStart = { _ in throw Refused() } }
        let streamed = await agent.execute("?").read()
        #expect(streamed.error?.kind == .host)
        #expect(streamed.error?.underlying is Refused)
        #expect(
            streamed.payloads == [
                .error(Failure(kind: .host, retryable: false, message: "the hook onStart failed, which ended the run"))
            ])
        #expect(model.requests.isEmpty)
    }

    @Test func onChunkCanEndTheRun() async throws {
        let model = ScriptedModel("one two three four", batchSize: 3)
        let agent = StreamingAgent(model: model) {
            $0.hooks.onChunk = { if $0.content == " two" { throw Refused() } }
        }
        let streamed = await agent.execute("?").read()
        #expect(streamed.text == "one")
        #expect(streamed.error?.kind == .host)
        #expect(streamed.chunks.count == 2)
        #expect(model.openStreams == 0)
    }

    @Test func onCompletionDecidesWhetherTheRunWentWell() async throws {
        let agent = StreamingAgent(model: ScriptedModel("Fine")) { $0.hooks.onCompletion = { _ in throw Refused() } }
        let streamed = await agent.execute("?").read()
        #expect(streamed.error?.kind == .host)
        #expect(streamed.finish == nil)
        guard case .error? = streamed.chunks.last?.payload else {
            Issue.record("an error chunk must come last")
            return
        }
    }

    @Test func theConsumerOfAPushedRunCanEndIt() async throws {
        let model = ScriptedModel("one two three")
        let batches = Recorder<Int>()
        do throws(AgentError) {
            _ = try await StreamingAgent(model: model).run("?") { chunks in
                batches.add(chunks.count)
                throw Refused()
            }
            Issue.record("the run must fail")
        } catch {
            #expect(error.kind == .host)
            #expect(error.partial.text == "one")
        }
        // Who failed is told nothing more, not even of the failure.
        #expect(batches.values == [1])
        #expect(model.openStreams == 0)
    }

    @Test func instrumentationTellsTheStoryOfARun() async throws {
        let log = Recorder<String>()
        let clock = ManualClock()
        let model = ScriptedModel(
            ScriptedGeneration([.wait(.seconds(2)), .toolCall("weather", ["city": "Oslo"])]), "Rain", clock: clock)
        let agent = StreamingAgent(model: model, tools: [weather]) {
            $0.clock = clock
            $0.instrumentation = Instrumentation { event in
                switch event {
                case .streamOpened(let provider, let model, let attempt):
                    log.add("opened \(provider) \(model) \(attempt)")
                case .firstToken(_, _, let after): log.add("first \(after)")
                case .streamFinished(_, _, let finish, _): log.add("finished \(finish)")
                case .toolStarted(let name, _): log.add("tool \(name)")
                case .toolFinished(let name, _, let duration, let isError):
                    log.add("tool \(name) \(duration) \(isError)")
                default: break
                }
            }
        }
        async let streamed = agent.execute("?").read()
        try await clock.waitForSleepers()
        clock.advanceToNextDeadline()
        _ = await streamed
        #expect(
            log.values == [
                "opened scripted scripted 1", "finished tool-calls", "tool weather", "tool weather 0.0 seconds false",
                "opened scripted scripted 1", "first 0.0 seconds", "finished stop",
            ])
    }
}
