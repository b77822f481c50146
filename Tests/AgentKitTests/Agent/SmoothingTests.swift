import AgentKitTesting
import StreamCore
import Testing

@testable import AgentKit

@Suite struct SmoothingTests {
    private static let texts = [
        "The quick brown fox jumps over the lazy dog.",
        "One line\nand another\r\nand a third\n\n\nwith   spaces  and\ttabs ",
        "日本語の文章には空白がありません。漢字とカタカナとひらがな。",
        "Family 👨‍👩‍👧‍👦 and flag 🇳🇴 and e\u{301} combining, then nothing",
        String(repeating: "a", count: 500) + " end",
        " leading and trailing ", "\n", " ", "x",
    ]

    private static func cut(_ text: String, seed: UInt64) -> [String] {
        var random = SeededRandom(seed: seed)
        var pieces: [String] = []
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...7, using: &random)
            pieces.append(String(String.UnicodeScalarView(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    private static func smooth(_ chunks: [AgentChunk], _ smoothing: Smoothing) -> [AgentChunk] {
        var smoother = Smoother(smoothing)
        var result: [AgentChunk] = []
        for chunk in chunks { smoother.append(chunk, to: &result) }
        smoother.flush(to: &result)
        return result
    }

    @Test(arguments: texts, [Smoothing.words, .lines, Smoothing(.words, longestPiece: 1)])
    func neverLosesText(text: String, smoothing: Smoothing) {
        for seed in 0..<20 as Range<UInt64> {
            let chunks = Self.cut(text, seed: seed).map { AgentChunk(.content($0), block: 3) }
            let result = Self.smooth(chunks, smoothing)
            #expect(result.map(\.content).joined().unicodeScalars.elementsEqual(text.unicodeScalars))
            #expect(result.allSatisfy { !$0.content.isEmpty && $0.block == 3 })
        }
    }

    @Test func handsOutWholeWords() {
        let chunks = ["Str", "eam", "ing is", " fun, ", "is", "n't it?"].map { AgentChunk(.content($0), block: 0) }
        #expect(Self.smooth(chunks, .words).map(\.content) == ["Streaming ", "is ", "fun, ", "isn't ", "it?"])
    }

    @Test func handsOutAWordAsSoonAsItIsWhole() {
        var smoother = Smoother(.words)
        var result: [AgentChunk] = []
        smoother.append(AgentChunk(.content("one tw"), block: 0), to: &result)
        #expect(result.map(\.content) == ["one "])
        smoother.append(AgentChunk(.content("o "), block: 0), to: &result)
        #expect(result.map(\.content) == ["one ", "two "])
    }

    @Test func handsOutWholeLines() {
        let chunks = ["a\nb", "c\r", "\nd", "\n", "e"].map { AgentChunk(.content($0), block: 0) }
        #expect(Self.smooth(chunks, .lines).map(\.content) == ["a\n", "bc\r\n", "d\n", "e"])
    }

    @Test func cutsScriptsWithoutSpacesByCharacter() {
        let chunks = ["漢字", "かな"].map { AgentChunk(.content($0), block: 0) }
        #expect(Self.smooth(chunks, .words).map(\.content) == ["漢", "字", "か", "な"])
    }

    @Test(arguments: [Smoothing.words, .lines])
    func boundsWhatItHoldsBack(smoothing: Smoothing) {
        var smoother = Smoother(smoothing)
        var result: [AgentChunk] = []
        for _ in 0..<10_000 { smoother.append(AgentChunk(.content("x"), block: 0), to: &result) }
        #expect(result.reduce(0) { $0 + $1.content.count } >= 10_000 - smoothing.longestPiece - 1)
    }

    @Test func keepsTheOrderOfEverythingElse() {
        let call = AgentChunk(.toolInput(ToolInputDelta(callID: "c", toolName: "t", delta: "{")), block: 1)
        let chunks = [
            AgentChunk(.content("half a wo"), block: 0), call, AgentChunk(.content("rd"), block: 0),
            AgentChunk(.content("other"), block: 2), AgentChunk(.reasoning("hm"), block: 3),
        ]
        let result = Self.smooth(chunks, .words)
        #expect(result.map(\.block) == [0, 0, 0, 1, 0, 2, 3])
        #expect(result.map(\.content) == ["half ", "a ", "wo", "", "rd", "other", ""])
    }

    @Test func attachedReasoningStaysWithTheFirstPiece() {
        var first = AgentChunk(.content("two wor"), block: 0)
        first.attachedReasoning = "because"
        let result = Self.smooth([first, AgentChunk(.content("ds"), block: 0)], .words)
        #expect(result.map(\.attachedReasoning) == ["because", nil])
    }

    @Test func pacesOnTheClock() async throws {
        let clock = ManualClock()
        let model = ScriptedModel("one two three", batchSize: 100)
        let agent = StreamingAgent(model: model) {
            $0.clock = clock
            $0.smoothing = Smoothing(.words, delay: .milliseconds(40))
        }
        let task = Task { await agent.execute("?").read() }
        for _ in 0..<2 {
            try await clock.waitForSleepers()
            #expect(clock.advanceToNextDeadline() == .milliseconds(40))
        }
        let streamed = await task.value
        #expect(streamed.chunks.map(\.content) == ["one ", "two ", "three", "", ""])
    }

    @Test func interruptHandsOutWhatWaitsForItsPace() async throws {
        let clock = ManualClock()
        let model = ScriptedModel("one two three", batchSize: 100)
        let agent = StreamingAgent(model: model) {
            $0.clock = clock
            $0.smoothing = Smoothing(.words, delay: .milliseconds(40))
        }
        let task = Task { await agent.execute("?").read() }
        try await clock.waitForSleepers()
        agent.interrupt()
        let streamed = await task.value
        #expect(streamed.finish == .interrupted)
        #expect(streamed.text == "one two three")
    }
}
