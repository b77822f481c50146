/// Judges a text by rules, without a model: how easily it is read, whether its length is right, how much it hedges, whether it is finished.
///
/// It is crude, fast and repeatable, and says what it found. Readability is the index LIX, which needs no dictionary and holds for European languages; hedges are words of English.
/// What cannot be judged (the readability of Chinese, say) is left out and does not count.
public struct TextQualityScorer: QualityScorer {
    /// What is expected of a text.
    public struct Expectations: Sendable, Hashable {
        /// How many words it should have.
        public var words: ClosedRange<Int>
        /// The largest index LIX at which it still counts as easy; 40 is ordinary prose.
        public var easyReading: Double
        /// Texts that must be in it, in any case: a product's name, say.
        public var mentions: [String]
        /// Whether it should end as a sentence does; not so for a headline.
        public var endsAsSentence: Bool

        /// Expectations from their parts.
        public init(
            words: ClosedRange<Int> = 20...400, easyReading: Double = 45, mentions: [String] = [],
            endsAsSentence: Bool = true
        ) {
            self.words = words
            self.easyReading = easyReading
            self.mentions = mentions
            self.endsAsSentence = endsAsSentence
        }
    }

    /// What is expected.
    public var expectations: Expectations
    /// `text`.
    public var name: String { "text" }

    /// How much of a text is looked at, in characters, from its beginning.
    public static let maxCharacters = 100_000

    /// A scorer with expectations.
    public init(_ expectations: Expectations = Expectations()) {
        self.expectations = expectations
    }

    /// Judges a text.
    public func score(_ text: String) async throws(QualityScorerError) -> QualityScore { judge(text) }

    /// Judges a text, at once.
    public func judge(_ text: String) -> QualityScore {
        let text = text.prefix(TextQualityScorer.maxCharacters)
        let measures = TextMeasures(text)
        guard measures.words > 0 else {
            return QualityScore(
                score: 0, dimensions: [(.length, 0), (.completeness, 0)],
                issues: [QualityScore.Issue(.completeness, "the text is empty")])
        }
        var marks: [Mark] = []
        if let mark = readability(measures) { marks.append(mark) }
        marks.append(length(measures))
        marks.append(hedging(measures))
        marks.append(completeness(text))
        let mean = marks.reduce(0) { $0 + $1.score } / Double(marks.count)
        let worst = marks.map(\.score).min() ?? 0
        return QualityScore(
            // A text that fails in one respect is not saved by the others: the mean, and the worst, count half each.
            score: (mean + worst) / 2, dimensions: marks.map { ($0.dimension, $0.score) },
            issues: marks.sorted { $0.score < $1.score }.flatMap(\.issues))
    }

    private struct Mark {
        var dimension: QualityScore.Dimension
        var score: Double
        var messages: [String] = []
        var issues: [QualityScore.Issue] { messages.map { QualityScore.Issue(dimension, $0) } }
    }

    // From 1 at what is easy to 0 thirty points above.
    private func readability(_ measures: TextMeasures) -> Mark? {
        guard let lix = measures.lix else { return nil }
        let score = min(1, max(0, 1 - (lix - expectations.easyReading) / 30))
        guard score < 1 else { return Mark(dimension: .readability, score: 1) }
        let length = measures.words / measures.sentences
        let share = 100 * measures.longWords / measures.words
        return Mark(
            dimension: .readability, score: score,
            messages: ["hard to read: \(length) words per sentence, \(share) % long words (LIX \(Int(lix.rounded())))"])
    }

    private func length(_ measures: TextMeasures) -> Mark {
        // Where words are not told apart, two characters count as one.
        let words = max(measures.words, measures.unspaced / 2)
        let (least, most) = (max(1, expectations.words.lowerBound), max(1, expectations.words.upperBound))
        if words < least {
            return Mark(
                dimension: .length, score: Double(words) / Double(least),
                messages: ["too short: \(words) words, at least \(least) are expected"])
        }
        guard words > most else { return Mark(dimension: .length, score: 1) }
        return Mark(
            dimension: .length, score: Double(most) / Double(words),
            messages: ["too long: \(words) words, at most \(most) are expected"])
    }

    // One hedge in a hundred words is ordinary; five more leave nothing.
    private func hedging(_ measures: TextMeasures) -> Mark {
        let rate = 100 * Double(measures.hedges) / Double(max(measures.words, 20))
        let score = min(1, max(0, 1 - (rate - 1) / 5))
        guard score < 1, let first = measures.firstHedge else { return Mark(dimension: .hedging, score: 1) }
        return Mark(
            dimension: .hedging, score: score,
            messages: ["\(measures.hedges) hedges in \(measures.words) words, '\(first)' the first"])
    }

    private func completeness(_ text: Substring) -> Mark {
        let findings = CompletenessCheck.findings(in: text, expectations)
        return Mark(
            dimension: .completeness, score: max(0, 1 - 0.4 * Double(findings.count)), messages: findings)
    }
}
