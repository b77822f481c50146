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
/// length less a byte is held. Tags are matched to the letter; reasoning ends at the closing mark of its own tag;
/// where one mark is the beginning of another, the shorter one counts.
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

    // Shortest first, so that which mark is met does not depend on how much text is there.
    private let openings: [Mark]
    private let closings: [Mark]
    // The marks that would end the current stretch: all openings, or the closing of the tag that is open.
    private var marks: [Mark]
    private var kind: Segment.Kind
    private var held: [UInt8] = []

    /// An extractor for some tags.
    ///
    /// - Parameters:
    ///   - tags: The tags to look for; with none, all text is content.
    ///   - startsInReasoning: Whether the text begins inside reasoning, as with models whose prompt template writes the
    ///     opening mark; any tag's closing mark then ends it.
    public init(tags: [ReasoningTag] = ReasoningTag.defaults, startsInReasoning: Bool = false) {
        func marks(_ text: (ReasoningTag) -> String) -> [Mark] {
            tags.enumerated().map { Mark(bytes: Array(text($0.element).utf8), tag: $0.offset) }
                .sorted { ($0.bytes.count, $0.tag) < ($1.bytes.count, $1.tag) }
        }
        openings = marks(\.opening)
        closings = marks(\.closing)
        kind = startsInReasoning ? .reasoning : .content
        self.marks = startsInReasoning ? closings : openings
    }

    /// Appends what is known of `text`, the next delta, to `segments`.
    public mutating func append(_ text: String, to segments: inout [Segment]) {
        guard !text.isEmpty else { return }
        var text = text
        if held.isEmpty, text.withUTF8({ firstCandidate(in: $0, from: 0) }) == nil {
            segments.append(Segment(kind: kind, text: text))
            return
        }
        var bytes = held
        held.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: text.utf8)
        bytes.withUnsafeBufferPointer { split($0, into: &segments) }
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

    private mutating func split(_ bytes: UnsafeBufferPointer<UInt8>, into segments: inout [Segment]) {
        var start = 0
        var position = 0
        func emit(upTo end: Int, _ kind: Segment.Kind) {
            guard end > start else { return }
            segments.append(Segment(kind: kind, text: String(decoding: bytes[start..<end], as: UTF8.self)))
        }
        while let candidate = firstCandidate(in: bytes, from: position) {
            let rest = UnsafeBufferPointer(rebasing: bytes[candidate...])
            if let mark = marks.first(where: { rest.starts(with: $0.bytes) }) {
                emit(upTo: candidate, kind)
                position = candidate + mark.bytes.count
                start = position
                kind = kind == .content ? .reasoning : .content
                marks = kind == .content ? openings : closings.filter { $0.tag == mark.tag }
            } else if marks.contains(where: { $0.bytes.starts(with: rest) }) {
                emit(upTo: candidate, kind)
                held.append(contentsOf: rest)
                return
            } else {
                position = candidate + 1
            }
        }
        emit(upTo: bytes.count, kind)
    }

    // The first place at or after `position` where a mark could begin.
    private func firstCandidate(in bytes: UnsafeBufferPointer<UInt8>, from position: Int) -> Int? {
        guard let first = marks.first?.bytes[0], position < bytes.count, let base = bytes.baseAddress else {
            return nil
        }
        if marks.allSatisfy({ $0.bytes[0] == first }) {
            // Within the buffer: from `position`, which is below `count`, to its end.
            guard let found = memchr(base + position, Int32(first), bytes.count - position) else { return nil }
            return UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
        return bytes[position...].firstIndex { byte in marks.contains { $0.bytes[0] == byte } }
    }
}
