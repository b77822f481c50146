import AgentKit
import StreamCore
import Testing

@Suite struct OpenAIChatDecoderTests {
    static func chunk(_ delta: String, finish: String? = nil) -> String {
        let reason = finish.map { #""\#($0)""# } ?? "null"
        return
            #"{"id":"c1","model":"m","choices":[{"index":0,"delta":{\#(delta)},"finish_reason":\#(reason)}]}"#
    }

    static func decode(_ deltas: [String], finish: String = "stop") -> Decoded {
        Decoded(.openAIChat, data: deltas.map { chunk($0) } + [chunk("", finish: finish), "[DONE]"])
    }

    static func call(_ fields: String) -> String { #""tool_calls":[{\#(fields)}]"# }

    @Test(arguments: [
        ("stop", FinishReason.stop), ("length", .length), ("tool_calls", .toolCalls), ("function_call", .toolCalls),
        ("model_length", .length), ("eos", .stop), ("something_new", .other),
    ])
    func finishReason(word: String, reason: FinishReason) {
        #expect(Self.decode([#""content":"x""#], finish: word).finish == reason)
    }

    @Test func runsOfReasoningAndContentAreBlocks() {
        let decoded = Self.decode([
            #""role":"assistant","content":"""#, #""reasoning_content":"a","content":null"#,
            #""reasoning_content":"b","content":"""#, #""reasoning_content":null,"content":"c""#, #""content":"d""#,
            #""reasoning":"e""#, #""content":"f""#,
        ])
        #expect(
            decoded.events.dropFirst().dropLast() == [
                .reasoning(block: 0, text: "a"), .reasoning(block: 0, text: "b"), .blockFinished(block: 0),
                .content(block: 1, text: "c"), .content(block: 1, text: "d"), .blockFinished(block: 1),
                .reasoning(block: 2, text: "e"), .blockFinished(block: 2), .content(block: 3, text: "f"),
                .blockFinished(block: 3),
            ])
    }

    @Test func reasoningIsNotDoubled() {
        let both = Self.decode([
            #""reasoning":"We","reasoning_content":"We","reasoning_details":[{"type":"reasoning.text","text":"We","index":0}]"#,
            #""reasoning":" need","reasoning_details":[{"type":"reasoning.text","text":" need","index":0}]"#,
            #""reasoning":null,"reasoning_details":[{"type":"reasoning.text","text":"","signature":"sig","index":0}]"#,
            #""content":"x""#,
        ])
        #expect(both.reasoning == "We need")
        #expect(
            both.providerData == [
                [
                    "reasoning_details": [
                        ["type": "reasoning.text", "text": "We need", "index": 0, "signature": "sig"]
                    ]
                ]
            ])
        #expect(both.blocksAreClosed)
        let detailsOnly = Self.decode([
            #""reasoning_details":[{"type":"reasoning.summary","summary":"S","index":0}]"#,
            #""reasoning_details":[{"type":"reasoning.encrypted","data":"ENC","index":1}]"#,
        ])
        #expect(detailsOnly.reasoning == "S")
        #expect(detailsOnly.providerData.first?["reasoning_details"]?[1]?["data"] == "ENC")
    }

