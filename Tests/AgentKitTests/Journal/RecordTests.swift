import AgentKitTesting
import DurableLog
import StreamCore
import StreamRecovery
import Testing

@testable import AgentKit

@Suite struct RecordTests {
    private static let data = ProviderData(provider: "anthropic", value: ["signature": "s", "n": [1, 2.5, .null]])
    private static let call = ToolCall(id: "c\n1", name: "find", input: ["deep": [["x": "é\u{1F600}"]]])
    private static let parts: [Message.Part] = [
        .text("a \"quoted\" text\n"), .image(.url("https://example.org/a.png")),
        .image(.base64("AAEC", mediaType: "image/png")), .reasoning("hm", nil), .reasoning("", data),
        .toolCall(call), .toolCall(ToolCall(id: "h", name: "web", input: .null, isProviderExecuted: true)),
        .toolResult(ToolResult(callID: "c\n1", toolName: "find", output: .null)),
        .toolResult(ToolResult(callID: "c", toolName: "find", output: "no", isError: true)), .opaque(data),
    ]
    private static var start: RunStart {
        var settings = RequestSettings()
        settings.system = "Be brief."
        settings.toolChoice = .tool("find")
        settings.sampling = Sampling(
            temperature: 0.5, topP: 1, maxOutputTokens: 10, stopSequences: ["\n"], seed: -3)
        settings.responseSchema = ResponseSchema(name: "s", schema: ["type": "object"], isStrict: false)
        settings.reasoningEffort = .high
        settings.providerOptions = ["z": 1, "a": [true]]
        return RunStart(
            runID: "run", agent: "writer", agentID: "headline", project: "site/42", weight: 2.5, expectedTokens: 300,
            input: AgentInput(
                messages: [.user("?"), Message(role: .tool, parts: parts), Message(role: .assistant, parts: [])],
                metadata: ["user_id": "u", "b": ""]),
            settings: settings)
    }

    private static let entries: [RunEntry] = [
        .start(start),
        .attempt(RunEntry.Attempt(number: 3, step: 1, strategy: "prefill", provider: "p", model: "m")),
        .cursor(
            RunEntry.Position(
                cursor: ResponseCursor(responseID: "r", sequenceNumber: 7), provider: "p", model: "m", held: "wor")),
        .usage(Usage(input: 1, cached: 2, cacheWritten: 3, output: 4, reasoning: 5)),
        .parts(block: 4, parts), .parts(block: nil, [.opaque(data)]),
        .block(RunEntry.FinishedBlock(number: 0, isReasoning: true, text: "so")),
        .block(
            RunEntry.FinishedBlock(
                number: 2, isReasoning: false, text: "", citations: [Citation(url: "u", title: "t", citedText: "c")])),
        .turn(
            RunEntry.Turn(
                step: 0, message: Message(role: .assistant, parts: parts), finish: .toolCalls, usage: Usage(input: 1),
                byteCount: 12)),
        .turn(RunEntry.Turn(step: 9, message: nil, finish: FinishReason(rawValue: "odd"), usage: .zero, byteCount: 0)),
        .toolStarted(step: 1, index: 2, call: call, key: "k"),
        .toolFinished(step: 1, index: 2, ToolResult(callID: "c", toolName: "f", output: ["a"], isError: true)),
        .cancel(reason: "enough"), .pause(reason: "drained"), .end(.finished(.length)),
        .end(.failed(Failure(kind: .refused, retryable: true, message: "no"))),
    ]

    @Test(arguments: parts)
    func partsComeBackAsTheyWere(part: Message.Part) throws {
        #expect(try Message.Part(jsonValue: try JSONValue(parsing: part.jsonValue.jsonString)) == part)
    }

    @Test(arguments: entries)
    func recordsComeBackAsTheyWere(entry: RunEntry) throws {
        let event = entry.event(from: Self.start.origin)
        #expect(event.source == "headline")
        #expect((event.visibility == .public) == (event.type == .block))
        #expect(!event.payload.contains(UInt8(ascii: "\n")))
        let value = try JSONValue(parsing: event.payload)
        #expect(value["runId"] == "run")
        #expect(try RunEntry(type: event.type, runID: "run", value) == entry)
    }

    /// What is missing or of another type is an error that says so; unknown fields are none.
    @Test(arguments: entries)
    func damagedRecordsAreErrors(entry: RunEntry) throws {
        let event = entry.event(from: Self.start.origin)
        let object = try #require(try JSONValue(parsing: event.payload).objectValue)
        var more = object
        more["new"] = ["field"]
        #expect(try RunEntry(type: event.type, runID: "run", .object(more)) == entry)
        for key in object.keys {
            for value: JSONValue? in [nil, .null, 1, "text", [1], ["a": 1], -5, .number(.infinity)] {
                var damaged = object
                damaged[key] = value
                // Either an error of the right type, or a record; never a crash.
                _ = try? RunEntry(type: event.type, runID: "run", .object(damaged))
            }
        }
    }

    @Test func aToolsInputMayBeAsDeepAsItComes() throws {
        var input: JSONValue = "x"
        for _ in 0..<JSONLimits.default.maxDepth { input = [input] }
        let entry = RunEntry.toolStarted(step: 0, index: 0, call: ToolCall(id: "c", name: "t", input: input), key: "k")
        var fold = RunFold(runID: "run")
        let offset = try #require(Offset(index: 1))
        let logged = LoggedEvent(
            offset: offset, timestamp: Timestamp(millisecondsSince1970: 0), event: entry.event(from: Self.start.origin))
        try fold.apply(logged)
        #expect(fold.offset == offset)
    }

    @Test func anotherRunsEventsOnlyMoveTheOffset() throws {
        var fold = RunFold(runID: "other")
        let empty = fold
        for (index, entry) in Self.entries.enumerated() {
            let offset = try #require(Offset(index: UInt64(index + 1)))
            try fold.apply(
                LoggedEvent(
                    offset: offset, timestamp: Timestamp(millisecondsSince1970: 0),
                    event: entry.event(from: Self.start.origin)))
        }
        #expect(fold.start == nil && fold.messages == empty.messages && fold.attempts == 0)
        #expect(fold.offset.index == UInt64(Self.entries.count))
    }
}
