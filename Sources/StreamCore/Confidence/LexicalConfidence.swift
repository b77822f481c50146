/// How sure a text sounds, by its words: 0.7; 0.1 more where it gives evidence ("because", "therefore", "thus"); 0.1 more where
/// it cites ("[1]"); 0.1 less where it hedges ("might", "perhaps", "possibly"); always in 0 … 1.
///
/// A crude heuristic over all of the text so far, and honest about it by its source, ``Confidence/Source/lexical``. It reads
/// deltas, in constant memory; whole words count, in any case, also those cut by a delta's end; the last word counts as if the text
/// ended there.
public struct LexicalConfidence: Sendable {
    private enum Citation {
        case none, opened, digits
    }

    private static let evidence: Set<UInt128> = [packed("because"), packed("therefore"), packed("thus")]
    private static let hedges: Set<UInt128> = [packed("might"), packed("perhaps"), packed("possibly")]

    // The current word's last 16 bytes in lower case, the first byte highest; longer words are none of ours.
    private var word: UInt128 = 0
    private var wordLength = 0
    private var citation = Citation.none
    private var hasEvidence = false
    private var hasCitation = false
    private var hasHedge = false

    /// An estimator that has read nothing.
    public init() {}

    /// Reads the next delta.
    public mutating func append(_ text: String) {
        if hasEvidence && hasCitation && hasHedge { return }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), 0x80...: extendWord(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): extendWord(byte | 0x20)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if citation != .none {
                    citation = .digits
                    continue
                }
                extendWord(byte)
                continue
            case UInt8(ascii: "["):
                endWord()
                citation = .opened
                continue
            case UInt8(ascii: "]"):
                if citation == .digits { hasCitation = true }
                endWord()
            default: endWord()
            }
            citation = .none
        }
    }

    /// The confidence in the text so far.
    public var confidence: Confidence {
        // In tenths: 0.7 + 0.1 is not 0.8 in binary.
        var tenths = 7
        if hasEvidence || isWord(in: Self.evidence) { tenths += 1 }
        if hasCitation { tenths += 1 }
        if hasHedge || isWord(in: Self.hedges) { tenths -= 1 }
        return Confidence(Double(tenths) / 10, source: .lexical)
    }

    private mutating func extendWord(_ byte: UInt8) {
        word = word << 8 | UInt128(byte)
        wordLength = min(wordLength + 1, 17)
    }

    private mutating func endWord() {
        guard wordLength > 0 else { return }
        if isWord(in: Self.evidence) { hasEvidence = true }
        if isWord(in: Self.hedges) { hasHedge = true }
        word = 0
        wordLength = 0
    }

    private func isWord(in words: Set<UInt128>) -> Bool {
        // All of ours have 4 to 9 letters: most words are told apart without looking.
        (4...9).contains(wordLength) && words.contains(word)
    }

    private static func packed(_ word: String) -> UInt128 {
        word.utf8.reduce(0) { $0 << 8 | UInt128($1) }
    }
}
