import StreamCore
import Testing

@Suite struct TextQualityScorerTests {
    private static let plain = """
        The bakery opens at six. Every loaf is made by hand, from flour that comes from the mill next door. \
        We use salt, water and time, and nothing else. Come by in the morning, when the bread is still warm.
        """
    // A sentence of the kind that nobody should have to read.
    private static let bureaucratic = """
        Notwithstanding aforementioned considerations regarding organisational restructuring, stakeholders' representatives \
        acknowledged interdepartmental responsibilities concerning implementation methodologies, documentation requirements, \
        administrative accountability frameworks, procedural standardisation initiatives, comprehensive evaluation mechanisms.
        """

    private func judge(
        _ text: String, _ expectations: TextQualityScorer.Expectations = TextQualityScorer.Expectations()
    ) -> QualityScore { TextQualityScorer(expectations).judge(text) }

    @Test func goodPlainTextHasNoIssues() {
        let quality = judge(TextQualityScorerTests.plain)
        #expect(quality.score == 1)
        #expect(quality.issues == [])
        #expect(quality.dimensions.map(\.dimension) == [.readability, .length, .hedging, .completeness])
    }

    @Test func longWordsInLongSentencesAreHardToRead() throws {
        let quality = judge(TextQualityScorerTests.bureaucratic)
        let score = try #require(quality[.readability])
        #expect(score < 0.2)
        #expect(quality.issues.first?.dimension == .readability)
        #expect(quality.score < 0.5)
    }

    @Test(arguments: [
        ("Fresh bread.", 0.1), ("Fresh bread, made by hand and baked each day.", 0.45),
    ]) func tooFewWordsCountByTheirShare(text: String, expected: Double) throws {
        let score = try #require(judge(text)[.length])
        #expect(abs(score - expected) < 0.001)
    }

    @Test func tooManyWordsCountByTheirShare() throws {
        let text = String(repeating: "Bread is good. ", count: 100)
        let quality = judge(text, TextQualityScorer.Expectations(words: 1...150))
        #expect(quality[.length] == 0.5)
        #expect(quality.issues.contains { $0.dimension == .length && $0.message.contains("300 words") })
    }

    @Test func hedgesAreCounted() throws {
        let text = """
            Perhaps the bread might be good. It could possibly be made by hand, and it seems that the flour is probably \
            from the mill. Maybe you might come by, as it is usually warm in the morning.
            """
        let quality = judge(text)
        #expect(quality[.hedging] == 0)
        let issue = try #require(quality.issues.first { $0.dimension == .hedging })
        #expect(issue.message.contains("9 hedges"))
        #expect(issue.message.contains("'perhaps'"))
    }

    @Test(arguments: [
        ("\(plain) And in the", "middle of a sentence"), ("\(plain) [insert address here].", "filled in"),
        ("\(plain) Lorem ipsum dolor.", "filled in"), ("\(plain) We (all of us.", "'(' is not closed"),
        ("\(plain)\n```swift\nlet bread = 1", "'`' is not closed"), ("The date is TBD. \(plain)", "filled in"),
    ]) func whatIsUnfinishedIsNamed(text: String, issue: String) throws {
        let quality = judge(text)
        #expect(try #require(quality[.completeness]) < 1)
        #expect(quality.issues.contains { $0.dimension == .completeness && $0.message.contains(issue) })
    }

    @Test(arguments: [
        "\(plain) \"Try it!\"", "\(plain)\n```\nlet a = [1, (2\n```", "\(plain) (Closed on Mondays.)", "**\(plain)**",
        "\(plain) See [our page](https://example.org/a).", "The word outbdo is none. \(plain)",
    ]) func whatLooksUnfinishedAndIsNot(text: String) {
        #expect(judge(text)[.completeness] == 1)
    }

    @Test func whatMustBeMentionedIsLookedFor() {
        let expectations = TextQualityScorer.Expectations(mentions: ["Miller's", "salt"])
        let quality = judge(TextQualityScorerTests.plain, expectations)
        #expect(quality.issues.map(\.message) == ["'Miller's' is not mentioned"])
    }

    @Test func aHeadlineNeedsNoFullStop() {
        let expectations = TextQualityScorer.Expectations(words: 3...10, endsAsSentence: false)
        #expect(judge("Fresh bread, every single morning", expectations).score == 1)
    }

    @Test func scriptsWithoutBlanksAreJudgedByWhatCanBe() {
        let text = String(repeating: "毎朝パンを焼いています。", count: 8)
        let quality = judge(text)
        #expect(quality[.readability] == nil)
        #expect(quality[.length] == 1)
        #expect(quality[.completeness] == 1)
    }

    @Test(arguments: ["", " \n ", "…", "?!"]) func anEmptyTextScoresNothing(text: String) {
        #expect(judge(text).score == 0)
        #expect(judge(text).issues.map(\.message) == ["the text is empty"])
    }

    @Test func whateverTheTextTheScoreIsInItsRange() {
        var random = SplitMix(seed: 7)
        let alphabet = Array("ab cd.(]{`\n```?é漢'-[insert… ")
        for _ in 0..<300 {
            let text = String(
                (0..<Int.random(in: 0...200, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
            let quality = judge(text)
            #expect((0...1).contains(quality.score))
            #expect(quality.dimensions.allSatisfy { (0...1).contains($0.score) })
        }
    }
}

@Suite struct QualityScoreUpdateTests {
    private let update = QualityScoreUpdate(
        origin: ChunkOrigin(projectID: "site-1", agentID: "writer", runID: "run-7"), block: 1, scorer: "text",
        quality: QualityScore(
            score: 0.9, dimensions: [(.readability, 0.8), (.length, 1)],
            issues: [QualityScore.Issue(.readability, "hard to \"read\"")]),
        timestamp: Timestamp(millisecondsSince1970: 1_767_225_600_000))

    @Test func theJSONIsStable() throws {
        let text = """
            {"projectId":"site-1","agentId":"writer","runId":"run-7","type":"quality","block":1,"scorer":"text","score":0.9,\
            "dimensions":{"readability":0.8,"length":1.0},\
            "issues":[{"dimension":"readability","message":"hard to \\"read\\""}],"timestamp":1767225600000}
            """
        #expect(update.jsonValue.jsonString == text)
        #expect(QualityScoreUpdate(jsonValue: try JSONValue(parsing: text)) == update)
        let event = StreamEvent(update)
        #expect(event.type.rawValue == "agent:quality")
        #expect(event.source == "writer")
        #expect(String(decoding: event.payload, as: UTF8.self) == text)
    }

    @Test(arguments: ["scorer", "score", "dimensions", "issues", "timestamp", "runId", "type"])
    func whatLacksAMemberIsNone(name: String) throws {
        var object = try #require(update.jsonValue.objectValue)
        object[name] = nil
        #expect(QualityScoreUpdate(jsonValue: .object(object)) == nil)
    }

    @Test func numbersAreBroughtIntoTheirRange() {
        let quality = QualityScore(score: .nan, dimensions: [(.length, -1), (.hedging, 7)])
        #expect(quality.score == 0)
        #expect(quality[.length] == 0)
        #expect(quality[.hedging] == 1)
    }
}
