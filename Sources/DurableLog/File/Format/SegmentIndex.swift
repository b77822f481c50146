import StreamCore

/// Where frames stand in a segment, one for every stretch of some bytes: to begin to read in the middle without reading what is before.
struct SegmentIndex: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        /// The frame at the place.
        var ordinal: UInt64
        /// The stream's end before it.
        var before: Offset
        var position: Int
    }

    /// How far apart the entries are, in bytes.
    static let stride = 32 << 10
    private static let entrySize = 28

    private(set) var entries: [Entry] = []

    init() {}

    /// Takes note of a frame when the last entry is far enough before it; frames come in their order.
    mutating func note(_ header: FrameHeader, at position: Int) {
        // A checkpoint has the ordinal of the record before it, and is none to begin to read at.
        if header.isControl { return }
        if let last = entries.last, position < last.position + SegmentIndex.stride { return }
        entries.append(Entry(ordinal: header.ordinal, before: header.before, position: position))
    }

    /// The last entry from which the events after `offset` can be found by reading on, or nil when that is the segment's beginning.
    func entry(before offset: Offset) -> Entry? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].before <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? entries[low - 1] : nil
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(number: UInt64(entries.count))
        for entry in entries {
            bytes.append(number: entry.ordinal)
            bytes.append(offset: entry.before)
            bytes.append(number: UInt64(entry.position))
        }
        return bytes
    }

    static let endMark = UInt32(littleEndian: 0x4C_41_45_53)
    /// The bytes at a sealed segment's end that say how long the seal is.
    static let endSize = 8

    /// How long the seal is that ends with these bytes; nil where it is none.
    static func sealLength(in end: UnsafeRawBufferPointer) -> Int? {
        var reader = LittleEndianReader(end)
        guard let length = reader.number(UInt32.self), reader.number(UInt32.self) == endMark else { return nil }
        return length >= FrameHeader.size && length.isMultiple(of: 8) ? Int(length) : nil
    }

    init?(bytes: UnsafeRawBufferPointer) {
        var reader = LittleEndianReader(bytes)
        guard let count = reader.number(UInt64.self), count <= UInt64(bytes.count / SegmentIndex.entrySize) else {
            return nil
        }
        entries.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let ordinal = reader.number(UInt64.self), let before = reader.offset(),
                let position = reader.number(UInt64.self), position <= UInt64(Int32.max)
            else { return nil }
            // Sorted, as a search relies on it.
            if let last = entries.last, last.position >= Int(position) || last.before > before { return nil }
            entries.append(Entry(ordinal: ordinal, before: before, position: Int(position)))
        }
    }
}
