#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Tells reasoning from content in streamed text by its tags: an automaton over bytes, without I/O.
///
/// However the text is cut into deltas, the content and the reasoning put together are the same, and all of the text but the
/// tags comes out. An end of a delta that may be the beginning of a tag is held back until it is known, so at most one tag's
/// length less a byte is held. Tags are matched to the letter unless told otherwise; reasoning ends at the closing mark of its
/// own tag; where one mark is the beginning of another, the shorter one counts.
public struct ReasoningExtractor: Sendable {
    /// A piece of text and what it is.
    public struct Segment: Sendable, Hashable {
        /// What a piece of text is.
        public enum Kind: Sendable, Hashable {
            /// Part of the answer.
            case content
            /// Part of the model's reasoning.
            case reasoning
        }

        /// What it is.
        public var kind: Kind
        /// The text; never empty.
        public var text: String

        /// A piece from its parts.
        public init(kind: Kind, text: String) {
            self.kind = kind
            self.text = text
        }
    }

    private struct Mark {
        let bytes: [UInt8]
        let tag: Int
    }

    private enum Match {
        case none, beginning, whole
    }

    // Shortest first, so that which mark is met does not depend on how much text is there.
    private let openings: [Mark]
    private let closings: [Mark]
    // The marks that would end the current stretch: all openings, or the closing of the tag that is open.
    private var marks: [Mark]
    private var kind: Segment.Kind
    private var held: [UInt8] = []
    private let isCaseSensitive: Bool

    /// An extractor for some tags.
    ///
    /// - Parameters:
    ///   - tags: The tags to look for; with none, all text is content.
    ///   - startsInReasoning: Whether the text begins inside reasoning, as with models whose prompt template writes the
    ///     opening mark; any tag's closing mark then ends it.
    ///   - isCaseSensitive: Whether `<Think>` is something other than `<think>`; the letters A to Z only.
    public init(
        tags: [ReasoningTag] = ReasoningTag.defaults, startsInReasoning: Bool = false, isCaseSensitive: Bool = true
    ) {
        func marks(_ text: (ReasoningTag) -> String) -> [Mark] {
            tags.enumerated()
                .map { tag in
                    let bytes = text(tag.element).utf8.map { isCaseSensitive ? $0 : Self.lowercase($0) }
                    return Mark(bytes: bytes, tag: tag.offset)
                }
                .sorted { ($0.bytes.count, $0.tag) < ($1.bytes.count, $1.tag) }
        }
        openings = marks(\.opening)
        closings = marks(\.closing)
        kind = startsInReasoning ? .reasoning : .content
        self.isCaseSensitive = isCaseSensitive
        self.marks = startsInReasoning ? closings : openings
    }

    /// Appends what is known of `text`, the next delta, to `segments`.
    ///
    /// A delta in which nothing is found is handed on as it is, without a copy.
    public mutating func append(_ text: String, to segments: inout [Segment]) {
        guard !text.isEmpty else { return }
        var text = text
        if held.isEmpty {
            let isSplit = text.withUTF8 { split($0, into: &segments) }
            if !isSplit { segments.append(Segment(kind: kind, text: text)) }
            return
        }
        var bytes = held
        held.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: text.utf8)
        let isSplit = bytes.withUnsafeBufferPointer { split($0, into: &segments) }
        if !isSplit { segments.append(Segment(kind: kind, text: String(decoding: bytes, as: UTF8.self))) }
    }

    /// Appends what is still held to `segments`, for the end of the text.
    ///
    /// The extractor can then be used for another text, which begins in content.
    public mutating func finish(to segments: inout [Segment]) {
        if !held.isEmpty {
            segments.append(Segment(kind: kind, text: String(decoding: held, as: UTF8.self)))
            held.removeAll(keepingCapacity: true)
        }
        kind = .content
        marks = openings
    }

    // False when there is no mark in the bytes, nor the beginning of one at their end; nothing is appended then.
    private mutating func split(_ bytes: UnsafeBufferPointer<UInt8>, into segments: inout [Segment]) -> Bool {
        var start = 0
        var position = 0
        var isSplit = false
        func emit(upTo end: Int, _ kind: Segment.Kind) {
            guard end > start else { return }
            segments.append(Segment(kind: kind, text: String(decoding: bytes[start..<end], as: UTF8.self)))
        }
        while let candidate = firstCandidate(in: bytes, from: position) {
            let (match, mark) = match(in: bytes, at: candidate)
            switch match {
            case .none: position = candidate + 1
            case .beginning:
                emit(upTo: candidate, kind)
                held.append(contentsOf: bytes[candidate...])
                return true
            case .whole:
                emit(upTo: candidate, kind)
                position = candidate + mark.bytes.count
                start = position
                isSplit = true
                kind = kind == .content ? .reasoning : .content
                marks = kind == .content ? openings : closings.filter { $0.tag == mark.tag }
            }
        }
        if isSplit { emit(upTo: bytes.count, kind) }
        return isSplit
    }

    // The first of the marks that begins at `place`, whole or as far as the bytes go; a whole one comes before longer ones.
    private func match(in bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> (Match, Mark) {
        for mark in marks {
            var length = 0
            while length < mark.bytes.count, place + length < bytes.count,
                fold(bytes[place + length]) == mark.bytes[length]
            {
                length += 1
            }
            if length == mark.bytes.count { return (.whole, mark) }
            if place + length == bytes.count { return (.beginning, mark) }
        }
        return (.none, marks[0])
    }

    // The first place at or after `position` where a mark could begin.
    private func firstCandidate(in bytes: UnsafeBufferPointer<UInt8>, from position: Int) -> Int? {
        guard let first = marks.first?.bytes[0], position < bytes.count, let base = bytes.baseAddress else {
            return nil
        }
        let isLetter = Self.lowercase(first) &- UInt8(ascii: "a") < 26
        if isCaseSensitive || !isLetter, marks.allSatisfy({ $0.bytes[0] == first }) {
            // Within the buffer: from `position`, which is below `count`, to its end.
            guard let found = memchr(base + position, Int32(first), bytes.count - position) else { return nil }
            return UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
        return bytes[position...].firstIndex { byte in marks.contains { $0.bytes[0] == fold(byte) } }
    }

    private func fold(_ byte: UInt8) -> UInt8 {
        isCaseSensitive ? byte : Self.lowercase(byte)
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}
