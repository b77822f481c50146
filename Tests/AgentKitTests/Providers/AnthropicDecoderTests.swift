import AgentKit
import StreamCore
import Testing

@Suite struct AnthropicDecoderTests {
    static let start =
        #"{"type":"message_start","message":{"id":"msg_1","model":"claude","usage":{"input_tokens":5,"cache_read_input_tokens":20,"cache_creation_input_tokens":3,"output_tokens":1}}}"#

    static let otherStart =
        #"{"type":"message_start","message":{"id":"msg_2","model":"claude","usage":{"input_tokens":5,"output_tokens":1}}}"#

    static func block(_ index: Int, _ fields: String) -> String {
        #"{"type":"content_block_start","index":\#(index),"content_block":{\#(fields)}}"#
    }

    static func delta(_ index: Int, _ fields: String) -> String {
        #"{"type":"content_block_delta","index":\#(index),"delta":{\#(fields)}}"#
    }

    static func text(_ index: Int, _ text: String) -> String {
        delta(index, #""type":"text_delta","text":"\#(text)""#)
    }

    static func json(_ index: Int, _ escaped: String) -> String {
        delta(index, #""type":"input_json_delta","partial_json":"\#(escaped)""#)
    }

    static func stop(_ index: Int) -> String { #"{"type":"content_block_stop","index":\#(index)}"# }

    static func end(_ reason: String) -> [String] {
        [
            #"{"type":"message_delta","delta":{"stop_reason":"\#(reason)"},"usage":{"output_tokens":7}}"#,
            #"{"type":"message_stop"}"#,
        ]
    }

    static func decode(_ data: [String], end reason: String = "end_turn") -> Decoded {
        Decoded(.anthropic, data: [start] + data + end(reason))
    }

    static let textBlock = block(0, #""type":"text","text":"""#)

    @Test func usageHasTheCacheInItsInput() {
        let decoded = Self.decode([Self.textBlock, Self.text(0, "Hi"), Self.stop(0)])
        #expect(decoded.usage == Usage(input: 28, cached: 20, cacheWritten: 3, output: 7))
        #expect(decoded.events.first == .responseStarted(ResponseMetadata(id: "msg_1", model: "claude")))
        #expect(decoded.finish == .stop)
    }

    @Test func aStartThatIsRepeatedIsOne() {
        let decoded = Self.decode([Self.start, Self.textBlock, Self.text(0, "Hi"), Self.start, Self.stop(0)])
        #expect(decoded.events.count { if case .responseStarted = $0 { true } else { false } } == 1)
        #expect(decoded.content == "Hi")
        #expect(decoded.finish == .stop)
    }

    @Test func aStartAfterOneWithoutAnAnswerCounts() {
        let decoded = Self.decode([Self.otherStart, Self.textBlock, Self.text(0, "Hi"), Self.stop(0)])
        #expect(decoded.events.contains(.responseStarted(ResponseMetadata(id: "msg_2", model: "claude"))))
        #expect(decoded.content == "Hi")
        #expect(decoded.finish == .stop)
    }

    @Test(arguments: [otherStart, otherStart.replacing("\"id\":\"msg_2\",", with: "")])
    func anotherMessageWithinTheAnswerCutsIt(other: String) {
        let decoded = Self.decode([
            Self.textBlock, Self.text(0, "Half"), other, Self.textBlock, Self.text(0, "Whole"), Self.stop(0),
        ])
        #expect(decoded.content == "Half")
        #expect(decoded.error?.kind == .truncated)
        #expect(decoded.error?.isRetryable == true)
    }

    @Test(arguments: [
        ("end_turn", FinishReason.stop), ("stop_sequence", .stop), ("max_tokens", .length),
        ("model_context_window_exceeded", .length), ("tool_use", .toolCalls), ("pause_turn", .paused),
        ("something_new", .other),
    ])
    func finishReason(word: String, reason: FinishReason) {
        #expect(Self.decode([], end: word).finish == reason)
    }

    @Test func interleavedBlocksStayApart() {
        let decoded = Self.decode(
            [
                Self.block(4, #""type":"thinking","thinking":"","signature":"""#),
                Self.block(9, #""type":"tool_use","id":"a","name":"f","input":{}"#),
                Self.block(2, #""type":"text","text":"""#), Self.json(9, #"{\"x\""#), Self.text(2, "one "),
                Self.delta(4, #""type":"thinking_delta","thinking":"hm""#), Self.json(9, ":1}"), Self.stop(9),
                Self.text(2, "two"), Self.delta(4, #""type":"signature_delta","signature":"sig""#), Self.stop(4),
                Self.stop(2),
            ], end: "tool_use")
        #expect(decoded.content == "one two")
        #expect(decoded.events.contains(.content(block: 2, text: "two")))
        #expect(decoded.events.contains(.reasoning(block: 0, text: "hm")))
        #expect(decoded.calls == [ToolCall(id: "a", name: "f", input: ["x": 1])])
        #expect(decoded.providerData == [["type": "thinking", "thinking": "hm", "signature": "sig"]])
        #expect(decoded.blocksAreClosed)
    }

    @Test func emptyInputIsAnEmptyObject() {
        let tool = Self.block(0, #""type":"tool_use","id":"a","name":"f","input":{}"#)
        #expect(Self.decode([tool, Self.json(0, ""), Self.stop(0)], end: "tool_use").calls.map(\.input) == [[:]])
        // Another block behind it shows that it was not cut.
        let more = [tool, Self.stop(0), Self.block(1, #""type":"text","text":"""#), Self.text(1, "a"), Self.stop(1)]
        #expect(Self.decode(more, end: "max_tokens").calls.map(\.input) == [[:]])
        // Cut before its input: nobody knows what it would have been.
        let cut = Self.decode([tool, Self.stop(0)], end: "max_tokens")
        #expect(cut.calls.isEmpty)
        #expect(cut.finish == .length)
        #expect(cut.blocksAreClosed)
    }

    @Test(arguments: [true, false]) func incompleteInputIsNoCall(isStopped: Bool) {
        let tool = Self.block(0, #""type":"tool_use","id":"a","name":"f","input":{}"#)
        let data = [tool, Self.json(0, #"{\"x\": [1,"#)] + (isStopped ? [Self.stop(0)] : [])
        let cut = Self.decode(data, end: "max_tokens")
        #expect(cut.calls.isEmpty)
        #expect(cut.finish == .length)
        #expect(cut.blocksAreClosed)
        let broken = Self.decode(data, end: "tool_use")
        #expect(broken.calls.isEmpty)
        #expect(broken.error?.kind == .invalidOutput)
        #expect(broken.finish == nil)
    }

    @Test func openCallIsNoCallThoughItsInputIsWhole() {
        let tool = Self.block(0, #""type":"tool_use","id":"a","name":"f","input":{}"#)
        #expect(Self.decode([tool, Self.json(0, "{}")], end: "max_tokens").calls.isEmpty)
    }

    @Test func inputThatComesWithTheStart() {
        let tool = Self.block(0, #""type":"tool_use","id":"a","name":"f","input":{"x":[1,2]}"#)
        let decoded = Self.decode([tool, Self.stop(0)], end: "tool_use")
        #expect(decoded.calls.map(\.input) == [["x": [1, 2]]])
        #expect(decoded.inputs["a"] == #"{"x":[1,2]}"#)
    }

    @Test func failedHostedTool() throws {
        let decoded = Self.decode([
            Self.block(0, #""type":"server_tool_use","id":"s","name":"web_fetch","input":{}"#),
            Self.json(0, #"{\"url\":\"u\"}"#), Self.stop(0),
            Self.block(
                1,
                #""type":"web_fetch_tool_result","tool_use_id":"s","content":{"type":"web_fetch_tool_result_error","error_code":"unavailable"}"#
            ),
            Self.stop(1),
        ])
        let result = decoded.events.compactMap { if case .toolResult(_, let result) = $0 { result } else { nil } }
        #expect(result.map(\.isError) == [true])
        #expect(result.map(\.toolName) == ["web_fetch"])
        #expect(decoded.calls.map(\.isProviderExecuted) == [true])
        #expect(decoded.providerData.count == 2)
    }

    @Test func surrogatesAreJoinedWithinABlockOnly() {
        let decoded = Self.decode([
            Self.textBlock, Self.block(1, #""type":"text","text":"""#), Self.text(0, #"a\ud83d"#),
            Self.text(1, #"b\ud83d"#), Self.text(0, #"\ude00"#), Self.stop(0), Self.stop(1),
        ])
        #expect(decoded.events.contains(.content(block: 0, text: "😀")))
        #expect(decoded.content == "ab😀\u{FFFD}")
        #expect(decoded.blocksAreClosed)
    }

    @Test func whatIsUnknownIsIgnored() {
        let decoded = Self.decode([
            #"{"type":"brand_new_event","x":[1,{"y":null}]}"#, #"{"type":"ping","more":1}"#, Self.textBlock,
            Self.delta(0, #""type":"new_delta","thing":1"#), Self.text(0, "Hi"), Self.stop(0), Self.stop(7),
            Self.block(1, #""type":"new_block","data":"x""#), Self.stop(1),
            Self.block(2, #""type":"other_block""#), Self.delta(2, #""type":"other_delta""#), Self.stop(2),
        ])
        #expect(decoded.content == "Hi")
        #expect(decoded.finish == .stop)
        // A block that came whole goes back, one with pieces that are not understood does not.
        #expect(decoded.providerData == [["type": "new_block", "data": "x"]])
    }

    @Test func textOfABlockThatNeverStartedIsNotLost() {
        let decoded = Self.decode([Self.text(3, "Hi"), Self.stop(3)])
        #expect(decoded.content == "Hi")
        #expect(decoded.blocksAreClosed)
    }

    @Test(arguments: [
        ("overloaded_error", FailureKind.overloaded, true), ("rate_limit_error", .rateLimited, true),
        ("api_error", .server, true), ("authentication_error", .authentication, false),
        ("permission_error", .permission, false), ("invalid_request_error", .invalidRequest, false),
        ("not_found_error", .notFound, false), ("request_too_large", .invalidRequest, false),
        ("billing_error", .quotaExceeded, false), ("timeout_error", .timeout, true),
    ])
    func errorInASuccess(type: String, kind: FailureKind, isRetryable: Bool) {
        let decoded = Decoded(
            .anthropic,
            data: [
                Self.start, Self.textBlock, Self.text(0, "Hi"),
                #"{"type":"error","error":{"type":"\#(type)","message":"no"},"request_id":"req_9"}"#,
                Self.text(0, " more"), #"{"type":"message_stop"}"#,
            ])
        #expect(decoded.error?.kind == kind)
        #expect(decoded.error?.isRetryable == isRetryable)
        #expect(decoded.error?.message == "no")
        #expect(decoded.error?.providerCode == type)
        #expect(decoded.error?.requestID == "req_9")
        #expect(decoded.content == "Hi")
    }

    @Test func nothingCountsBehindTheEnd() {
        let decoded = Decoded(
            .anthropic, data: [Self.start] + Self.end("end_turn") + [Self.text(0, "x"), "no JSON", "[DONE]"])
        #expect(decoded.finish == .stop)
        #expect(decoded.error == nil)
    }

    @Test func tooManyOpenBlocks() {
        let decoded = Self.decode((0..<300).map { Self.block($0, #""type":"text","text":"""#) })
        #expect(decoded.error?.kind == .malformedResponse)
    }
}
