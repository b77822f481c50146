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

    private let openings: ReasoningMarks
    /// The closing marks, of each tag by itself.
    private let closings: [ReasoningMarks]
    /// The marks that would end the current stretch: all openings, or the closing of the tag that is open.
    private var marks: ReasoningMarks
    private var kind: Segment.Kind
    private var held: [UInt8] = []

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
        openings = ReasoningMarks(tags.map(\.opening), isCaseSensitive: isCaseSensitive)
        closings = tags.map { ReasoningMarks([$0.closing], isCaseSensitive: isCaseSensitive) }
        kind = startsInReasoning ? .reasoning : .content
        marks = startsInReasoning ? ReasoningMarks(tags.map(\.closing), isCaseSensitive: isCaseSensitive) : openings
    }

    /// Whether nothing is held back and the text is in content, so that a new extractor can go on from here.
    package var isNeutral: Bool { held.isEmpty && kind == .content }

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
        while let candidate = marks.firstCandidate(in: bytes, from: position) {
            switch marks.match(in: bytes, at: candidate) {
            case .none: position = candidate + 1
            case .beginning:
                emit(upTo: candidate, kind)
                held.append(contentsOf: bytes[candidate...])
                return true
            case .whole(let tag, let length):
                emit(upTo: candidate, kind)
                position = candidate + length
                start = position
                isSplit = true
                kind = kind == .content ? .reasoning : .content
                marks = kind == .content ? openings : closings[tag]
            }
        }
        if isSplit { emit(upTo: bytes.count, kind) }
        return isSplit
    }
}
