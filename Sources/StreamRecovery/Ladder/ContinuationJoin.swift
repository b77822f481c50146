/// Joins a continuation to the text that readers have seen: drops what the continuation repeats, and nothing else.
///
/// Two things are repeated. The white space that was cut off the end of a prefill comes again at the beginning of the continuation; it is dropped as far as it is
/// the same. And a model that is asked to go on may begin with the last words once more: the longest end of the shown text with which the continuation begins is dropped, when it
/// is at least ``minimumOverlap`` bytes long, so that a mere coincidence of a few letters costs nothing. While it is not yet clear how much is repeated, text is held
/// back, at most the length of the overlap.
public struct ContinuationJoin: Sendable, Hashable {
    /// The shortest repetition that is dropped, in bytes of UTF-8, unless it is white space that was cut off.
    public static let minimumOverlap = 12

    // White space that was shown and not sent: what of it has not come yet.
    private var trimmed: [UInt8]
    // The end of the shown text, white space included; empty when nothing is compared any more.
    private var tail: [UInt8]
    private var held: [UInt8] = []

    /// Lets everything through.
    public init() {
        trimmed = []
        tail = []
    }

    /// Joins to a text.
    ///
    /// - Parameters:
    ///   - text: What the model was sent of the text so far.
    ///   - trimmed: White space after it that readers have seen and the model was not sent.
    ///   - overlap: How many bytes of the text's end are compared; 0 compares only `trimmed`.
    public init(text: String, trimmed: String, overlap: Int) {
        self.trimmed = Array(trimmed.utf8)
        tail = overlap > 0 ? Array((text + trimmed).utf8.suffix(overlap)) : []
    }

    /// Whether the continuation is let through as it comes from now on.
    public var isDone: Bool { trimmed.isEmpty && tail.isEmpty }

    /// What readers are shown for the next piece of the continuation; may be empty.
    public mutating func append(_ text: String) -> String {
        if isDone { return text }
        held += text.utf8
        if !tail.isEmpty {
            // Undecided as long as a longer repetition than what is there is possible.
            guard !isRepetitionPossible else { return "" }
            let repeated = longestRepetition
            tail = []
            if repeated > 0 {
                trimmed = []
                return release(dropping: repeated)
            }
        }
        return releaseAfterTrimmed()
    }

    /// What is still held back when the continuation has ended.
    public mutating func finish() -> String {
        if !tail.isEmpty {
            let repeated = longestRepetition
            tail = []
            if repeated > 0 {
                trimmed = []
                return release(dropping: repeated)
            }
        }
        let rest = releaseAfterTrimmed()
        trimmed = []
        return rest
    }

    private var isRepetitionPossible: Bool {
        guard held.count < tail.count else { return false }
        return tail.indices.contains { start in
            tail.count - start > held.count && tail[start...].starts(with: held)
        }
    }

    // The longest end of the shown text with which the continuation begins, when it is long enough to be no coincidence.
    private var longestRepetition: Int {
        let longest = min(held.count, tail.count)
        guard longest >= ContinuationJoin.minimumOverlap else { return 0 }
        return (ContinuationJoin.minimumOverlap...longest).last { length in
            held.prefix(length).elementsEqual(tail.suffix(length)) && isBoundary(length)
        } ?? 0
    }

    // Whether no character is cut in two: the next byte begins a scalar.
    private func isBoundary(_ length: Int) -> Bool {
        length == held.count || held[length] & 0xC0 != 0x80
    }

    private mutating func releaseAfterTrimmed() -> String {
        var count = zip(trimmed, held).prefix { $0 == $1 }.count
        // A scalar of several bytes that differs only at its end is let through whole.
        while count > 0, count < held.count, !isBoundary(count) { count -= 1 }
        if count == held.count, count < trimmed.count {
            trimmed.removeFirst(count)
        } else {
            trimmed = []
        }
        return release(dropping: count)
    }

    private mutating func release(dropping count: Int) -> String {
        defer { held = [] }
        return String(decoding: held[count...], as: UTF8.self)
    }
}
