public import StreamCore

/// What an append, or a claim, tells the ledger of its stream: enough to decide about it, and to take it into account again when a log
/// is read back.
public struct LedgerEntry: Sendable, Hashable {
    /// How many events there are.
    public var eventCount: Int
    /// Who appends.
    public var producer: ProducerStamp?
    /// The checksum of the batch, for a stamp that comes again; 0 without a stamp.
    public var checksum: UInt32
    /// The text that must sort after that of the last append that had one.
    public var sequence: String?
    /// Whether the stream is closed with it.
    public var closes: Bool
    /// The producer that is given its next epoch; such an entry is no append and has no events.
    public var claim: ProducerID?

    /// An entry from its parts.
    public init(
        eventCount: Int = 0, producer: ProducerStamp? = nil, checksum: UInt32 = 0, sequence: String? = nil,
        closes: Bool = false, claim: ProducerID? = nil
    ) {
        self.eventCount = eventCount
        self.producer = producer
        self.checksum = checksum
        self.sequence = sequence
        self.closes = closes
        self.claim = claim
    }

    /// The entry of an append.
    public init(_ events: [StreamEvent], _ options: AppendOptions) {
        // Field by field: every token has one, and each copy of options counts.
        eventCount = events.count
        producer = options.producer
        checksum = options.producer == nil ? 0 : LedgerEntry.checksum(of: events, closes: options.closes)
        sequence = options.sequence
        closes = options.closes
    }

    /// The entry of a claim.
    public init(claim producer: ProducerID) {
        self.init(eventCount: 0, claim: producer)
    }

    /// Whether it has nothing to write: it is appended for what stands before it.
    var isBarrier: Bool { eventCount == 0 && !closes && producer == nil && sequence == nil && claim == nil }

    /// The CRC-32C of a batch's headers and payloads, and of whether it closes: another one is not the same append again.
    public static func checksum(of events: [StreamEvent], closes: Bool = false) -> UInt32 {
        var checksum = CRC32C()
        if closes { checksum.update(1) }
        for event in events {
            checksum.update(
                UInt64(event.payload.count) << 32 | UInt64(event.source.utf8.count),
                UInt64(event.type.rawValue.utf8.count) << 8 | UInt64(event.visibility.rawValue))
            checksum.update(event.type.rawValue)
            checksum.update(event.source)
            event.payload.withUnsafeBytes { checksum.update($0) }
        }
        return checksum.value
    }
}
