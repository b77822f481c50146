import StreamCore

/// Cuts the content of chunks into words or lines, as a value: the joined text, its blocks and the order of everything else
/// stay what they were.
struct Smoother: Sendable {
    private let smoothing: Smoothing
    // Content that no boundary followed yet, with what is known of its last piece.
    private var held: AgentChunk?
    private var text = ""
    private var characters = 0

    init(_ smoothing: Smoothing) {
        self.smoothing = smoothing
    }

    /// Takes a chunk, and appends what can be handed out.
    mutating func append(_ chunk: AgentChunk, to chunks: inout [AgentChunk]) {
        guard case .content(let piece) = chunk.payload else {
            flush(to: &chunks)
            chunks.append(chunk)
            return
        }
        if let held, held.block != chunk.block { flush(to: &chunks) }
        // Reasoning is attached to the first piece of what it led to.
        let reasoning = held?.attachedReasoning
        held = chunk
        if let reasoning { held?.attachedReasoning = reasoning + (chunk.attachedReasoning ?? "") }
        text += piece
        cut(to: &chunks)
    }

    /// The content that is held back.
    var heldText: String { text }

    /// Appends what is held back.
    mutating func flush(to chunks: inout [AgentChunk]) {
        if !text.isEmpty { emit(text, to: &chunks) }
        text = ""
        held = nil
    }

    private mutating func cut(to chunks: inout [AgentChunk]) {
        var start = text.startIndex
        var length = 0
        var index = start
        while index < text.endIndex {
            let character = text[index]
            let next = text.index(after: index)
            length += 1
            // The last character may yet grow: a mark that combines with it, the LF of a CR.
            if next < text.endIndex, ends(character, before: text[next]) || length >= smoothing.longestPiece {
                emit(String(text[start..<next]), to: &chunks)
                start = next
                length = 0
            } else if next == text.endIndex, isFinal(character) || length > smoothing.longestPiece {
                emit(String(text[start..<next]), to: &chunks)
                start = next
            }
            index = next
        }
        text = String(text[start...])
        if text.isEmpty { held = nil }
    }

    // Whether a piece ends between two characters.
    private func ends(_ character: Character, before next: Character) -> Bool {
        switch smoothing.unit {
        case .lines: character.isNewline
        case .words: (character.isWhitespace && !next.isWhitespace) || character.isIdeographic
        }
    }

    // Whether a piece ends after the last character, whatever comes.
    private func isFinal(_ character: Character) -> Bool {
        switch smoothing.unit {
        case .lines: character == "\n" || character == "\r\n"
        case .words: character == " " || character == "\n" || character == "\r\n"
        }
    }

    private mutating func emit(_ piece: String, to chunks: inout [AgentChunk]) {
        guard var chunk = held else { return }
        chunk.payload = .content(piece)
        held?.attachedReasoning = nil
        chunks.append(chunk)
    }
}

extension Character {
    /// Whether the character is a word of its own in a script that does without spaces.
    fileprivate var isIdeographic: Bool {
        guard let scalar = unicodeScalars.first else { return false }
        return scalar.properties.isIdeographic || (0x3040...0x30FF).contains(scalar.value)
    }
}
