import AgentKit
import AgentKitTesting
import StreamCore
import StreamTransport
import Testing
import WireProtocols

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A provider's response on the wire, event by event, and what it comes to when nothing cuts it.
struct WireStream: Sendable, CustomTestStringConvertible {
    let name: String
    let dialect: ModelDialect
    /// The body in pieces that end with an event each.
    let events: [[UInt8]]
    let whole: Decoded
    /// The text that readers are shown of it, without what its tags say to be reasoning.
    let text: String

    var testDescription: String { name }

    init(_ name: String, _ dialect: ModelDialect, _ body: [UInt8]) {
        self.name = name
        self.dialect = dialect
        events = WireStream.split(body)
        whole = Decoded(dialect, body)
        var assembler = ChunkAssembler()
        var chunks: [AgentChunk] = []
        assembler.append(whole.events, at: nil, to: &chunks)
        assembler.endResponse(at: nil, to: &chunks)
        text = chunks.map(\.content).joined()
    }

    init(_ name: String, _ dialect: ModelDialect, data: [String]) {
        self.init(name, dialect, Decoded.body(data))
    }

    /// What had come of it before it was cut after some events.
    func decoded(upTo count: Int) -> Decoded { Decoded(dialect, events[..<count].joined()) }

    /// The calls that the agent is to execute.
    var calls: [ToolCall] { whole.calls.filter { !$0.isProviderExecuted } }

    /// After how many events to cut: after each, of long ones at seeded random ones.
    var cuts: [Int] {
        guard events.count > 40 else { return Array(0..<events.count) }
        var random = SeededRandom(seed: 4)
        return Set(
            (0..<(getenv("SANITIZER") == nil ? 12 : 3)).map { _ in Int.random(in: 0..<events.count, using: &random) }
        ).sorted()
    }

    // An event ends with an empty line.
    private static func split(_ body: [UInt8]) -> [[UInt8]] {
        var events: [[UInt8]] = []
        var event: [UInt8] = []
        var isLineEmpty = true
        for byte in body {
            event.append(byte)
            if byte == UInt8(ascii: "\n") {
                if isLineEmpty {
                    events.append(event)
                    event = []
                }
                isLineEmpty = true
            } else if byte != UInt8(ascii: "\r") {
                isLineEmpty = false
            }
        }
        return event.isEmpty ? events : events + [event]
    }
}

