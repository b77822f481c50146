/// Looks for what is cut off, left open or to be filled in.
enum CompletenessCheck {
    /// What stands where something is to be filled in.
    private static let placeholders = ["lorem ipsum", "[insert", "[your ", "{{", "<placeholder", "tbd"]
    private static let pairs: [Character: Character] = [")": "(", "]": "[", "}": "{"]

    /// What was found, for people.
    static func findings(in text: Substring, _ expectations: TextQualityScorer.Expectations) -> [String] {
        var findings: [String] = []
        let lower = text.lowercased()
        if let placeholder = placeholders.first(where: { contains(lower, $0) }) {
            findings.append("something is to be filled in: '\(placeholder)'")
        }
        if let open = unclosed(text) { findings.append("'\(open)' is not closed") }
        if expectations.endsAsSentence, !endsAsSentence(text) { findings.append("it ends in the middle of a sentence") }
        for mention in expectations.mentions where !contains(lower, mention.lowercased()) {
            findings.append("'\(mention.prefix(80))' is not mentioned")
        }
        return findings
    }

    // Letters on either side make another word of it.
    private static func contains(_ text: String, _ part: String) -> Bool {
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        guard !part.isEmpty, text.count >= part.count else { return false }
        func isWord(_ index: Int) -> Bool {
            guard text.indices.contains(index) else { return false }
            return (0x61...0x7A).contains(text[index]) || text[index] >= 0x80
        }
        let mayFollow = !(0x61...0x7A).contains(part[part.count - 1])
        for start in 0...(text.count - part.count) where text[start] == part[0] && !isWord(start - 1) {
            if text[start..<start + part.count].elementsEqual(part), mayFollow || !isWord(start + part.count) {
                return true
            }
        }
        return false
    }

    // A fence of code, or a bracket that was opened last and not closed. Within code nothing is looked at: brackets there have rules of their own.
    private static func unclosed(_ text: Substring) -> Character? {
        var stack: [Character] = []
        var isCode = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isCode.toggle()
                continue
            }
            if isCode { continue }
            for character in line {
                if "([{".contains(character) {
                    if stack.count < 64 { stack.append(character) }
                } else if let opening = pairs[character], stack.last == opening {
                    stack.removeLast()
                }
            }
        }
        return isCode ? "`" : stack.last
    }

    private static func endsAsSentence(_ text: Substring) -> Bool {
        let closing: Set<Character> = ["\"", "'", "”", "’", "»", ")", "]", "*", "_", "`"]
        let last = text.reversed().first { !$0.isWhitespace && !closing.contains($0) }
        // What closes may be the end itself: a fence of code, a link.
        let end = text.reversed().first { !$0.isWhitespace }
        return last.map { ".!?:。！？".contains($0) } ?? false || end == "`" || end == "]"
    }
}
