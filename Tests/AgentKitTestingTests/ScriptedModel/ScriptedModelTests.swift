import AgentKit
import AgentKitTesting
import StreamCore
import Testing

@Suite struct ScriptedModelTests {
    private static let request = ModelRequest(messages: [.user("hello")])

    @Test func streamsTextTokenByToken() async throws {
        let model = ScriptedModel("Two words")
        var events: [ModelEvent] = []
        for try await event in model.stream(Self.request) { events.append(event) }
        #expect(
            events == [
                .content(block: 0, text: "Two"), .content(block: 0, text: " words"), .blockFinished(block: 0),
                .finish(.stop),
            ])
        #expect(model.requests == [Self.request])
        #expect(model.openStreams == 0)
    }

    @Test func numbersBlocksAndStreamsToolInput() async throws {
        let model = ScriptedModel(
            ScriptedGeneration(
                [.reasoning("Well"), .text("Let me see"), .toolCall("look", ["place": "here"])],
                usage: Usage(input: 3, output: 5)))
        var input = ""
        var blocks: [Int] = []
        var events: [ModelEvent] = []
        for try await event in model.stream(Self.request) {
            events.append(event)
            if case .toolInput(let block, let piece) = event {
                input += piece.delta
                blocks.append(block)
            }
        }
        #expect(input == #"{"place":"here"}"#)
        #expect(Set(blocks) == [2])
        #expect(events.contains(.toolCall(block: 2, ToolCall(id: "call-1-1", name: "look", input: ["place": "here"]))))
        #expect(events.suffix(2) == [.usage(Usage(input: 3, output: 5)), .finish(.toolCalls)])
    }

    @Test(arguments: [1, 2, 3, 100])
    func handsOutBatches(size: Int) async throws {
        let model = ScriptedModel("a b c d e", batchSize: size)
        var iterator = model.stream(Self.request).makeAsyncIterator()
        var sizes: [Int] = []
        while let batch = try await iterator.nextBatch() { sizes.append(batch.count) }
        #expect(sizes.reduce(0, +) == 7)
        #expect(sizes.dropLast().allSatisfy { $0 == min(size, 7) })
    }

    @Test func failsWhereTheScriptSaysSo() async throws {
        let error = ModelError(kind: .overloaded, message: "busy")
        let model = ScriptedModel(.failure(error), ScriptedGeneration([.text("a"), .fail(error)]))
        await #expect { try await model.stream(Self.request).collect() } throws: {
            ($0 as? ModelError)?.kind == .overloaded
        }
        var texts: [String] = []
        do throws(ModelError) {
            for try await event in model.stream(Self.request) {
                if case .content(_, let text) = event { texts.append(text) }
            }
            Issue.record("the second response should fail")
        } catch {
            #expect(error.kind == .overloaded)
        }
        #expect(texts == ["a"])
        #expect(model.openStreams == 0)
    }

    @Test func saysThatTheScriptHasRunOut() async throws {
        let model = ScriptedModel("only one")
        _ = try await model.stream(Self.request).collect()
        do throws(ModelError) {
            _ = try await model.stream(Self.request).collect()
            Issue.record("there is no second generation")
        } catch {
            #expect(error.kind == .invalidRequest)
            #expect(!error.isRetryable)
            #expect(error.message.contains("1 generations") && error.message.contains("number 2"))
        }
    }

    @Test func delaysOnTheClock() async throws {
        let clock = ManualClock()
        let model = ScriptedModel(
            ScriptedGeneration([.text("a b"), .wait(.seconds(5)), .text(" c")], tokenDelay: .seconds(1)), clock: clock)
        async let response = model.stream(Self.request).collect()
        var slept: [Duration] = []
        for _ in 0..<4 {
            try await clock.waitForSleepers()
            slept.append(clock.advanceToNextDeadline() ?? .zero)
        }
        #expect(try await response.text == "a b c")
        #expect(slept == [.seconds(1), .seconds(1), .seconds(5), .seconds(1)])
    }

    @Test func hangsUntilCancelled() async throws {
        let model = ScriptedModel(ScriptedGeneration([.text("a"), .hang]))
        let task = Task { try await model.stream(Self.request).collect() }
        task.cancel()
        await #expect { try await task.value } throws: { ($0 as? ModelError)?.kind == .cancelled }
        #expect(model.openStreams == 0)
    }

    @Test func droppingAnIterationEndsIt() async throws {
        let model = ScriptedModel("a b c")
        do {
            var iterator = model.stream(Self.request).makeAsyncIterator()
            _ = try await iterator.next()
            #expect(model.openStreams == 1)
        }
        #expect(model.openStreams == 0)
    }

    @Test func answersByAClosure() async throws {
        let model = ScriptedModel { request in .text("You said \(request.messages.last?.text ?? "nothing").") }
        #expect(try await model.stream(Self.request).collect().text == "You said hello.")
    }

    @Test(arguments: [
        "test", "hello", "What is a durable stream, and why should anybody want to have one at home?", "",
    ])
    func demoAnswersEverythingTheSameWay(prompt: String) async throws {
        let request = ModelRequest(messages: [.user(prompt)])
        let model = ScriptedModel.demo(tokenDelay: .zero)
        let first = try await model.stream(request).collect()
        let second = try await model.stream(request).collect()
        #expect(first == second)
        #expect(first.text.split(separator: ". ").count >= 3)
        #expect(first.usage.output > 20)
        if prompt == "test" { #expect(first.text.contains("test response")) }
    }
}
