import AgentKit
import StreamCore
import Testing

@Suite struct OpenAIResponsesDecoderTests {
    static let created =
        #"{"type":"response.created","sequence_number":0,"response":{"id":"r1","model":"m","status":"in_progress"}}"#
    static let completed =
        #"{"type":"response.completed","response":{"id":"r1","status":"completed","output":[],"usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2}}}}"#

    static func decode(_ data: [String], end: String = completed) -> Decoded {
        Decoded(.openAIResponses, data: [created] + data + [end])
    }

    static func textDelta(_ text: String, _ item: Int = 0, _ part: Int = 0) -> String {
        #"{"type":"response.output_text.delta","output_index":\#(item),"content_index":\#(part),"delta":"\#(text)"}"#
    }

    static func textDone(_ text: String, _ item: Int = 0) -> String {
        #"{"type":"response.output_text.done","output_index":\#(item),"content_index":0,"text":"\#(text)"}"#
    }

    static func message(_ text: String, _ item: Int = 0) -> String {
        #"{"type":"response.output_item.done","output_index":\#(item),"item":{"type":"message","id":"m\#(item)","content":[{"type":"output_text","text":"\#(text)","annotations":[]}]}}"#
    }

    @Test func textIsToldOnce() {
        let expected: [ModelEvent] = [
            .responseStarted(ResponseMetadata(id: "r1", model: "m")), .content(block: 0, text: "Hi"),
            .blockFinished(block: 0), .usage(Usage(input: 9, cached: 4, output: 5, reasoning: 2)), .finish(.stop),
        ]
        #expect(Self.decode([Self.textDelta("Hi"), Self.textDone("Hi"), Self.message("Hi")]).events == expected)
        #expect(Self.decode([Self.textDone("Hi"), Self.message("Hi")]).events == expected)
        #expect(Self.decode([Self.message("Hi")]).events == expected)
        let whole =
            #"{"type":"response.completed","response":{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}],"usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2}}}}"#
        #expect(Self.decode([], end: whole).events == expected)
    }

    @Test func partsAndItemsAreBlocks() {
        let decoded = Self.decode([
            Self.textDelta("a", 0, 0), Self.textDelta("b", 0, 1), Self.textDelta("c", 1, 0), Self.textDelta("d", 0, 0),
        ])
        #expect(decoded.events.contains(.content(block: 0, text: "d")))
        #expect(decoded.blocks == [0, 1, 2])
        #expect(decoded.blocksAreClosed)
    }

    @Test func itemsWithoutAnIndexAreToldApartByID() {
        let decoded = Self.decode([
            #"{"type":"response.output_item.added","item":{"type":"message","id":"m1","content":[]}}"#,
            #"{"type":"response.output_text.delta","item_id":"m1","delta":"one"}"#,
            #"{"type":"response.output_text.done","item_id":"m1","text":"one"}"#,
            #"{"type":"response.output_item.done","item":{"type":"message","id":"m1","content":[{"type":"output_text","text":"one"}]}}"#,
            #"{"type":"response.output_text.delta","item_id":"m2","delta":"two"}"#,
        ])
        #expect(decoded.content == "onetwo")
        #expect(decoded.blocks == [0, 1])
    }

