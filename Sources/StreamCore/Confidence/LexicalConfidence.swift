/// How sure a text sounds, by its words: 0.7; 0.1 more where it gives evidence ("because", "therefore", "thus"); 0.1 more where
/// it cites ("[1]"); 0.1 less where it hedges ("might", "perhaps", "possibly"); always in 0 … 1.
///
/// A crude heuristic over all of the text so far, and honest about it by its source, ``Confidence/Source/lexical``. It reads
/// deltas, in constant memory; whole words count, in any case, also those cut by a delta's end; the last word counts as if the text
/// ended there. Letters of any script, digits and `_` make words.
public struct LexicalConfidence: Sendable {
    private enum Citation {
        case none, opened, digits
    }

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
        for scalar in text.unicodeScalars {
            guard scalar.isASCII else {
                if scalar.properties.isAlphabetic { extendWord(0x80) } else { endWord() }
                citation = .none
                continue
            }
            let byte = UInt8(truncatingIfNeeded: scalar.value)
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): extendWord(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): extendWord(byte | 0x20)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                extendWord(byte)
                if citation != .none { citation = .digits }
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
        if hasEvidence || isEvidence { tenths += 1 }
        if hasCitation { tenths += 1 }
        if hasHedge || isHedge { tenths -= 1 }
        return Confidence(Double(tenths) / 10, source: .lexical)
    }

    private mutating func extendWord(_ byte: UInt8) {
        word = word << 8 | UInt128(byte)
        wordLength = min(wordLength + 1, 17)
    }

    private mutating func endWord() {
        guard wordLength > 0 else { return }
        if isEvidence { hasEvidence = true }
        if isHedge { hasHedge = true }
        word = 0
        wordLength = 0
    }

    private var isEvidence: Bool {
        switch wordLength {
        case 4: word == Self.packed("thus")
        case 7: word == Self.packed("because")
        case 9: word == Self.packed("therefore")
        default: false
        }
    }

    private var isHedge: Bool {
        switch wordLength {
        case 5: word == Self.packed("might")
        case 7: word == Self.packed("perhaps")
        case 8: word == Self.packed("possibly")
        default: false
        }
    }

    @inline(__always)
    private static func packed(_ word: StaticString) -> UInt128 {
        word.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt128($1) } }
    }
}
