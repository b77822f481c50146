import AgentKit
import AgentKitTesting
import StreamCore
import Testing

/// Events that differ from the one before by their text alone are not parsed again: the result must be that of parsing.
@Suite struct RepeatedEventTests {
    static let prefix = #"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"#

    static func expectSame(_ events: [String], sourceLocation: SourceLocation = #_sourceLocation) {
        let head =
            #"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"# + "\n\n"
        let body = Array((head + events.map { $0 + "\n\n" }.joined()).utf8)
        let parsed = Decoded(.anthropic, pieces: [body[...]], parsesAll: true)
        #expect(Decoded(.anthropic, body) == parsed, sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        #""b"}}"#, #""b" } }   "#, #""""# + "}}", #""\n"}}"#, #""b\ud83d"}}"#, #""b"}"#, #""b"}}}"#, #""b"}} x"#,
        #""b","x":"c"}}"#, #""b}}"#, #""日本"}}"#, #""b"#, #""b"]}"#, "\"\u{1}\"}}", #"5}}"#,
    ])
    func laterEvents(_ rest: String) {
        let first = Self.prefix + #""a"}}"#
        Self.expectSame([first, Self.prefix + rest, first, Self.prefix + #""c" }   }"#])
    }

    @Test func halfACharacterIsNotForgotten() {
        Self.expectSame([
            Self.prefix + #""a"}}"#, Self.prefix + #""b\ud83d"}}"#, Self.prefix + #""c"}}"#,
            Self.prefix + #""\ude00"}}"#,
        ])
    }

    @Test func blockThatEndedIsNotAddedTo() {
        let delta = Self.prefix + #""a"}}"#
        Self.expectSame([delta, #"data: {"type":"content_block_stop","index":0}"#, delta, delta])
    }

    @Test func invalidUTF8() {
        let ending = Array("\"}}\n\n".utf8)
        let first = Array((Self.prefix + "\"a").utf8) + ending
        let second = Array((Self.prefix + "\"").utf8) + [0xC3, 0x28] + ending
        let body = first + second + first
        #expect(Decoded(.anthropic, body) == Decoded(.anthropic, pieces: [body[...]], parsesAll: true))
        #expect(Decoded(.anthropic, body).content == "a\u{FFFD}(a")
    }

    @Test func chatWithWhatever() {
        func chunk(_ delta: String, _ rest: String = "") -> String {
            #"{"id":"c","choices":[{"index":0,"delta":{\#(delta)}\#(rest)}]}"#
        }
        let body = Decoded.body([
            chunk(#""reasoning":"a""#), chunk(#""reasoning":"b""#), chunk(#""content":"c","reasoning":"d""#),
            chunk(#""content":"e","reasoning":"d""#), chunk(#""content":"f""#), chunk(#""content":"g""#),
            chunk(#""content":"h""#, #","logprobs":{"content":[{"token":"h","logprob":-1}]}"#),
            chunk(#""content":"i""#, #","logprobs":{"content":[{"token":"h","logprob":-1}]}"#),
            chunk(#""content":"j","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]"#),
            chunk(#""content":"k","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"}"}}]"#),
            chunk(#""content":"l""#, #","finish_reason":"stop""#),
            chunk(#""content":"m""#, #","finish_reason":"stop""#),
            "[DONE]",
        ])
        let decoded = Decoded(.openAIChat, body)
        #expect(decoded == Decoded(.openAIChat, pieces: [body[...]], parsesAll: true))
        #expect(decoded.content == "cefghijklm")
        #expect(decoded.reasoning == "abdd")
    }
}

extension RepeatedEventTests {
    /// Streams with a few bytes changed at random: parsed or not, the result is the same, errors and all.
    @Test(arguments: ModelDialect.allCases) func spoiledStreams(dialect: ModelDialect) {
        let texts = ["a", "b", " c", "日本", "d\\n", "e", "f", "g", "\\ud83d", "\\ude00", "h", "i"]
        let stream: [String] =
            switch dialect {
            case .anthropic:
                [AnthropicDecoderTests.start, AnthropicDecoderTests.textBlock]
                    + texts.map { AnthropicDecoderTests.text(0, $0) } + [AnthropicDecoderTests.stop(0)]
                    + AnthropicDecoderTests.end("end_turn")
            case .openAIChat:
                texts.map { OpenAIChatDecoderTests.chunk(#""content":"\#($0)""#) }
                    + [OpenAIChatDecoderTests.chunk("", finish: "stop"), "[DONE]"]
            case .openAIResponses:
                [OpenAIResponsesDecoderTests.created] + texts.map { OpenAIResponsesDecoderTests.textDelta($0) }
                    + [OpenAIResponsesDecoderTests.completed]
            }
        let body = Decoded.body(stream)
        let bytes = Array(#""\{}[],: x0"#.utf8) + [0x0A, 0xC3, 0xFF, 0x01]
        var random = SeededRandom(seed: 7)
        for round in 0..<1_500 {
            var spoiled = body
            for _ in 0...(round % 3) {
                spoiled[Int.random(in: 0..<body.count, using: &random)] = bytes.randomElement(using: &random) ?? 0
            }
            let parsed = Decoded(dialect, pieces: [spoiled[...]], parsesAll: true)
            guard Decoded(dialect, spoiled) == parsed else {
                Issue.record("differs: \(String(decoding: spoiled, as: UTF8.self))")
                return
            }
        }
    }
}
