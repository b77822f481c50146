import StreamCore
import Testing

@Suite struct ConfidenceTests {
    static func lexical(_ deltas: [String]) -> Double {
        var estimator = LexicalConfidence()
        for delta in deltas { estimator.append(delta) }
        return estimator.confidence.value
    }

    static let cases: [(String, Double)] = [
        ("", 0.7), ("It is.", 0.7), ("It is so because it is.", 0.8), ("Therefore: yes", 0.8), ("THUS", 0.8),
        ("enthusiasm", 0.7), ("thusly", 0.7), ("because_of", 0.7), ("As said [12].", 0.8), ("[]", 0.7), ("[1a]", 0.7),
        ("[ 1]", 0.7), ("a[3]", 0.8), ("[1", 0.7), ("[[1]]", 0.8), ("It might be", 0.6), ("perhaps, possibly", 0.6),
        ("It is because [1]", 0.9), ("It might be because of [1]", 0.8), ("éthus", 0.7), ("thus\u{2028}", 0.8),
        ("“Thus”", 0.8), ("so—because", 0.8), ("thusé", 0.7), ("[1thus", 0.7), ("[1]thus", 0.9),
        ("thus[1]", 0.9), ("[１]", 0.7), ("因為thus", 0.7),
        ("supercalifragilisticthus", 0.7), ("because-therefore", 0.8),
    ]

    @Test(arguments: cases)
    func wordsCountAtEverySplit(_ text: String, _ expected: Double) {
        #expect(Self.lexical([text]) == expected)
        #expect(Self.lexical(text.map { String($0) }) == expected)
        for cut in text.indices { #expect(Self.lexical([String(text[..<cut]), String(text[cut...])]) == expected) }
    }

    @Test func theLastWordIsTakenBackWhenItGoesOn() {
        var estimator = LexicalConfidence()
        estimator.append("thus")
        #expect(estimator.confidence == Confidence(0.8, source: .lexical))
        estimator.append("ly")
        #expect(estimator.confidence.value == 0.7)
        estimator.append(" thus ")
        estimator.append("x")
        #expect(estimator.confidence.value == 0.8)
    }

    @Test func logprobsMakeAMeanOverAWindow() throws {
        var estimator = LogprobConfidence(window: 2)
        #expect(estimator.confidence == nil)
        estimator.append(logprob: 0)
        #expect(estimator.confidence == Confidence(1, source: .logprobs))
        estimator.append(logprob: -0.6931471805599453)
        #expect(abs(try #require(estimator.confidence).value - 0.7071) < 0.0001)
        estimator.append(logprob: -0.6931471805599453)
        #expect(abs(try #require(estimator.confidence).value - 0.5) < 0.0001)
    }

    @Test func oddLogprobsAreTame() throws {
        var estimator = LogprobConfidence(window: 1)
        estimator.append(logprob: .nan)
        #expect(estimator.confidence == nil)
        estimator.append(logprob: 3)
        #expect(estimator.confidence?.value == 1)
        estimator.append(logprob: -.infinity)
        #expect(try #require(estimator.confidence).value >= 0)
        estimator.append(logprob: 0)
        #expect(estimator.confidence?.value == 1)
    }

    @Test(arguments: [(Double.nan, 0.0), (-1, 0), (2, 1), (.infinity, 1), (0.25, 0.25)])
    func aConfidenceIsBetweenNoneAndAll(_ value: Double, _ expected: Double) {
        #expect(Confidence(value, source: .lexical).value == expected)
    }
}
