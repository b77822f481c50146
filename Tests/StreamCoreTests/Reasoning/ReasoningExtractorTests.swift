import AgentKitTesting
import StreamCore
import Testing

@Suite struct ReasoningExtractorTests {
    typealias Segment = ReasoningExtractor.Segment

    /// Feeds deltas and puts neighbours of one kind together, which is all that a reader can rely on.
    static func runs(of deltas: [String], _ extractor: ReasoningExtractor = ReasoningExtractor()) -> [Segment] {
        var extractor = extractor
        var segments: [Segment] = []
        for delta in deltas { extractor.append(delta, to: &segments) }
        extractor.finish(to: &segments)
        #expect(segments.allSatisfy { !$0.text.isEmpty })
        return segments.reduce(into: []) { runs, segment in
            if runs.last?.kind == segment.kind {
                runs[runs.count - 1].text += segment.text
            } else {
                runs.append(segment)
            }
        }
    }

    static let cases: [(String, [Segment])] = [
        ("", []),
        ("plain", [Segment(kind: .content, text: "plain")]),
        (
            "a<think>b</think>c",
            [.init(kind: .content, text: "a"), .init(kind: .reasoning, text: "b"), .init(kind: .content, text: "c")]
        ),
        ("<thinking>b</thinking>", [.init(kind: .reasoning, text: "b")]),
        ("<think></think>", []),
        ("<think>a</thinking>b", [.init(kind: .reasoning, text: "a</thinking>b")]),
        ("<think>a<think>b</think>c", [.init(kind: .reasoning, text: "a<think>b"), .init(kind: .content, text: "c")]),
        ("a</think>b", [.init(kind: .content, text: "a</think>b")]),
        ("<<think>x</</think>", [.init(kind: .content, text: "<"), .init(kind: .reasoning, text: "x</")]),
        ("<thin", [.init(kind: .content, text: "<thin")]),
        ("<think>open </thin", [.init(kind: .reasoning, text: "open </thin")]),
        ("<Think>a</Think>", [.init(kind: .content, text: "<Think>a</Think>")]),
        (
            "1 < 2 🙂<think>🙂é</think>é <b>",
            [
                .init(kind: .content, text: "1 < 2 🙂"), .init(kind: .reasoning, text: "🙂é"),
                .init(kind: .content, text: "é <b>"),
            ]
        ),
    ]

    @Test(arguments: cases)
    func theRunsAreTheSameAtEverySplit(_ text: String, _ expected: [Segment]) {
        #expect(Self.runs(of: [text]) == expected)
        #expect(Self.runs(of: text.unicodeScalars.map { String($0) }) == expected)
        let scalars = Array(text.unicodeScalars)
        for cut in 0...scalars.count {
            func part(_ range: Range<Int>) -> String {
                String(String.UnicodeScalarView(scalars[range]))
            }
            #expect(Self.runs(of: [part(0..<cut), part(cut..<scalars.count)]) == expected)
        }
    }

