import AgentKitTesting
import StreamCore
import StreamRecovery
import Testing

@Suite struct TranscriptTests {
    private static func event(_ payload: AgentChunk.Payload, block: Int? = nil, run: String = "run") -> StreamEvent {
        StreamEvent(
            AgentChunk(payload, block: block), from: ChunkOrigin(projectID: "project", agentID: "agent", runID: run))
    }

    private static func seam(dropping blocks: [Int], restart: Bool = false) -> StreamEvent {
        Seam(
            origin: Sample.origin, attempt: 1, strategy: restart ? .restart : .prefill, provider: "p", model: "m",
            droppedBlocks: blocks, superseded: restart ? Seam.Superseded(runID: "run", blocks: blocks) : nil,
            cause: .transport
        ).event
    }

    /// A run that breaks twice: once it goes on, once it starts anew.
    private static let events: [StreamEvent] = [
        event(.reasoning("hm"), block: 0), event(.content("Hello "), block: 1),
        event(.toolInput(ToolInputDelta(callID: "c", toolName: "t", delta: "{\"a")), block: 2),
        seam(dropping: [2]), event(.content("world."), block: 1), event(.content(" And"), block: 3),
        seam(dropping: [0, 1, 3], restart: true), event(.reasoning("hm!"), block: 4), event(.content("Good"), block: 5),
        event(.toolCall(ToolCall(id: "d", name: "t", input: ["x": 1])), block: 6), event(.content(" day"), block: 5),
        event(.finish(.stop)),
    ]

    @Test func dropsWhatSeamsDrop() throws {
        var transcript = Transcript()
        var texts: [String] = []
        for event in Self.events {
            try transcript.apply(event)
            texts.append(transcript[run: "run"]?.text ?? "")
        }
        #expect(
            texts == [
                "", "Hello ", "Hello ", "Hello ", "Hello world.", "Hello world. And", "", "", "Good", "Good",
                "Good day", "Good day",
            ])
        let run = try #require(transcript[run: "run"])
        #expect(run.blocks.map(\.id) == [4, 5, 6] && run.reasoning == "hm!" && run.isEnded && run.seams.count == 2)
        #expect(run.blocks.last?.type == "tool-call" && run.blocks.last?.text == #"{"x":1}"#)
    }

    /// Readers that lose their connection at any event, and see some of it twice, have the same as all others.
    @Test func everyReconnectionGivesTheSame() throws {
        let logged = Self.events.enumerated().compactMap { index, event in
            Offset(index: UInt64(index + 1)).map { ($0, event) }
        }
        var reference = Transcript()
        for (offset, event) in logged { try reference.apply(event, at: offset) }
        for cut in 0...logged.count {
            for back in 0...cut {
                var transcript = Transcript()
                for (offset, event) in logged[..<cut] { try transcript.apply(event, at: offset) }
                for (offset, event) in logged[back...] { try transcript.apply(event, at: offset) }
                #expect(transcript == reference)
            }
        }
    }

    /// The log was trimmed in the midst of a block: the event with its whole text makes good what was missed.
    @Test(arguments: 0...5)
    func lateReadersHaveTheWholeBlock(from start: Int) throws {
        let whole = StreamEvent(
            type: StreamEvent.EventType(rawValue: "agent:block"),
            payload: Array(#"{"runId":"run","type":"block","block":1,"content":"Hello world."}"#.utf8))
        let events =
            ["Hel", "lo ", "world", "."].map { Self.event(.content($0), block: 1) } + [whole]
            + [Self.event(.content(" And"), block: 2)]
        var transcript = Transcript()
        for event in events[start...] { try transcript.apply(event) }
        #expect(transcript[run: "run"]?.text == (start <= 4 ? "Hello world. And" : " And"))
    }

    @Test func lateChunksOfDroppedBlocksStayDropped() throws {
        var transcript = Transcript()
        try transcript.apply(Self.seam(dropping: [1]))
        try transcript.apply(Self.event(.content("ghost"), block: 1))
        #expect(transcript[run: "run"]?.text == "")
    }

    @Test func runsAreApartAndInternalsUnseen() throws {
        var transcript = Transcript()
        try transcript.apply(Self.event(.content("a"), block: 0, run: "one"))
        try transcript.apply(Self.event(.content("b"), block: 0, run: "two"))
        var secret = Self.event(.content("secret"), block: 0, run: "two")
        secret.visibility = .internal
        try transcript.apply(secret)
        #expect(transcript.runs.map(\.id) == ["one", "two"] && transcript.runs.map(\.text) == ["a", "b"])
        #expect(throws: EventFormatError.self) {
            try transcript.apply(StreamEvent(type: .content, payload: Array("{\"type\":\"content\"}".utf8)))
        }
        #expect(throws: EventFormatError.self) { try transcript.apply(StreamEvent(type: .content, payload: [1])) }
        try transcript.apply(StreamEvent(type: .progress, payload: [1]))
    }

    @Test func memoryIsBounded() throws {
        var transcript = Transcript(byteLimit: 1000)
        for block in 0..<1000 {
            try transcript.apply(Self.event(.content(String(repeating: "x", count: 100)), block: block))
            try transcript.apply(Self.event(.content(""), block: 0, run: "run \(block)"))
            try transcript.apply(Self.seam(dropping: [block + 5000]))
        }
        #expect(transcript.isCut && transcript.runs.count < 20)
        #expect(transcript.runs.reduce(0) { $0 + $1.text.utf8.count + $1.seams.count } < 1000)
    }
}
