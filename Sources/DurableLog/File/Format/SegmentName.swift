import StreamCore

/// The name of a segment's file: where it begins, so that a directory's names alone say where an offset is to be looked for.
struct SegmentName: Sendable, Hashable, Comparable {
    /// The first frame.
    var firstOrdinal: UInt64
    /// The stream's end before it.
    var before: Offset
    /// Rises when something was cut off or written anew: what begins at or behind a segment of a higher one does not count.
    var generation: UInt32

    static let suffix = ".seg"

    /// `ORDINAL-OFFSET-GENERATION.seg`, sorting as the segments follow each other.
    var fileName: String {
        let (ordinal, generation) = (String(firstOrdinal, radix: 16), String(generation, radix: 16))
        return String(repeating: "0", count: 16 - ordinal.utf8.count) + ordinal + "-\(before)-"
            + String(repeating: "0", count: 8 - generation.utf8.count) + generation + SegmentName.suffix
    }

    init(firstOrdinal: UInt64, before: Offset, generation: UInt32) {
        self.firstOrdinal = firstOrdinal
        self.before = before
        self.generation = generation
    }

    /// The name, or nil when it is none of a segment.
    init?(fileName: String) {
        guard fileName.hasSuffix(SegmentName.suffix) else { return nil }
        let parts = fileName.dropLast(SegmentName.suffix.count).split(separator: "-")
        guard parts.count == 3, parts[0].utf8.count == 16, let firstOrdinal = UInt64(parts[0], radix: 16),
            let before = Offset(String(parts[1])), parts[2].utf8.count == 8,
            let generation = UInt32(parts[2], radix: 16)
        else { return nil }
        self.init(firstOrdinal: firstOrdinal, before: before, generation: generation)
        guard self.fileName == fileName else { return nil }
    }

    static func < (lhs: SegmentName, rhs: SegmentName) -> Bool {
        (lhs.firstOrdinal, lhs.generation) < (rhs.firstOrdinal, rhs.generation)
    }

    /// The segments that count, of all that are there, in their order.
    static func valid(_ names: [SegmentName]) -> [SegmentName] {
        var valid: [SegmentName] = []
        for name in names.sorted() {
            guard let last = valid.last else {
                valid = [name]
                continue
            }
            if name.generation < last.generation { continue }
            if name.firstOrdinal == last.firstOrdinal { valid.removeLast() }
            valid.append(name)
        }
        return valid
    }
}