    @Test func randomTextsAtRandomSplits() {
        var random = SeededRandom(seed: 7)
        let pieces = [
            "<think>", "</think>", "<thinking>", "</thinking>", "<", "</", "th", "ink", ">", "x", " ", "🙂", "<thi",
            "</thinki",
        ]
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 1...14, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            let whole = Self.runs(of: [text])
            var rest = Array(text.unicodeScalars)[...]
            var deltas: [String] = []
            while !rest.isEmpty {
                let length = Int.random(in: 1...min(6, rest.count), using: &random)
                deltas.append(String(String.UnicodeScalarView(rest.prefix(length))))
                rest = rest.dropFirst(length)
            }
            #expect(Self.runs(of: deltas) == whole, "\(deltas)")
            #expect(whole == Self.reference(text), "\(text)")
        }
    }

    /// The same by searching the whole text: all of it but the tags comes out.
    static func reference(_ text: String) -> [Segment] {
        var segments: [Segment] = []
        var rest = Substring(text)
        func emit(_ kind: Segment.Kind, _ text: Substring) {
            guard !text.isEmpty else { return }
            if segments.last?.kind == kind {
                segments[segments.count - 1].text += text
            } else {
                segments.append(Segment(kind: kind, text: String(text)))
            }
        }
        while true {
            let found = ["think", "thinking"].compactMap { name in
                rest.firstRange(of: "<\(name)>").map { (range: $0, name: name) }
            }
            guard let opening = found.min(by: { $0.range.lowerBound < $1.range.lowerBound }) else {
                emit(.content, rest)
                return segments
            }
            emit(.content, rest[..<opening.range.lowerBound])
            rest = rest[opening.range.upperBound...]
            guard let closing = rest.firstRange(of: "</\(opening.name)>") else {
                emit(.reasoning, rest)
                return segments
            }
            emit(.reasoning, rest[..<closing.lowerBound])
            rest = rest[closing.upperBound...]
        }
    }

    @Test func whatCannotBeATagIsHandedOutAtOnce() {
        var extractor = ReasoningExtractor()
        var segments: [Segment] = []
        extractor.append("a <b", to: &segments)
        #expect(segments == [.init(kind: .content, text: "a <b")])
        extractor.append("<thinkin", to: &segments)
        #expect(segments.count == 1)
        extractor.append("!", to: &segments)
        #expect(segments.last == .init(kind: .content, text: "<thinkin!"))
    }

    @Test func aModelMayStartInsideItsReasoning() {
        let extractor = ReasoningExtractor(startsInReasoning: true)
        let expected: [Segment] = [.init(kind: .reasoning, text: "hm"), .init(kind: .content, text: "yes")]
        #expect(Self.runs(of: ["h", "m</th", "ink>yes"], extractor) == expected)
        #expect(Self.runs(of: ["hm</thinking>yes"], extractor) == expected)
    }

    @Test func marksMayBeAnyText() throws {
        let kimi = try #require(ReasoningTag(opening: "◁think▷", closing: "◁/think▷"))
        let short = try #require(ReasoningTag(opening: "◁t", closing: "◁/"))
        let extractor = ReasoningExtractor(tags: [kimi, short])
        // The shorter of two marks that begin alike counts, however much of the longer one is there.
        let expected: [Segment] = [.init(kind: .reasoning, text: "hink▷x"), .init(kind: .content, text: "think▷")]
        #expect(Self.runs(of: ["◁think▷x◁/think▷"], extractor) == expected)
        #expect(Self.runs(of: "◁think▷x◁/think▷".unicodeScalars.map { String($0) }, extractor) == expected)
        #expect(
            Self.runs(of: ["a<think>b"], ReasoningExtractor(tags: [])) == [.init(kind: .content, text: "a<think>b")])
        #expect(ReasoningTag(opening: "", closing: "x") == nil)
    }

    @Test func caseCountsUnlessToldOtherwise() throws {
        let text = "a<Think>b</tHINK>c<THINKING>d</thinking>É"
        let expected: [Segment] = [
            .init(kind: .content, text: "a"), .init(kind: .reasoning, text: "b"), .init(kind: .content, text: "c"),
            .init(kind: .reasoning, text: "d"), .init(kind: .content, text: "É"),
        ]
        let extractor = ReasoningExtractor(isCaseSensitive: false)
        #expect(Self.runs(of: [text], extractor) == expected)
        #expect(Self.runs(of: text.map { String($0) }, extractor) == expected)
        let words = try #require(ReasoningTag(opening: "Begin:", closing: "END."))
        #expect(
            Self.runs(of: ["xbEGIN:y", "end.zB"], ReasoningExtractor(tags: [words], isCaseSensitive: false)) == [
                .init(kind: .content, text: "x"), .init(kind: .reasoning, text: "y"), .init(kind: .content, text: "zB"),
            ])
    }

    @Test func anExtractorCanBeUsedForAnotherText() {
        var extractor = ReasoningExtractor(startsInReasoning: true)
        var segments: [Segment] = []
        extractor.append("open </thi", to: &segments)
        extractor.finish(to: &segments)
        extractor.append("next<think>", to: &segments)
        extractor.finish(to: &segments)
        extractor.finish(to: &segments)
        #expect(
            segments == [
                .init(kind: .reasoning, text: "open "), .init(kind: .reasoning, text: "</thi"),
                .init(kind: .content, text: "next"),
            ])
    }
}
