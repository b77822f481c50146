import AgentKitTesting
import StreamCore
import StreamRecovery
import Testing

@Suite struct ContinuationJoinTests {
    private func joined(_ join: ContinuationJoin, _ pieces: [String]) -> String {
        var join = join
        return pieces.map { join.append($0) }.joined() + join.finish()
    }

    /// What readers see after `shown`, for every split of the continuation in three.
    private func check(_ join: ContinuationJoin, _ continuation: String, _ expected: String) {
        let scalars = Array(continuation.unicodeScalars)
        func text(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }
        for first in 0...scalars.count {
            for second in first...scalars.count {
                let pieces = [text(0..<first), text(first..<second), text(second..<scalars.count)]
                let result = joined(join, pieces)
                guard Array(result.unicodeScalars) == Array(expected.unicodeScalars) else {
                    Issue.record("\(pieces) becomes '\(result)' instead of '\(expected)'")
                    return
                }
            }
        }
    }

    @Test(arguments: [
        (" ", " world", "world"), (" ", "world", "world"), (" ", "\n\nworld", "\n\nworld"),
        ("\n\n", "\n\nNext", "Next"),
        ("\n\n", "\nNext", "Next"), (" ", "  x", " x"), ("", " world", " world"), ("\u{A0}", "\u{A0}x", "x"),
        ("\u{A0}", "\u{A1}x", "\u{A1}x"), ("\u{2003}\n", "\u{2003}y", "y"), (" ", " ", ""), (" ", "", ""),
        ("\r\n", "\r\nx", "x"),
    ])
    func whiteSpaceThatWasCutOffIsNotSeenTwice(trimmed: String, continuation: String, expected: String) {
        check(ContinuationJoin(text: "Hello,", trimmed: trimmed, overlap: 0), continuation, expected)
    }

    @Test(arguments: [
        ("and the mountains rise.", " Then it snows.", " Then it snows."),
        ("and the mountains rise.", "the mountains rise. Then it snows.", " Then it snows."),
        ("and the mountains rise.", "and the mountains rise. Then", " Then"),
        ("and the mountains rise.", "and the mountains fell.", "and the mountains fell."),
        ("und die Größe der Bäume", "die Größe der Bäume ist", " ist"),
        // A few letters in common are no repetition.
        ("ha ha ha", "ha ha", "ha ha"),
        ("and the mountains rise.", "the mountains rise.", ""),
    ])
    func repeatedWordsAreNotSeenTwice(text: String, continuation: String, expected: String) {
        check(ContinuationJoin(text: text, trimmed: "", overlap: 256), continuation, expected)
    }

    @Test func repetitionsReachOverTheWhiteSpace() {
        let join = ContinuationJoin(text: "A long sentence.", trimmed: "\n\n", overlap: 256)
        check(join, "A long sentence.\n\nNext", "Next")
        check(join, "\n\nNext", "Next")
        check(join, "Next", "Next")
    }

    @Test func nothingIsHeldBackForLongerThanTheOverlap() {
        let tail = String(repeating: "ab", count: 200)
        var join = ContinuationJoin(text: tail, trimmed: "", overlap: 64)
        var held = 0
        for _ in 0..<300 {
            held = join.append("a").isEmpty ? held + 1 : 0
            #expect(held <= 64)
        }
        #expect(ContinuationJoin().isDone)
    }

    /// A model that repeats some of the end, or not: what is shown is the text, once.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func randomRepetitions(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let words = (0..<60).map { _ in String(UInt64.random(in: 0..<5000, using: &random), radix: 36) }
        let whole = words.joined(separator: " ")
        let cut = whole.index(whole.startIndex, offsetBy: Int.random(in: 40..<whole.count, using: &random))
        let back = Int.random(in: 20...40, using: &random)
        let start = Bool.random(using: &random) ? cut : whole.index(cut, offsetBy: -back)
        var rest = Substring(whole[start...])
        var join = ContinuationJoin(text: String(whole[..<cut]), trimmed: "", overlap: 256)
        var shown = String(whole[..<cut])
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...5, using: &random))
            rest = rest.dropFirst(piece.count)
            shown += join.append(String(piece))
        }
        shown += join.finish()
        #expect(shown == whole)
    }
}
