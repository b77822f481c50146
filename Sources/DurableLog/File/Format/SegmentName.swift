import StreamCore

/// The name of a segment's file: where it begins, so that a directory's names alone say where an offset is to be looked for.
struct SegmentName: Sendable, Hashable, Comparable {
    /// The first frame.
    var firstOrdinal: UInt64
    /// The stream's end before it.
    var before: Offset

    static let suffix = ".seg"

    /// `ORDINAL-OFFSET.seg`, sorting as the segments follow each other.
    var fileName: String {
        let digits = String(firstOrdinal, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits + "-\(before)" + SegmentName.suffix
    }

    init(firstOrdinal: UInt64, before: Offset) {
        self.firstOrdinal = firstOrdinal
        self.before = before
    }

    /// The name, or nil when it is none of a segment.
    init?(fileName: String) {
        guard fileName.hasSuffix(SegmentName.suffix) else { return nil }
        let parts = fileName.dropLast(SegmentName.suffix.count).split(separator: "-")
        guard parts.count == 2, parts[0].utf8.count == 16, let firstOrdinal = UInt64(parts[0], radix: 16),
            let before = Offset(String(parts[1]))
        else { return nil }
        self.init(firstOrdinal: firstOrdinal, before: before)
        guard self.fileName == fileName else { return nil }
    }

    static func < (lhs: SegmentName, rhs: SegmentName) -> Bool { lhs.firstOrdinal < rhs.firstOrdinal }
}