    @Test func reasoningGoesBackEncrypted() {
        let decoded = Self.decode([
            #"{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[]}}"#,
            #"{"type":"response.reasoning_summary_part.added","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}"#,
            #"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"first"}"#,
            #"{"type":"response.reasoning_summary_text.done","output_index":0,"summary_index":0,"text":"first"}"#,
            #"{"type":"response.reasoning_summary_part.done","output_index":0,"summary_index":0,"part":{}}"#,
            #"{"type":"response.reasoning_summary_part.added","output_index":0,"summary_index":1,"part":{"type":"summary_text","text":""}}"#,
            #"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":1,"delta":"second"}"#,
            #"{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs","status":"completed","encrypted_content":"ENC","summary":[{"type":"summary_text","text":"first"},{"type":"summary_text","text":"second"}]}}"#,
            Self.textDelta("x", 1),
        ])
        #expect(
            decoded.events[1...6] == [
                .reasoning(block: 0, text: "first"), .blockFinished(block: 0), .reasoning(block: 1, text: "second"),
                .providerData(
                    block: 1,
                    ProviderData(
                        provider: "openai-responses",
                        value: [
                            "type": "reasoning", "id": "rs", "encrypted_content": "ENC",
                            "summary": [
                                ["type": "summary_text", "text": "first"], ["type": "summary_text", "text": "second"],
                            ],
                        ])), .blockFinished(block: 1), .content(block: 2, text: "x"),
            ])
    }

    @Test func reasoningText() {
        let decoded = Self.decode([
            #"{"type":"response.reasoning_text.delta","output_index":0,"content_index":0,"delta":"hm"}"#,
            #"{"type":"response.reasoning_text.done","output_index":0,"content_index":0,"text":"hm"}"#,
            #"{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}}"#,
        ])
        #expect(decoded.reasoning == "hm")
        #expect(decoded.providerData.isEmpty)
    }

    static let added =
        #"{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":""}}"#

    @Test func callOnce() {
        let delta = #"{"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"x\":1}"}"#
        let done = #"{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"x\":1}"}"#
        let item =
            #"{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","call_id":"c","name":"f","arguments":"{\"x\":1}","status":"completed"}}"#
        for data in [[Self.added, delta, done, item], [Self.added, done, item], [Self.added, item], [item]] {
            let decoded = Self.decode(data)
            #expect(decoded.calls == [ToolCall(id: "c", name: "f", input: ["x": 1])])
            #expect(decoded.inputs == ["c": #"{"x":1}"#])
            #expect(decoded.finish == .toolCalls)
            #expect(decoded.blocksAreClosed)
        }
    }

    @Test func cutCall() {
        let incomplete =
            #"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}"#
        let delta = #"{"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"x\""}"#
        let item =
            #"{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","call_id":"c","name":"f","arguments":"","status":"incomplete"}}"#
        for data in [[Self.added, delta], [Self.added], [Self.added, item]] {
            let decoded = Self.decode(data, end: incomplete)
            #expect(decoded.calls.isEmpty)
            #expect(decoded.finish == .length)
            #expect(decoded.blocksAreClosed)
        }
        #expect(Self.decode([Self.added, delta]).error?.kind == .invalidOutput)
    }

    @Test func hostedTools() {
        let decoded = Self.decode([
            #"{"type":"response.output_item.done","output_index":0,"item":{"type":"web_search_call","id":"ws","status":"completed","action":{"type":"search","query":"q"}}}"#,
            #"{"type":"response.output_item.done","output_index":1,"item":{"type":"mcp_call","id":"mc","name":"tool","server_label":"s","arguments":"{\"a\":1}","output":null,"error":{"message":"no"}}}"#,
            #"{"type":"response.output_text.annotation.added","output_index":2,"content_index":0,"annotation":{"type":"url_citation","url":"u","title":"t"}}"#,
        ])
        #expect(decoded.calls.map(\.name) == ["web_search", "tool"])
        #expect(decoded.calls.filter(\.isProviderExecuted).count == 2)
        #expect(decoded.calls[1].input["arguments"] == ["a": 1])
        #expect(decoded.citations == [Citation(url: "u", title: "t")])
        #expect(decoded.providerData.count == 2)
        #expect(decoded.finish == .stop)
        #expect(decoded.blocksAreClosed)
    }

    @Test func refusals() {
        let delta = #"{"type":"response.refusal.delta","output_index":0,"content_index":0,"delta":"no"}"#
        let done = #"{"type":"response.refusal.done","output_index":0,"content_index":0,"refusal":"no way"}"#
        #expect(Self.decode([delta, done]).error?.message == "no")
        #expect(Self.decode([done]).error?.message == "no way")
        #expect(Self.decode([done]).error?.kind == .refused)
        let filtered =
            #"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"content_filter"}}}"#
        #expect(Self.decode([Self.textDelta("a")], end: filtered).error?.kind == .refused)
    }

    @Test(arguments: [
        (#"{"type":"error","code":"rate_limit_exceeded","message":"m","sequence_number":3}"#, FailureKind.rateLimited),
        (
            #"{"type":"error","error":{"type":"insufficient_quota","code":"insufficient_quota","message":"m"}}"#,
            .quotaExceeded
        ),
        (
            #"{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"m"}}}"#,
            .server
        ),
        (#"{"error":{"message":"m","code":401}}"#, .authentication),
    ])
    func failures(data: String, kind: FailureKind) {
        let decoded = Self.decode([Self.textDelta("a"), data])
        #expect(decoded.error?.kind == kind)
        #expect(decoded.error?.message == "m")
        #expect(decoded.finish == nil)
    }

    @Test func resumedInTheMidstOfAText() {
        let text =
            #"{"type":"response.output_text.delta","sequence_number":8,"output_index":0,"content_index":0,"delta":" there"}"#
        let resumed = Decoded(
            .openAIResponses, data: [text, Self.textDone("Hi there"), Self.message("Hi there"), Self.completed])
        #expect(resumed.content == " there")
        #expect(resumed.finish == .stop)
        let late =
            #"{"type":"response.output_text.done","sequence_number":9,"output_index":0,"content_index":0,"text":"Hi"}"#
        #expect(Decoded(.openAIResponses, data: [late, Self.message("Hi"), Self.completed]).content == "")
    }

    @Test func cursorsOnlyWhereThereIsSomethingToResume() {
        #expect(!Self.decode([Self.textDelta("a")]).events.contains { if case .cursor = $0 { true } else { false } })
        let background =
            #"{"type":"response.created","sequence_number":0,"response":{"id":"r1","background":true}}"#
        let delta = #"{"type":"response.output_text.delta","sequence_number":4,"output_index":0,"delta":"a"}"#
        let decoded = Decoded(.openAIResponses, data: [background, delta, Self.completed])
        #expect(
            decoded.events.prefix(4).dropFirst() == [
                .cursor(ResponseCursor(responseID: "r1", sequenceNumber: 0)), .content(block: 0, text: "a"),
                .cursor(ResponseCursor(responseID: "r1", sequenceNumber: 4)),
            ])
    }

    @Test func endWithoutCompletion() {
        let cut = Decoded(.openAIResponses, data: [Self.created, Self.textDelta("a"), "[DONE]"])
        #expect(cut.error?.kind == .truncated)
        #expect(cut.error?.isRetryable == true)
    }

    /// OpenAI so ends the calls that a program makes which the model wrote.
    @Test(arguments: [
        (#""type":"function_call","arguments":"{\"n\":1}""#, JSONValue.object(["n": 1])),
        (#""type":"function_call","arguments":"""#, .object(JSONObject())),
        (#""type":"custom_tool_call","input":"ls""#, "ls"),
    ])
    func aCallThatIsDoneIsMadeWhateverItsStatusSays(fields: String, input: JSONValue) {
        let item = #"{\#(fields),"call_id":"c1","name":"f","status":"in_progress"}"#
        let decoded = Self.decode([#"{"type":"response.output_item.done","output_index":0,"item":\#(item)}"#])
        #expect(decoded.calls == [ToolCall(id: "c1", name: "f", input: input)])
        #expect(decoded.finish == .toolCalls)
    }

    @Test func aCallInProgressWithinAnAnswerThatWasCutIsNotMade() {
        let decoded = Self.decode(
            [],
            end: """
                {"type":"response.incomplete","response":{"status":"incomplete","output":[{"type":"custom_tool_call",\
                "call_id":"c1","name":"f","input":"rm -r /tm","status":"in_progress"}]}}
                """)
        #expect(decoded.calls.isEmpty)
        #expect(decoded.finish == .length)
    }
}