extension WireStream {
    /// A short answer without calls in a dialect's own words.
    static func answer(_ text: String, _ dialect: ModelDialect) -> WireStream {
        let data: [String] =
            switch dialect {
            case .anthropic:
                [
                    AnthropicDecoderTests.start, AnthropicDecoderTests.textBlock, AnthropicDecoderTests.text(0, text),
                    AnthropicDecoderTests.stop(0),
                ] + AnthropicDecoderTests.end("end_turn")
            case .openAIChat:
                [
                    OpenAIChatDecoderTests.chunk(#""content":"\#(text)""#),
                    OpenAIChatDecoderTests.chunk("", finish: "stop"), usage(3, 4), "[DONE]",
                ]
            case .openAIResponses:
                [
                    OpenAIResponsesDecoderTests.created, OpenAIResponsesDecoderTests.textDelta(text),
                    OpenAIResponsesDecoderTests.message(text), OpenAIResponsesDecoderTests.completed,
                ]
            }
        return WireStream("answer", dialect, data: data)
    }

    private static func usage(_ input: Int, _ output: Int) -> String {
        #"{"id":"c1","model":"m","choices":[],"usage":{"prompt_tokens":\#(input),"completion_tokens":\#(output)}}"#
    }

    /// Every kind of block in each of the dialects: reasoning, text in several blocks, citations, two calls of tools.
    static let written: [WireStream] = [
        WireStream(
            "Anthropic Messages", .anthropic,
            data: [
                AnthropicDecoderTests.start,
                AnthropicDecoderTests.block(0, #""type":"thinking","thinking":"","signature":"""#),
                AnthropicDecoderTests.delta(0, #""type":"thinking_delta","thinking":"They want""#),
                AnthropicDecoderTests.delta(0, #""type":"thinking_delta","thinking":" two cities.""#),
                AnthropicDecoderTests.delta(0, #""type":"signature_delta","signature":"c2ln""#),
                AnthropicDecoderTests.stop(0),
                AnthropicDecoderTests.block(1, #""type":"redacted_thinking","data":"b3BhcXVl""#),
                AnthropicDecoderTests.stop(1),
                AnthropicDecoderTests.block(2, #""type":"text","text":"""#),
                AnthropicDecoderTests.text(2, "I look"), #"{"type":"ping"}"#,
                AnthropicDecoderTests.text(2, " both up."),
                AnthropicDecoderTests.delta(
                    2,
                    #""type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://example.org","title":"t","cited_text":"c"}"#
                ),
                AnthropicDecoderTests.stop(2),
                AnthropicDecoderTests.block(3, #""type":"text","text":"""#),
                AnthropicDecoderTests.text(3, " First Oslo"), AnthropicDecoderTests.text(3, ", then Bergen."),
                AnthropicDecoderTests.stop(3),
                AnthropicDecoderTests.block(4, #""type":"tool_use","id":"t1","name":"weather","input":{}"#),
                AnthropicDecoderTests.json(4, #"{\"city\":"#), AnthropicDecoderTests.json(4, #"\"Oslo\"}"#),
                AnthropicDecoderTests.stop(4),
                AnthropicDecoderTests.block(5, #""type":"tool_use","id":"t2","name":"weather","input":{}"#),
                AnthropicDecoderTests.json(5, #"{\"city\":\"Ber"#), AnthropicDecoderTests.json(5, #"gen\"}"#),
                AnthropicDecoderTests.stop(5),
            ] + AnthropicDecoderTests.end("tool_use")),
        WireStream(
            "Chat Completions", .openAIChat,
            data: [
                #""role":"assistant","content":"""#, #""reasoning_content":"They want""#,
                #""reasoning_content":" two cities.""#, #""content":"I look""#, #""content":" both up.""#,
                #""reasoning_content":"Then.""#, #""content":" First Oslo""#, #""content":", then Bergen.""#,
                OpenAIChatDecoderTests.call(
                    #""index":0,"id":"t1","type":"function","function":{"name":"weather","arguments":""}"#),
                OpenAIChatDecoderTests.call(#""index":0,"function":{"arguments":"{\"city\":"}"#),
                OpenAIChatDecoderTests.call(#""index":0,"function":{"arguments":"\"Oslo\"}"}"#),
                OpenAIChatDecoderTests.call(
                    #""index":1,"id":"t2","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Ber"}"#
                ),
                OpenAIChatDecoderTests.call(#""index":1,"function":{"arguments":"gen\"}"}"#),
            ].map { OpenAIChatDecoderTests.chunk($0) } + [
                OpenAIChatDecoderTests.chunk("", finish: "tool_calls"), usage(11, 22), "[DONE]",
            ]),
        WireStream("Responses", .openAIResponses, data: responses),
    ]

    /// A kept response of OpenAI's: each event has its number, after which it can be resumed.
    static let responses: [String] = [
        #""type":"response.created","response":{"id":"r1","model":"m","status":"in_progress","background":true}"#,
        #""type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[]}"#,
        #""type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"They want""#,
        #""type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":" two cities.""#,
        #""type":"response.reasoning_summary_text.done","output_index":0,"summary_index":0,"text":"They want two cities.""#,
        #""type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"They want two cities."}],"encrypted_content":"x"}"#,
        #""type":"response.output_item.added","output_index":1,"item":{"type":"message","id":"m1","content":[]}"#,
        #""type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"I look""#,
        #""type":"response.output_text.delta","output_index":1,"content_index":0,"delta":" both up.""#,
        #""type":"response.output_text.annotation.added","output_index":1,"content_index":0,"annotation":{"type":"url_citation","url":"https://example.org","title":"t"}"#,
        #""type":"response.output_text.done","output_index":1,"content_index":0,"text":"I look both up.""#,
        #""type":"response.output_text.delta","output_index":1,"content_index":1,"delta":" First Oslo""#,
        #""type":"response.output_text.delta","output_index":1,"content_index":1,"delta":", then Bergen.""#,
        #""type":"response.output_text.done","output_index":1,"content_index":1,"text":" First Oslo, then Bergen.""#,
        #""type":"response.output_item.done","output_index":1,"item":{"type":"message","id":"m1","content":[{"type":"output_text","text":"I look both up.","annotations":[]},{"type":"output_text","text":" First Oslo, then Bergen.","annotations":[]}]}"#,
        #""type":"response.output_item.added","output_index":2,"item":{"type":"function_call","id":"f1","call_id":"t1","name":"weather","arguments":""}"#,
        #""type":"response.function_call_arguments.delta","output_index":2,"delta":"{\"city\":""#,
        #""type":"response.function_call_arguments.delta","output_index":2,"delta":"\"Oslo\"}""#,
        #""type":"response.function_call_arguments.done","output_index":2,"arguments":"{\"city\":\"Oslo\"}""#,
        #""type":"response.output_item.done","output_index":2,"item":{"type":"function_call","id":"f1","call_id":"t1","name":"weather","arguments":"{\"city\":\"Oslo\"}","status":"completed"}"#,
        #""type":"response.output_item.added","output_index":3,"item":{"type":"function_call","id":"f2","call_id":"t2","name":"weather","arguments":""}"#,
        #""type":"response.function_call_arguments.delta","output_index":3,"delta":"{\"city\":\"Ber""#,
        #""type":"response.function_call_arguments.delta","output_index":3,"delta":"gen\"}""#,
        #""type":"response.output_item.done","output_index":3,"item":{"type":"function_call","id":"f2","call_id":"t2","name":"weather","arguments":"{\"city\":\"Bergen\"}","status":"completed"}"#,
        #""type":"response.completed","response":{"id":"r1","status":"completed","output":[],"usage":{"input_tokens":9,"output_tokens":30}}"#,
    ].enumerated().map { number, fields in "{\"sequence_number\":\(number),\(fields)}" }

    /// The recorded streams that end well, where they lie beside the package.
    static let recorded: [WireStream] = Expectation.all.compactMap { expected in
        guard case .finish = expected.end, let body = RecordedStreams.body(expected.file) else { return nil }
        return WireStream(expected.file, expected.dialect, body)
    }
}
