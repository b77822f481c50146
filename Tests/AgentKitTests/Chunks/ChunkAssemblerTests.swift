import AgentKit
import StreamCore
import Testing

@Suite struct ChunkAssemblerTests {
    static func chunks(_ responses: [[ModelEvent]], _ options: ChunkOptions = ChunkOptions(confidence: .off))
        -> [AgentChunk]
    {
        var assembler = ChunkAssembler(options: options)
        var chunks: [AgentChunk] = []
        for events in responses {
            assembler.append(events, at: nil, to: &chunks)
            assembler.endResponse(at: nil, to: &chunks)
        }
        return chunks
    }

    @Test func blocksAreNumberedOverTheWholeRun() {
        let call = ToolCall(id: "c", name: "t", input: [:])
        let chunks = Self.chunks([
            [
                .responseStarted(ResponseMetadata()), .reasoning(block: 0, text: "r"), .content(block: 1, text: "a"),
                .reasoning(block: 0, text: "s"),
                .toolInput(block: 2, ToolInputDelta(callID: "c", toolName: "t", delta: "")),
                .blockFinished(block: 1), .toolCall(block: 2, call), .usage(Usage()), .finish(.toolCalls),
            ],
            [.content(block: 0, text: "b"), .finish(.stop)],
        ])
        #expect(chunks.map(\.block) == [0, 1, 0, 2, 2, 3])
        #expect(chunks.last?.content == "b")
    }

    @Test func tagsCutABlockIntoBlocksWithoutHoles() {
        let chunks = Self.chunks([
            [
                .content(block: 0, text: "<thi"), .content(block: 0, text: "nk>why</think>so <"),
                .blockFinished(block: 0),
            ]
        ])
        #expect(
            chunks == [
                AgentChunk(.reasoning("why"), block: 0), AgentChunk(.content("so "), block: 1),
                AgentChunk(.content("<"), block: 1),
            ])
    }

    @Test func whatIsHeldComesOutWhenAResponseBreaks() {
        #expect(Self.chunks([[.content(block: 0, text: "a<think")]]).map(\.content).joined() == "a<think")
    }

    @Test func reasoningMayBeAttachedToTheContentThatFollows() {
        let options = ChunkOptions(reasoning: .attached, confidence: .off)
        let chunks = Self.chunks(
            [
                [
                    .reasoning(block: 0, text: "x"), .reasoning(block: 0, text: "y"), .content(block: 1, text: "a"),
                    .content(block: 1, text: "b"),
                ],
                [.reasoning(block: 0, text: "left over")],
            ], options)
        #expect(
            chunks == [
                AgentChunk(.content("a"), block: 0, attachedReasoning: "xy"), AgentChunk(.content("b"), block: 0),
                AgentChunk(.reasoning("left over"), block: 1),
            ])
    }

    @Test func reasoningMayBeHidden() {
        let chunks = Self.chunks(
            [[.reasoning(block: 0, text: "x"), .content(block: 1, text: "a<think>b</think>c")]],
            ChunkOptions(reasoning: .hidden, confidence: .off))
        #expect(chunks == [AgentChunk(.content("a"), block: 0), AgentChunk(.content("c"), block: 1)])
    }

    @Test func confidenceComesFromLogprobsWhereThereAreAny() {
        let events: [ModelEvent] = [
            .logprobs(block: 0, [TokenLogprob(token: "a", logprob: 0)]), .content(block: 0, text: "a"),
        ]
        #expect(
            Self.chunks([events], ChunkOptions(confidence: .automatic))[0].confidence
                == Confidence(1, source: .logprobs))
        #expect(
            Self.chunks([events], ChunkOptions(confidence: .lexical))[0].confidence == Confidence(0.7, source: .lexical)
        )
        let none: [ModelEvent] = [.content(block: 0, text: "thus")]
        #expect(
            Self.chunks([none], ChunkOptions(confidence: .automatic))[0].confidence == Confidence(0.8, source: .lexical)
        )
        #expect(Self.chunks([none], ChunkOptions(confidence: .logprobs))[0].confidence == nil)
    }

    @Test func aToolsResultStandsInItsCallsBlock() {
        var assembler = ChunkAssembler()
        var chunks: [AgentChunk] = []
        assembler.append(
            [
                .toolCall(block: 0, ToolCall(id: "a", name: "t", input: [:])),
                .toolCall(block: 1, ToolCall(id: "b", name: "t", input: [:])),
            ],
            at: nil, to: &chunks)
        assembler.endResponse(at: nil, to: &chunks)
        assembler.append(
            ToolResult(callID: "b", toolName: "t", output: 1), at: Timestamp(millisecondsSince1970: 5), to: &chunks)
        assembler.append(ToolResult(callID: "unknown", toolName: "t", output: 1), at: nil, to: &chunks)
        #expect(chunks.map(\.block) == [0, 1, 1, 2])
        #expect(chunks[2].timestamp == Timestamp(millisecondsSince1970: 5))
    }
}
