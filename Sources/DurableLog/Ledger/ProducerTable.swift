import StreamCore

/// What a stream knows of its producers: bounded, the one that was heard of longest ago goes first.
///
/// To forget a producer is safe for those that claim: ``claimFloor`` keeps the largest epoch that any forgotten one had claimed, no epoch up to there is
/// given again, and who appends under one is refused as stale, be it the fenced or the one that fenced it. Epoch 0, which no claim
/// gives, always begins anew: a producer that counts its own epochs and is forgotten loses the memory of its repetitions, no more.
struct ProducerTable: Sendable, Hashable {
    /// How many producers are known.
    static let maxCount = 1024
    /// How many of a producer's last batches are remembered, for a repetition's offset and checksum.
    static let maxBatches = 8

    struct Batch: Sendable, Hashable {
        var sequence: UInt64
        var checksum: UInt32
        var last: Offset
    }

    struct Entry: Sendable, Hashable {
        var epoch: UInt64
        /// The largest epoch that a claim gave it; 0 for none.
        var claimed: UInt64 = 0
        /// The sequence number that comes next.
        var next: UInt64 = 0
        /// The last batches, oldest first.
        var batches: [Batch] = []
        /// When it was last heard of, in steps of ``ProducerTable/clock``.
        var lastUse: UInt64 = 0
    }

    private(set) var entries: [ProducerID: Entry] = [:]
    /// The largest epoch that was claimed by a producer that was forgotten.
    private(set) var claimFloor: UInt64 = 0
    private var clock: UInt64 = 0

    init() {}

    init(entries: [ProducerID: Entry], claimFloor: UInt64) {
        self.entries = entries
        self.claimFloor = claimFloor
        clock = entries.values.map(\.lastUse).max() ?? 0
    }

    /// The epoch that a claim gives, or nil when there is none left.
    func nextEpoch(of producer: ProducerID) -> UInt64? {
        let (epoch, overflow) = max(entries[producer]?.epoch ?? 0, claimFloor).addingReportingOverflow(1)
        return overflow ? nil : epoch
    }

    mutating func claim(_ producer: ProducerID, epoch: UInt64) {
        update(producer) { $0 = Entry(epoch: epoch, claimed: epoch) }
    }

    mutating func add(_ stamp: ProducerStamp, checksum: UInt32, last: Offset) {
        update(stamp.id) { entry in
            if entry.epoch != stamp.epoch { entry = Entry(epoch: stamp.epoch, claimed: entry.claimed) }
            entry.next = stamp.sequence &+ 1
            if entry.batches.count == ProducerTable.maxBatches { entry.batches.removeFirst() }
            entry.batches.append(Batch(sequence: stamp.sequence, checksum: checksum, last: last))
        }
    }

    private mutating func update(_ producer: ProducerID, _ change: (inout Entry) -> Void) {
        clock += 1
        // One search for a producer that is known, as nearly all are.
        if let index = entries.index(forKey: producer) {
            change(&entries.values[index])
            entries.values[index].lastUse = clock
            return
        }
        if entries.count >= ProducerTable.maxCount { forgetOldest() }
        var entry = Entry(epoch: 0)
        change(&entry)
        entry.lastUse = clock
        entries[producer] = entry
    }

    // An eighth at a time, so that a stream with many producers does not look for the oldest at every append.
    private mutating func forgetOldest() {
        let byUse = entries.sorted { $0.value.lastUse < $1.value.lastUse }
        for (producer, entry) in byUse.prefix(max(1, ProducerTable.maxCount / 8)) {
            claimFloor = max(claimFloor, entry.claimed)
            entries[producer] = nil
        }
    }
}
