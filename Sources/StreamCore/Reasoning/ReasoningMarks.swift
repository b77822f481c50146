#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Marks that are looked for together, and how to find one in bytes.
struct ReasoningMarks: Sendable {
    /// What is at a place.
    enum Match {
        /// No mark.
        case none
        /// The beginning of a mark, cut by the end of the bytes.
        case beginning
        /// A whole mark: which of them it is, and how many bytes it has.
        case whole(index: Int, length: Int)
    }

    private struct Mark {
        let bytes: [UInt8]
        let index: Int
    }

    /// Shortest first, so that which mark is met does not depend on how much text is there.
    private let marks: [Mark]
    private let isCaseSensitive: Bool
    /// The byte that all begin with, when there is one and it stands for itself only.
    private let first: UInt8?

    /// Marks, none of them empty; without regard to the case of A to Z, if so wished.
    init(_ texts: [String], isCaseSensitive: Bool) {
        let marks = texts.enumerated()
            .map { text in
                Mark(bytes: text.element.utf8.map { isCaseSensitive ? $0 : Self.lowercase($0) }, index: text.offset)
            }
            .sorted { ($0.bytes.count, $0.index) < ($1.bytes.count, $1.index) }
        let firsts = Set(marks.map { $0.bytes[0] })
        let isLetter = firsts.contains { $0 &- UInt8(ascii: "a") < 26 }
        self.marks = marks
        self.isCaseSensitive = isCaseSensitive
        first = firsts.count == 1 && (isCaseSensitive || !isLetter) ? firsts.first : nil
    }

    /// The first place at or after `position` where a mark could begin.
    @inline(__always)
    func firstCandidate(in bytes: UnsafeBufferPointer<UInt8>, from position: Int) -> Int? {
        guard position < bytes.count, let base = bytes.baseAddress else { return nil }
        guard let first else { return firstOfSeveral(in: bytes, from: position) }
        // Within the buffer: from `position`, which is below `count`, to its end.
        guard let found = memchr(base + position, Int32(first), bytes.count - position) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    @inline(never)
    private func firstOfSeveral(in bytes: UnsafeBufferPointer<UInt8>, from position: Int) -> Int? {
        bytes[position...].firstIndex { byte in marks.contains { $0.bytes[0] == fold(byte) } }
    }

    /// Which mark begins at `place`: a whole one, shortest first, or else the beginning of one.
    func match(in bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Match {
        let available = bytes.count - place
        var isBeginning = false
        for mark in marks {
            let isEqual = mark.bytes.withUnsafeBufferPointer { mark in
                var length = 0
                while length < min(mark.count, available), fold(bytes[place + length]) == mark[length] { length += 1 }
                return length == min(mark.count, available)
            }
            guard isEqual else { continue }
            if mark.bytes.count <= available { return .whole(index: mark.index, length: mark.bytes.count) }
            isBeginning = true
        }
        return isBeginning ? .beginning : .none
    }

    private func fold(_ byte: UInt8) -> UInt8 {
        isCaseSensitive ? byte : Self.lowercase(byte)
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}
