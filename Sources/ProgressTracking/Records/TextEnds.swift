extension String {
    /// The longest end of the text within so many bytes of UTF-8 that begins with a whole character.
    func suffix(maxBytes: Int) -> String {
        let excess = utf8.count - maxBytes
        guard excess > 0 else { return self }
        return String(self[characterBoundary(utf8.index(utf8.startIndex, offsetBy: excess), step: 1)...])
    }

    /// The longest beginning of the text within so many bytes of UTF-8 that ends with a whole character.
    func prefix(maxBytes: Int) -> String {
        guard utf8.count > maxBytes else { return self }
        return String(self[..<characterBoundary(utf8.index(utf8.startIndex, offsetBy: maxBytes), step: -1)])
    }

    // Looks for the boundary in one direction. A text may be one enormous character (a letter with thousands of accents); then it is cut between
    // scalars, so that there is something to show and the search costs little.
    private func characterBoundary(_ index: Index, step: Int) -> Index {
        let end = step > 0 ? utf8.endIndex : utf8.startIndex
        var candidate = index
        while candidate != end, candidate.samePosition(in: unicodeScalars) == nil {
            candidate = utf8.index(candidate, offsetBy: step)
        }
        let scalar = candidate
        for _ in 0..<32 where candidate != end {
            if candidate.samePosition(in: self) != nil { return candidate }
            candidate = unicodeScalars.index(candidate, offsetBy: step)
        }
        return candidate == end ? candidate : scalar
    }
}

/// A text that only its end is wanted of, while it grows piece by piece.
struct TextTail: Sendable, Hashable {
    private var text = ""

    init(_ text: String = "") {
        append(text)
    }

    mutating func append(_ piece: String) {
        text += piece
        // Some room, so that it is not cut at every piece.
        if text.utf8.count > 2 * AgentProgress.maxTextBytes { text = text.suffix(maxBytes: AgentProgress.maxTextBytes) }
    }

    static func append(_ piece: String, to tail: inout TextTail?) {
        if tail == nil { tail = TextTail() }
        tail?.append(piece)
    }

    var value: String { text.suffix(maxBytes: AgentProgress.maxTextBytes) }
}
