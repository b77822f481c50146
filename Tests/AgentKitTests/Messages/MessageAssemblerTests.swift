import AgentKit
import AgentKitTesting
import StreamCore
import Testing

@Suite struct MessageAssemblerTests {
    private static let data = ProviderData(provider: "p", value: ["proof": "x"])

    private func assemble(_ events: [ModelEvent]) -> MessageAssembler {
        var assembler = MessageAssembler()
        assembler.append(events)
        return assembler
    }

    @Test func joinsBlocksInTheOrderOfTheirAppearance() {
        let call = ToolCall(id: "c", name: "t", input: [1])
        let assembler = assemble([
            .responseStarted(ResponseMetadata(id: "r", model: "m")),
            .reasoning(block: 0, text: "a"), .content(block: 1, text: "one "), .reasoning(block: 0, text: "b"),
            .toolInput(block: 2, ToolInputDelta(callID: "c", toolName: "t", delta: "[1]")),
            .content(block: 1, text: "two"), .providerData(block: 0, Self.data), .toolCall(block: 2, call),
            .usage(Usage(input: 1)), .usage(Usage(input: 1, output: 9)), .finish(.toolCalls),
        ])
        #expect(assembler.message?.parts == [.reasoning("ab", Self.data), .text("one two"), .toolCall(call)])
        #expect(assembler.pendingCalls == [call])
        #expect(assembler.usage == Usage(input: 1, output: 9))
        #expect(assembler.finish == .toolCalls)
        #expect(assembler.metadata == ResponseMetadata(id: "r", model: "m"))
    }

    @Test func nothingIsNoTurn() {
        #expect(assemble([]).message == nil)
        #expect(assemble([.blockFinished(block: 0), .finish(.stop)]).message == nil)
        #expect(assemble([.usage(Usage(input: 1)), .finish(.stop)]).isEmpty)
    }

    @Test func aCutResponseKeepsWhatCanBeSentBack() {
        let call = ToolCall(id: "c", name: "t", input: [:])
        let hosted = ToolCall(id: "h", name: "search", input: [:], isProviderExecuted: true)
        let answered = ToolCall(id: "i", name: "search", input: [:], isProviderExecuted: true)
        let result = ToolResult(callID: "i", toolName: "search", output: "found")
        let assembler = assemble([
            .reasoning(block: 0, text: "whole"), .providerData(block: 0, Self.data), .blockFinished(block: 0),
            .toolCall(block: 1, answered), .providerData(block: 1, Self.data), .blockFinished(block: 1),
            .toolResult(block: 2, result), .providerData(block: 2, Self.data), .blockFinished(block: 2),
            .toolCall(block: 3, call), .blockFinished(block: 3),
            .toolCall(block: 4, hosted), .blockFinished(block: 4),
            .content(block: 5, text: "half"), .reasoning(block: 6, text: "half"),
            .toolInput(block: 7, ToolInputDelta(callID: "o", toolName: "t", delta: "{")),
        ])
        #expect(
            assembler.message?.parts == [
                .reasoning("whole", Self.data), .toolCall(answered), .opaque(Self.data), .toolResult(result),
                .opaque(Self.data), .toolCall(call), .text("half"),
            ])
        #expect(assembler.pendingCalls == [call])
    }

    @Test func countsWhatItHolds() {
        var assembler = MessageAssembler()
        for block in 0..<1000 { assembler.append(.blockFinished(block: block)) }
        #expect(assembler.byteCount >= 1000)
        let before = assembler.byteCount
        assembler.append(.content(block: 999, text: "four"))
        #expect(assembler.byteCount == before + 4)
    }

    @Test func takesBlockNumbersAsTheyCome() {
        let assembler = assemble([
            .content(block: 7, text: "a"), .content(block: -3, text: "b"), .content(block: 7, text: "c"),
            .content(block: .max, text: "d"), .finish(.stop),
        ])
        #expect(assembler.message?.parts == [.text("ac"), .text("b"), .text("d")])
    }

    @Test func collectsAStream() async throws {
        let model = ScriptedModel(ScriptedGeneration([.text("Fine")], usage: Usage(input: 2, output: 1)), "too long")
        let request = ModelRequest(messages: [.user("?")])
        let response = try await model.stream(request).collect()
        #expect(response.text == "Fine")
        #expect(response.usage == Usage(input: 2, output: 1))
        do throws(ModelError) {
            _ = try await model.stream(request).collect(byteLimit: 4)
            Issue.record("the response is longer")
        } catch {
            #expect(error.kind == .limitExceeded)
        }
    }
}
