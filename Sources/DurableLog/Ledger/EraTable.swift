import StreamCore

/// Which offsets a stream has given: the indices of each of its eras.
struct EraTable: Sendable, Hashable {
    struct Era: Sendable, Hashable {
        var era: UInt32
        /// The index before its first event.
        var start: UInt64
        /// The index of its last event; ``start`` when it has none.
        var end: UInt64
    }

    /// The eras that are remembered; a cursor from an older one gets a gap.
    static let maxPast = 1024

    private(set) var past: [Era] = []
    private(set) var current: Era
    /// The newest event, which may be of a past era.
    private(set) var tail: Offset

    init(era: UInt32) {
        current = Era(era: era, start: 0, end: 0)
        tail = Offset(era: era, index: 0) ?? .start
    }

    /// A table from its parts, or nil where they contradict each other.
    init?(past: [Era], current: Era, tail: Offset) {
        var before: Era?
        for era in past + [current] {
            guard era.start <= era.end, Offset(era: era.era, index: era.end) != nil else { return nil }
            if let before { guard before.era < era.era, before.end == era.start else { return nil } }
            before = era
        }
        guard past.count <= EraTable.maxPast, tail.index == current.end, tail.era <= current.era else { return nil }
        self.past = past
        self.current = current
        self.tail = tail
    }

    /// Whether `count` more events have a place.
    func hasRoom(for count: Int) -> Bool {
        UInt64(count) <= Offset.maxIndex - current.end
    }

    mutating func advance(_ count: Int) {
        guard count > 0, let last = Offset(era: current.era, index: current.end + UInt64(count)) else { return }
        current.end = last.index
        tail = last
    }

    /// Begins another era; false when there are no more.
    mutating func beginEra(atLeast era: UInt32 = 0) -> Bool {
        let next = max(current.era &+ 1, era)
        guard next <= Offset.maxEra, next > current.era else { return false }
        // An era without events gave no offsets, but for the one that readers of an empty stream have.
        if current.start < current.end || past.isEmpty { past.append(current) }
        if past.count > EraTable.maxPast { past.removeFirst(past.count - EraTable.maxPast) }
        current = Era(era: next, start: current.end, end: current.end)
        return true
    }

    /// The eras up to an offset that was given, ``/StreamCore/Offset/start`` for none.
    func cut(at offset: Offset) -> EraTable {
        var cut = self
        while cut.current.era > offset.era || cut.current.start > offset.index, let last = cut.past.popLast() {
            cut.current = last
        }
        cut.current.end = max(cut.current.start, min(cut.current.end, offset.index))
        cut.tail = Offset(era: offset == .start ? cut.current.era : offset.era, index: cut.current.end) ?? offset
        return cut
    }

    /// Whether the offset is one that was given, or the place before the first event of its era.
    func contains(_ offset: Offset) -> Bool {
        let era = offset.era == current.era ? current : past.last { $0.era == offset.era }
        guard let era else { return false }
        return (era.start...era.end).contains(offset.index)
    }
}
