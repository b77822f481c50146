/// What can be counted in a text: words, sentences, hedges; in one pass, bounded.
struct TextMeasures: Sendable {
    /// Stretches of letters and digits, apostrophes and hyphens within them.
    private(set) var words = 0
    /// Words of more than six letters.
    private(set) var longWords = 0
    /// Ends of sentences; at least 1 where there is a word.
    private(set) var sentences = 0
    /// How many words say that something may not be so.
    private(set) var hedges = 0
    /// Characters of scripts that are written without blanks between words.
    private(set) var unspaced = 0
    /// The hedge that was met first.
    private(set) var firstHedge: String?

    /// Words that weaken what is said, beside those of ``LexicalConfidence``; single words of English, lower case.
    static let hedgeWords: Set<String> = [
        "might", "perhaps", "possibly", "maybe", "probably", "seemingly", "apparently", "arguably", "presumably",
        "supposedly", "somewhat", "roughly", "sort-of", "kind-of", "could", "seems", "seem", "appears", "likely",
        "unlikely", "generally", "usually", "potentially",
    ]

    init(_ text: some StringProtocol) {
        var word = ""
        var letters = 0
        var isBetween = true
        for character in text {
            if character.isLetter || character.isNumber {
                if TextMeasures.isUnspaced(character) { unspaced += 1 }
                letters += character.isLetter ? 1 : 0
                if word.utf8.count < 32 { word += character.lowercased() }
                isBetween = false
                continue
            }
            if !isBetween, character == "'" || character == "’" || character == "-" { continue }
            endWord(&word, &letters)
            isBetween = true
            if ".!?…。！？".contains(character) { endSentence() }
        }
        endWord(&word, &letters)
        if wordsInSentence > 0 { sentences += 1 }
    }

    private var wordsInSentence = 0

    private mutating func endWord(_ word: inout String, _ letters: inout Int) {
        guard !word.isEmpty else { return }
        words += 1
        wordsInSentence += 1
        if letters > 6 { longWords += 1 }
        if TextMeasures.hedgeWords.contains(word) {
            hedges += 1
            if firstHedge == nil { firstHedge = word }
        }
        word = ""
        letters = 0
    }

    private mutating func endSentence() {
        if wordsInSentence > 0 { sentences += 1 }
        wordsInSentence = 0
    }

    // Kana, Han, Thai, Lao, Khmer, Burmese.
    private static func isUnspaced(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first?.value else { return false }
        switch scalar {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x9FFF, 0x20000...0x3FFFF:
            return true
        default: return false
        }
    }

    /// The readability index LIX (Björnsson 1968), words per sentence and long words per hundred: 20 very easy, 40 ordinary, 60 very hard.
    ///
    /// Nil where there are no words, or
    /// they are not told apart.
    var lix: Double? {
        guard words > 0, sentences > 0, unspaced * 2 < words + unspaced else { return nil }
        return Double(words) / Double(sentences) + 100 * Double(longWords) / Double(words)
    }
}
