import AgentKit
import AgentKitTesting
import StreamCore
import Testing

/// What a recorded stream must come to; the figures were computed apart from this package.
struct Expectation: Sendable, CustomTestStringConvertible {
    /// A text by its length in UTF-8 and its FNV-1a hash.
    struct Text: Sendable, Hashable {
        var count: Int
        var hash: UInt64

        static let none = Text(count: 0, hash: 0xcbf2_9ce4_8422_2325)

        init(count: Int, hash: UInt64) {
            self.count = count
            self.hash = hash
        }

        init(of text: String) {
            count = text.utf8.count
            hash = text.utf8.reduce(Text.none.hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
    }

    enum End: Sendable, Hashable {
        case finish(FinishReason)
        case error(FailureKind, isRetryable: Bool)
    }

    var file: String
    var dialect: ModelDialect
    var end: End
    var usage: Usage?
    var content = Text.none
    var reasoning = Text.none
    var calls: [String] = []

    var testDescription: String { file }
}

@Suite(.enabled(if: RecordedStreams.arePresent))
struct RecordedStreamTests {
    @Test(arguments: Expectation.all)
    func comesToWhatItShould(_ expected: Expectation) throws {
        let decoded = Decoded(expected.dialect, try #require(RecordedStreams.body(expected.file)))
        switch expected.end {
        case .finish(let reason): #expect(decoded.finish == reason)
        case .error(let kind, let isRetryable):
            #expect(decoded.error?.kind == kind)
            #expect(decoded.error?.isRetryable == isRetryable)
            #expect(decoded.finish == nil)
        }
        #expect(decoded.usage == expected.usage)
        #expect(Expectation.Text(of: decoded.content) == expected.content)
        #expect(Expectation.Text(of: decoded.reasoning) == expected.reasoning)
        #expect(decoded.calls.map { "\($0.name) \($0.input)" } == expected.calls)
        if decoded.error == nil { #expect(decoded.blocksAreClosed) }
    }

    /// Short ones at every split into two, all byte by byte, long ones at seeded random cuts.
    @Test(arguments: Expectation.all)
    func isTheSameForEveryCut(_ expected: Expectation) throws {
        let body = try #require(RecordedStreams.body(expected.file))
        let whole = Decoded(expected.dialect, body)
        #expect(Decoded(expected.dialect, pieces: body.indices.map { body[$0...$0] }) == whole)
        var random = SeededRandom(seed: 42)
        let places =
            body.count < 2_500
            ? Array(0...body.count)
            : (0..<(300_000 / body.count)).map { _ in Int.random(in: 0...body.count, using: &random) }
        for place in places {
            let decoded = Decoded(expected.dialect, pieces: [body[..<place], body[place...]])
            guard decoded == whole else {
                Issue.record("differs when cut at \(place)")
                return
            }
        }
        for round in 0..<(body.count < 20_000 ? 20 : 4) {
            var pieces: [ArraySlice<UInt8>] = []
            var rest = body[...]
            while !rest.isEmpty {
                let size = Int.random(in: 0...(round % 2 == 0 ? 60 : 4_000), using: &random)
                pieces.append(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(Decoded(expected.dialect, pieces: pieces) == whole)
        }
    }

    /// Events that repeat the one before with another text are not parsed again, which must make no difference.
    @Test(arguments: Expectation.all)
    func isTheSameWhenEveryEventIsParsed(_ expected: Expectation) throws {
        let body = try #require(RecordedStreams.body(expected.file))
        #expect(Decoded(expected.dialect, pieces: [body[...]], parsesAll: true) == Decoded(expected.dialect, body))
    }

    /// What a stream lacks at its end is never taken for an answer.
    @Test(arguments: Expectation.all)
    func isNoSuccessWhenCutOff(_ expected: Expectation) throws {
        guard case .finish = expected.end else { return }
        let body = try #require(RecordedStreams.body(expected.file))
        let step = max(1, body.count / 100)
        // Up to the last byte of the terminal event's data.
        let end = (body.lastIndex { $0 > 0x20 } ?? 0)
        for place in stride(from: 0, through: end, by: step) {
            let decoded = Decoded(expected.dialect, body[..<place])
            #expect(decoded.error?.kind == .truncated, "cut at \(place)")
            #expect(decoded.finish == nil)
        }
    }

    @Test func resumedStreamIsTheTailOfTheFullOne() throws {
        let full = Decoded(.openAIResponses, try #require(RecordedStreams.body("openai-responses-background-full.sse")))
        let resumed = Decoded(
            .openAIResponses,
            try #require(RecordedStreams.body("openai-responses-background-resumed-starting_after-0.sse")))
        let cursor = try #require(full.events.firstIndex { if case .cursor = $0 { true } else { false } })
        #expect(Array(full.events[(cursor + 1)...]) == resumed.events)
        #expect(resumed.finish == .stop)
    }

    @Test func webSearchIsTheProvidersAndGoesBack() throws {
        let decoded = Decoded(.anthropic, try #require(RecordedStreams.body("anthropic-web-search-citations.sse")))
        #expect(!decoded.calls.contains { !$0.isProviderExecuted })
        let results = decoded.events.compactMap { if case .toolResult(_, let result) = $0 { result } else { nil } }
        #expect(results.map(\.callID) == decoded.calls.map(\.id))
        #expect(results.allSatisfy { $0.toolName == "web_search" && !$0.isError })
        #expect(decoded.citations.count == 9)
        #expect(decoded.citations.first?.url == "https://www.npr.org/sections/news/")
        #expect(decoded.blocks == Array(0...21))
        let types = ["server_tool_use", "web_search_tool_result"]
        #expect(decoded.providerData.map { $0["type"]?.stringValue } == types + types)
        #expect(decoded.providerData[0]["input"]?["query"] == "top world news today")
    }

    @Test func signedReasoningGoesBackWhole() throws {
        let decoded = Decoded(.anthropic, try #require(RecordedStreams.body("anthropic-thinking.sse")))
        let block = try #require(decoded.providerData.first)
        #expect(block["thinking"]?.stringValue == decoded.reasoning)
        #expect(block["signature"]?.stringValue?.isEmpty == false)
        let redacted = Decoded(.anthropic, try #require(RecordedStreams.body("anthropic-redacted-thinking.sse")))
        #expect(redacted.providerData.map { $0["type"] } == ["redacted_thinking", "redacted_thinking"])
    }
}

extension Expectation {
    static let all: [Expectation] = [
        Expectation(
            file: "anthropic-basic.sse", dialect: .anthropic, end: .finish(.stop), usage: Usage(input: 11, output: 6),
            content: Text(count: 12, hash: 0x8923_63dd_056b_c108)),
        Expectation(
            file: "anthropic-max-tokens-inside-tool-json.sse", dialect: .anthropic, end: .finish(.length),
            usage: Usage(input: 450, output: 124), content: Text(count: 135, hash: 0x74ab_bf5c_e049_e866)),
        Expectation(
            file: "anthropic-redacted-thinking.sse", dialect: .anthropic, end: .finish(.stop),
            usage: Usage(input: 92, output: 189), content: Text(count: 359, hash: 0x4b6b_36c1_411a_ffe4)),
        Expectation(
            file: "anthropic-refusal-sdk.sse", dialect: .anthropic, end: .error(.refused, isRetryable: false),
            usage: Usage(input: 20)),
        Expectation(
            file: "anthropic-thinking.sse", dialect: .anthropic, end: .finish(.stop),
            usage: Usage(input: 43, output: 282), content: Text(count: 1_021, hash: 0x848a_6094_9414_9b00),
            reasoning: Text(count: 202, hash: 0x8174_a50e_a197_f460)),
        Expectation(
            file: "anthropic-tool-use.sse", dialect: .anthropic, end: .finish(.toolCalls),
            usage: Usage(input: 377, output: 65), content: Text(count: 48, hash: 0x28ff_b7d8_1b99_bf89),
            calls: [#"get_weather {"location":"Paris"}"#]),
        Expectation(
            file: "anthropic-web-search-citations.sse", dialect: .anthropic, end: .finish(.stop),
            usage: Usage(input: 31_772, output: 644), content: Text(count: 1_794, hash: 0x64a6_dd03_8276_1648),
            calls: [
                #"web_search {"query":"top world news today"}"#,
                #"web_search {"query":"breaking news headlines August 14 2025"}"#,
            ]),
        Expectation(
            file: "deepseek-reasoning-emoji.sse", dialect: .openAIChat, end: .finish(.stop),
            usage: Usage(input: 6, output: 212, reasoning: 198), content: Text(count: 43, hash: 0xb063_ffdf_19b1_baca),
            reasoning: Text(count: 882, hash: 0xe9f5_fb14_c955_387a)),
        Expectation(
            file: "derived-anthropic-eof-after-message-delta.sse", dialect: .anthropic,
            end: .error(.truncated, isRetryable: false), usage: Usage(input: 11, output: 6),
            content: Text(count: 12, hash: 0x8923_63dd_056b_c108)),
        Expectation(
            file: "derived-anthropic-first-event-overloaded.sse", dialect: .anthropic,
            end: .error(.overloaded, isRetryable: true)),
        Expectation(
            file: "derived-anthropic-midstream-overloaded.sse", dialect: .anthropic,
            end: .error(.overloaded, isRetryable: true), usage: Usage(input: 11, output: 1),
            content: Text(count: 11, hash: 0x98d9_9791_47cf_66f9)),
        Expectation(
            file: "derived-anthropic-truncated-no-message-stop.sse", dialect: .anthropic,
            end: .error(.truncated, isRetryable: true), usage: Usage(input: 11, output: 1),
            content: Text(count: 12, hash: 0x8923_63dd_056b_c108)),
        Expectation(
            file: "derived-lone-surrogate-escapes.sse", dialect: .anthropic, end: .finish(.stop),
            usage: Usage(input: 3, output: 40), content: Text(count: 6, hash: 0x99ec_ec84_2824_7009)),
        Expectation(
            file: "derived-unicode-stress.sse", dialect: .anthropic, end: .finish(.stop),
            usage: Usage(input: 3, output: 40), content: Text(count: 152, hash: 0xa80e_96e9_9f0d_9575)),
        Expectation(
            file: "groq-midstream-error-after-text.sse", dialect: .openAIChat,
            end: .error(.invalidRequest, isRetryable: false), content: Text(count: 5, hash: 0x531a_b7a4_be7b_f10b),
            reasoning: Text(count: 361, hash: 0x90a1_6561_1081_a135)),
        Expectation(
            file: "groq-tool-call.sse", dialect: .openAIChat, end: .finish(.toolCalls),
            usage: Usage(input: 210, output: 15), calls: ["weather {}"]),
        Expectation(
            file: "huggingface-think-tags-inline.sse", dialect: .openAIChat, end: .finish(.stop),
            usage: Usage(input: 10, output: 955), content: Text(count: 4_026, hash: 0x5488_51b1_ad77_2ba4)),
        Expectation(
            file: "mistral-reasoning.sse", dialect: .openAIChat, end: .finish(.stop),
            usage: Usage(input: 10, output: 46), content: Text(count: 9, hash: 0x41e9_31da_82c3_78e5),
            reasoning: Text(count: 60, hash: 0xf6b6_1ec3_9b71_d832)),
        Expectation(
            file: "openai-chat-length.sse", dialect: .openAIChat, end: .finish(.length),
            usage: Usage(input: 79, output: 1), content: Text(count: 2, hash: 0x08f4_1c07_b58f_ca48)),
        Expectation(
            file: "openai-chat-logprobs.sse", dialect: .openAIChat, end: .finish(.stop),
            usage: Usage(input: 9, output: 2), content: Text(count: 4, hash: 0x07a0_5085_0d95_f502)),
        Expectation(
            file: "openai-chat-parallel-tools.sse", dialect: .openAIChat, end: .finish(.toolCalls),
            usage: Usage(input: 76, output: 24),
            calls: [#"GetWeatherArgs {"city":"Edinburgh","country":"UK","units":"c"}"#]),
        Expectation(
            file: "openai-chat-refusal.sse", dialect: .openAIChat, end: .error(.refused, isRetryable: false),
            usage: Usage(input: 79, output: 11)),
        Expectation(
            file: "openai-chat-text.sse", dialect: .openAIChat, end: .finish(.toolCalls),
            usage: Usage(input: 53, output: 15), calls: [#"get_capital {"country":"UK"}"#]),
        Expectation(
            file: "openai-responses-background-continuation-0.sse", dialect: .openAIResponses, end: .finish(.stop),
            usage: Usage(input: 15, output: 9), content: Text(count: 15, hash: 0x8395_24f9_4d3d_1873)),
        Expectation(
            file: "openai-responses-background-full.sse", dialect: .openAIResponses, end: .finish(.stop),
            usage: Usage(input: 15, output: 9), content: Text(count: 15, hash: 0x8395_24f9_4d3d_1873)),
        Expectation(
            file: "openai-responses-background-resumed-starting_after-0.sse", dialect: .openAIResponses,
            end: .finish(.stop), usage: Usage(input: 15, output: 9),
            content: Text(count: 15, hash: 0x8395_24f9_4d3d_1873)),
        Expectation(
            file: "openai-responses-error-quota.sse", dialect: .openAIResponses,
            end: .error(.quotaExceeded, isRetryable: false)),
        Expectation(
            file: "openai-responses-logprobs.sse", dialect: .openAIResponses, end: .finish(.stop),
            usage: Usage(input: 25, output: 10), content: Text(count: 46, hash: 0x6861_5e29_f54e_a4e4)),
        Expectation(
            file: "openai-responses-tool-call.sse", dialect: .openAIResponses, end: .finish(.toolCalls),
            usage: Usage(input: 255, output: 16), calls: [#"get_capital {"country":"France"}"#]),
        Expectation(
            file: "openrouter-midstream-error-with-comments.sse", dialect: .openAIChat,
            end: .error(.invalidRequest, isRetryable: false), reasoning: Text(count: 42, hash: 0xb052_a904_dca1_c348)),
    ]
}
