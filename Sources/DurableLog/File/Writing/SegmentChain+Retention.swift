import StreamCore

/// What of a stream is kept: whole segments go, and a stream with a retention has segments that are small beside it.
extension SegmentChain {
    private static let segmentsPerRetention = 4
    private static let minEvents = 16
    private static let minBytes = 16 << 10

    /// Whether the segment is to be sealed before the next frame.
    func isFull(_ position: StreamPosition, _ now: Timestamp) -> Bool {
        // Read in place: a copy of the segment would take its index along, for every append.
        guard let end = segment?.end, let before = segment?.name.before else { return false }
        if end >= context.limits.segmentBytes { return true }
        let retention = context.manifest.options.retention
        let share = SegmentChain.segmentsPerRetention
        if let most = retention.maxEvents {
            let count = position.ledger.tail.index - before.index
            if count >= UInt64(max(SegmentChain.minEvents, most / share)) { return true }
        }
        if let most = retention.maxBytes, end >= max(SegmentChain.minBytes, most / share) { return true }
        if let most = retention.maxAge, let began = segment?.began {
            return now >= began.advanced(by: most / share)
        }
        return false
    }

    /// How many of the oldest segments the retention does not keep.
    mutating func surplus(tail: Offset, now: Timestamp) -> Int {
        let retention = context.manifest.options.retention
        guard retention != .everything else { return 0 }
        var surplus = 0
        var bytes = retention.maxBytes == nil ? 0 : names.dropFirst().reduce(0) { $0 + facts(of: $1).bytes }
        while surplus + 1 < names.count {
            let isOverCount = retention.maxEvents.map {
                tail.index - names[surplus + 1].before.index >= UInt64(max(0, $0))
            }
            let isOverBytes = retention.maxBytes.map { bytes >= $0 }
            let isTooOld = retention.maxAge.map { age in
                facts(of: names[surplus]).sealed.map { $0.advanced(by: age) < now } ?? false
            }
            guard isOverCount == true || isOverBytes == true || isTooOld == true else { break }
            surplus += 1
            bytes -= facts(of: names[surplus]).bytes
        }
        for name in names.prefix(surplus) { known[name.firstOrdinal] = nil }
        return surplus
    }

    /// The size of a segment and when it was sealed, which do not change then.
    private mutating func facts(of name: SegmentName) -> Facts {
        if let segment, segment.name == name { return Facts(bytes: segment.end, sealed: nil) }
        if let facts = known[name.firstOrdinal] { return facts }
        var facts = Facts(bytes: 0, sealed: nil)
        // One that cannot be read counts for nothing and has no age; reading it says what is wrong.
        if let file = try? SegmentFile(name, in: context.directory, of: context.system) {
            facts.bytes = (try? file.file.status().size) ?? 0
            facts.sealed = file.seal?.header.timestamp
        }
        known[name.firstOrdinal] = facts
        return facts
    }
}