    @Test func parallelCallsWithIndices() {
        let decoded = Self.decode(
            [
                #""content":"Let me see""#,
                Self.call(#""index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}"#),
                Self.call(#""index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{\"y\""}"#),
                Self.call(#""index":0,"function":{"arguments":"{\"x\":"}"#),
                Self.call(#""index":1,"function":{"arguments":":2}"}"#),
                Self.call(#""index":0,"id":"a","function":{"name":"f","arguments":"1}"}"#),
            ], finish: "tool_calls")
        #expect(
            decoded.calls == [
                ToolCall(id: "a", name: "f", input: ["x": 1]), ToolCall(id: "b", name: "g", input: ["y": 2]),
            ])
        #expect(decoded.finish == .toolCalls)
        #expect(decoded.blocks == [0, 1, 2])
        #expect(decoded.blocksAreClosed)
    }

    @Test func callsWithoutIndices() {
        let byID = Self.decode(
            [
                Self.call(#""id":"a","function":{"name":"f","arguments":"{\"x\":1}"}"#),
                Self.call(#""id":"b","function":{"name":"f","arguments":"{\"x\":"}"#),
                Self.call(#""id":"b","function":{"arguments":"2}"}"#),
            ], finish: "tool_calls")
        #expect(byID.calls.map(\.input) == [["x": 1], ["x": 2]])
        let byOrder = Self.decode(
            [
                Self.call(#""function":{"name":"f","arguments":"{\"x\":"}"#),
                Self.call(#""function":{"arguments":"1}"}"#),
                Self.call(#""function":{"name":"g","arguments":{"y":2}}"#),
            ], finish: "tool_calls")
        #expect(byOrder.calls.map(\.input) == [["x": 1], ["y": 2]])
        #expect(byOrder.calls.map(\.id) == ["call_c1_0", "call_c1_1"])
    }

    @Test func wholeCallsOfTheSameIndexAreTwo() {
        let decoded = Self.decode(
            [
                Self.call(#""index":0,"id":"a","function":{"name":"f","arguments":"{}"}"#),
                Self.call(#""index":0,"id":"b","function":{"name":"f","arguments":"{}"}"#),
            ], finish: "stop")
        #expect(decoded.calls.map(\.id) == ["a", "b"])
        // Some servers say `stop` although calls wait.
        #expect(decoded.finish == .toolCalls)
    }

    @Test func nameThatComesLate() {
        let decoded = Self.decode(
            [
                Self.call(#""index":0,"id":"a","function":{"arguments":"{\"x\""}"#),
                Self.call(#""index":0,"function":{"name":"f","arguments":":1}"}"#),
            ], finish: "tool_calls")
        #expect(decoded.calls == [ToolCall(id: "a", name: "f", input: ["x": 1])])
        #expect(decoded.inputs["a"] == #"{"x":1}"#)
    }

    @Test func emptyAndCutInputs() {
        let empty = Self.call(#""index":0,"id":"a","function":{"name":"f","arguments":""}"#)
        #expect(Self.decode([empty], finish: "tool_calls").calls.map(\.input) == [[:]])
        #expect(Self.decode([empty], finish: "length").calls.isEmpty)
        let cut = Self.call(#""index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}"#)
        #expect(Self.decode([cut], finish: "length").finish == .length)
        #expect(Self.decode([cut], finish: "tool_calls").error?.kind == .invalidOutput)
        let whole = Self.call(#""index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}"#)
        let next = Self.call(#""index":1,"id":"b","function":{"name":"f","arguments":"{\"x\""}"#)
        #expect(Self.decode([whole, next], finish: "length").calls.map(\.id) == ["a"])
    }

    @Test func oldFunctionCall() {
        let decoded = Self.decode(
            [
                #""function_call":{"name":"f","arguments":""}"#, #""function_call":{"arguments":"{\"x\":"}"#,
                #""function_call":{"arguments":"1}"}"#,
            ], finish: "function_call")
        #expect(decoded.calls.map(\.input) == [["x": 1]])
        #expect(decoded.finish == .toolCalls)
    }

    @Test func contentInParts() {
        let decoded = Self.decode([
            #""content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]"#,
            #""content":[{"type":"thinking","thinking":"m"},{"type":"text","text":"Hi"},{"type":"reference","reference_ids":[1]}]"#,
        ])
        #expect(decoded.reasoning == "hmm")
        #expect(decoded.content == "Hi")
    }

    @Test func refusal() {
        let decoded = Self.decode([#""refusal":"I'm ""#, #""refusal":"sorry""#])
        #expect(decoded.error?.kind == .refused)
        #expect(decoded.error?.message == "I'm sorry")
        #expect(decoded.error?.isRetryable == false)
        #expect(Self.decode([#""content":"x""#], finish: "content_filter").error?.kind == .refused)
        // The refusal was whole, only the last event is missing.
        let cut = Decoded(.openAIChat, data: [Self.chunk(#""refusal":"no""#), Self.chunk("", finish: "stop")])
        #expect(cut.error?.kind == .refused)
    }

    @Test func endWithoutDone() {
        let complete = Decoded(.openAIChat, data: [Self.chunk(#""content":"x""#), Self.chunk("", finish: "stop")])
        #expect(complete.error?.kind == .truncated)
        #expect(complete.error?.isRetryable == false)
        let cut = Decoded(.openAIChat, data: [Self.chunk(#""content":"x""#)])
        #expect(cut.error?.kind == .truncated)
        #expect(cut.error?.isRetryable == true)
        #expect(Decoded(.openAIChat, []).error?.isRetryable == true)
    }

    @Test func onlyTheFirstChoice() {
        let decoded = Decoded(
            .openAIChat,
            data: [
                #"{"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"}}]}"#,
                #"{"choices":[{"index":1,"delta":{"content":"no"},"finish_reason":"stop"}]}"#,
                #"{"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}"#, "[DONE]",
            ])
        #expect(decoded.content == "yes")
        #expect(decoded.finish == .length)
    }

    @Test func logprobsStandBeforeTheirText() {
        let decoded = Decoded(
            .openAIChat,
            data: [
                #"{"choices":[{"index":0,"delta":{"content":""},"logprobs":{"content":[{"token":"\\xf0","logprob":-1}]}}]}"#,
                #"{"choices":[{"index":0,"delta":{"content":"😀"},"logprobs":{"content":[{"token":"\\x9f","logprob":0.001}]}}]}"#,
                Self.chunk("", finish: "stop"), "[DONE]",
            ])
        #expect(
            decoded.events[1...2] == [
                .logprobs(
                    block: 0, [TokenLogprob(token: "\\xf0", logprob: -1), TokenLogprob(token: "\\x9f", logprob: 0)]),
                .content(block: 0, text: "😀"),
            ])
    }

    @Test(arguments: [
        (
            #"{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":6}}"#,
            Usage(input: 10, cached: 6, output: 4)
        ),
        (
            #"{"prompt_tokens":10,"completion_tokens":4,"total_tokens":17,"completion_tokens_details":{"reasoning_tokens":3}}"#,
            Usage(input: 10, output: 7, reasoning: 3)
        ),
        (
            #"{"prompt_tokens":10,"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":9}}"#,
            Usage(input: 10, output: 2, reasoning: 2)
        ),
        (#"{"prompt_tokens":-5,"completion_tokens":1e99,"prompt_cache_hit_tokens":3}"#, Usage()),
    ])
    func usage(said: String, usage: Usage) {
        let decoded = Decoded(
            .openAIChat,
            data: [Self.chunk("", finish: "stop"), #"{"choices":[],"usage":\#(said)}"#, "[DONE]"])
        #expect(decoded.usage == usage)
        #expect(decoded.finish == .stop)
    }

    @Test(arguments: [
        (
            #"{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            FailureKind.quotaExceeded, false
        ),
        (#"{"error":{"message":"m","type":"tokens","code":"rate_limit_exceeded"}}"#, .rateLimited, true),
        (#"{"error":{"message":"m","code":"billing_hard_limit_reached"}}"#, .quotaExceeded, false),
        (#"{"error":{"message":"m","type":"server_error"}}"#, .server, true),
        (
            #"{"error":{"message":"m","type":"invalid_request_error","code":"context_length_exceeded"}}"#,
            .contextLength, false
        ),
        (
            #"{"error":{"code":502,"message":"m"},"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"error"}]}"#,
            .server, true
        ),
        (#"{"error":{"code":"429","message":"m"}}"#, .rateLimited, true),
        (#"{"error":{"code":400,"message":"m","type":"exceed_context_size_error"}}"#, .contextLength, false),
        (#"{"error":"m"}"#, .server, true),
        (#"{"object":"error","message":"m","type":"BadRequestError","code":400}"#, .invalidRequest, false),
        (#"{"object":"error","message":"m","type":"InternalServerError","code":500}"#, .server, true),
        (#"{"detail":"m"}"#, .server, true),
        (#"{"detail":[{"loc":["body"],"msg":"m"}]}"#, .server, true),
        (#"[{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}]"#, .overloaded, true),
        (
            #"{"choices":[{"index":0,"delta":{},"error":{"code":429,"message":"m"},"finish_reason":"error"}]}"#,
            .rateLimited, true
        ),
    ])
    func errorInASuccess(data: String, kind: FailureKind, isRetryable: Bool) {
        let decoded = Decoded(
            .openAIChat,
            data: [Self.chunk(#""content":"Hi""#), Self.chunk("", finish: "stop"), data, "[DONE]"])
        #expect(decoded.error?.kind == kind)
        #expect(decoded.error?.isRetryable == isRetryable)
        #expect(decoded.error?.message == "m")
        #expect(decoded.content == "Hi")
        #expect(decoded.finish == nil)
    }

    @Test func namedErrorEvent() {
        let body = "event: error\ndata: {\"message\":\"m\",\"status_code\":503}\n\ndata: [DONE]\n\n"
        #expect(Decoded(.openAIChat, body.utf8).error?.kind == .overloaded)
    }

    @Test(arguments: ModelDialect.allCases)
    func aFailureInPlainWords(dialect: ModelDialect) {
        let decoded = Decoded(dialect, "event: error\ndata: upstream went away\n\n".utf8)
        #expect(decoded.error?.kind == .server)
        #expect(decoded.error?.message == "upstream went away")
    }

    @Test(arguments: [[], ["{}"], [#"{"choices":[],"usage":null}"#]])
    func anEndAloneIsNoAnswer(before: [String]) {
        let decoded = Decoded(.openAIChat, data: before + ["[DONE]"])
        #expect(decoded.error?.kind == .truncated)
        #expect(decoded.error?.isRetryable == true)
    }

    @Test func noErrorAtAll() {
        let decoded = Decoded(
            .openAIChat,
            data: [
                #"{"error":null,"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}"#,
                #"{"error":"","choices":[],"usage":null}"#, "[DONE]",
            ])
        #expect(decoded.finish == .stop)
    }

    @Test func serverThatGivesUp() {
        #expect(Self.decode([], finish: "insufficient_system_resource").error?.kind == .overloaded)
    }

    @Test func brokenEvents() {
        let broken = Decoded(.openAIChat, data: [Self.chunk(#""content":"x""#), #"{"choices":[{]}"#, "[DONE]"])
        #expect(broken.error?.kind == .malformedResponse)
        #expect(broken.error?.message.contains("event 2") == true)
        #expect(broken.error?.message.contains("byte 13") == true)
        #expect(broken.content == "x")
        #expect(Decoded(.openAIChat, data: ["Internal Server Error"]).error?.kind == .malformedResponse)
        #expect(Decoded(.openAIChat, data: ["42"]).error?.kind == .malformedResponse)
    }

    @Test func invalidUTF8IsReplaced() {
        var body = Array(#"data: {"choices":[{"index":0,"delta":{"content":"aXb"}}]}"#.utf8)
        body[body.firstIndex(of: UInt8(ascii: "X"))!] = 0xFF
        let rest = Decoded.body([Self.chunk("", finish: "stop"), "[DONE]"])
        let decoded = Decoded(.openAIChat, body + [0x0A, 0x0A] + rest)
        #expect(decoded.content == "a\u{FFFD}b")
        #expect(decoded.finish == .stop)
    }

    @Test func lastBlankLineMayBeMissing() {
        var body = Decoded.body([Self.chunk(#""content":"x""#, finish: "stop"), "[DONE]"])
        #expect(Decoded(.openAIChat, body.dropLast(2)).finish == .stop)
        // Only the end is taken so: other bytes behind the last blank line are no event.
        body = Decoded.body([Self.chunk(#""content":"x""#), Self.chunk(#""content":"y""#)])
        #expect(Decoded(.openAIChat, body.dropLast(2)).content == "x")
    }
}
