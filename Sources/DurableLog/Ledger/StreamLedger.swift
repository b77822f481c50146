public import StreamCore

/// The law of appends to one stream, as a value without I/O: who may append, what was appended before, which offsets there are.
///
/// A log keeps one per stream, asks it before it writes (``check(_:contentType:in:)``), tells it what it wrote (``apply(_:)``), and keeps its ``bytes`` with
/// the events. A log that is read back applies the entries that follow the last ``bytes``, and stands where it stood.
public struct StreamLedger: Sendable, Hashable {
    /// The most bytes that ``AppendOptions/sequence`` may have.
    public static let maxSequenceLength = 1024

    /// The media type of the payloads.
    public let contentType: String
    /// Whether nothing follows.
    public private(set) var isClosed = false
    /// The text of the last append that had one.
    public private(set) var lastSequence: String?
    var eras: EraTable
    var producers = ProducerTable()

    /// The ledger of a new stream, whose first event will have index 1 of `era`.
    public init(contentType: String, era: UInt32, isClosed: Bool = false) {
        self.contentType = contentType
        self.isClosed = isClosed
        eras = EraTable(era: era)
    }

    init(contentType: String, isClosed: Bool, lastSequence: String?, eras: EraTable, producers: ProducerTable) {
        self.contentType = contentType
        self.isClosed = isClosed
        self.lastSequence = lastSequence
        self.eras = eras
        self.producers = producers
    }

    /// The newest event's offset; of an empty stream, the place before the first.
    public var tail: Offset { eras.tail }
    /// The era of the next event.
    public var era: UInt32 { eras.current.era }

    /// What is to be done with an entry.
    public enum Verdict: Sendable, Hashable {
        /// Write it; that is its result then.
        case append(AppendResult)
        /// There is nothing to write; that is its result.
        case nothing(AppendResult)
    }

    /// Decides about an append, in the order of the Durable Streams protocol: closed, content type, sequence, producer.
    ///
    /// A closed stream still acknowledges the repetition of what was appended, and another close without events.
    ///
    /// - Throws: `closed`, `contentTypeMismatch`, `sequenceRegression`, `staleEpoch`, `producerGap`, `newEpochSequence`, `checksumMismatch`,
    ///   and `tooLarge` where no offset is left.
    public func check(
        _ entry: LedgerEntry, contentType: String? = nil, in stream: StreamID
    ) throws(EventLogError) -> Verdict {
        if isClosed {
            if let stamp = entry.producer, let result = try? repetition(of: stamp, entry.checksum, in: stream) {
                return .nothing(result)
            }
            guard entry.closes, entry.eventCount == 0 else {
                var error = EventLogError(
                    .closed, stream, "the stream is closed, its last event is \(tail); nothing can be appended")
                error.last = tail
                throw error
            }
            return .nothing(AppendResult(last: tail))
        }
        if let contentType, contentType != self.contentType {
            throw EventLogError(
                .contentTypeMismatch, stream, "the stream holds \(self.contentType), not \(contentType.prefix(100))")
        }
        if let stamp = entry.producer, let result = try repetition(of: stamp, entry.checksum, in: stream) {
            return .nothing(result)
        }
        if let sequence = entry.sequence, sequence.utf8.count > StreamLedger.maxSequenceLength {
            throw EventLogError(
                .tooLarge, stream, "the sequence has more than \(StreamLedger.maxSequenceLength) bytes")
        }
        if let sequence = entry.sequence, let lastSequence,
            !lastSequence.utf8.lexicographicallyPrecedes(sequence.utf8)
        {
            throw EventLogError(
                .sequenceRegression, stream,
                "'\(sequence.prefix(100))' does not sort after '\(lastSequence.prefix(100))', which was appended last")
        }
        guard eras.hasRoom(for: entry.eventCount) else {
            throw EventLogError(.tooLarge, stream, "the stream has no offsets left")
        }
        if entry.eventCount == 0, !entry.closes, entry.sequence == nil, entry.producer == nil {
            return .nothing(AppendResult(last: tail))
        }
        let last = Offset(era: era, index: tail.index + UInt64(entry.eventCount)) ?? tail
        return .append(AppendResult(last: entry.eventCount == 0 ? tail : last))
    }

    /// The epoch that a claim will give.
    ///
    /// - Throws: `closed`; `tooLarge` when no epoch is left.
    public func nextEpoch(of producer: ProducerID, in stream: StreamID) throws(EventLogError) -> UInt64 {
        guard !isClosed else {
            var error = EventLogError(.closed, stream, "the stream is closed; there is nothing to claim")
            error.last = tail
            throw error
        }
        guard let epoch = producers.nextEpoch(of: producer) else {
            throw EventLogError(.tooLarge, stream, "the producer \(producer) has no epochs left")
        }
        return epoch
    }

    /// Takes into account what was written; the entry was checked before, now or when it was first written.
    public mutating func apply(_ entry: LedgerEntry) {
        if let claim = entry.claim {
            if let epoch = producers.nextEpoch(of: claim) { producers.claim(claim, epoch: epoch) }
            return
        }
        eras.advance(entry.eventCount)
        if let sequence = entry.sequence { lastSequence = sequence }
        if let stamp = entry.producer { producers.add(stamp, checksum: entry.checksum, last: tail) }
        if entry.closes { isClosed = true }
    }

    /// Begins another era, after events may have been lost; at least `era`.
    ///
    /// - Returns: False when no era is left: the stream can then only be read.
    public mutating func beginEra(atLeast era: UInt32 = 0) -> Bool {
        eras.beginEra(atLeast: era)
    }

    /// The ledger of a stream that shares this one's events up to `offset`, which this one gave; nobody has appended to it.
    public func forked(at offset: Offset, isClosed: Bool = false) -> StreamLedger {
        StreamLedger(
            contentType: contentType, isClosed: isClosed, lastSequence: nil, eras: eras.cut(at: offset),
            producers: ProducerTable())
    }

    /// Checks that a reader may go on after `offset`.
    ///
    /// - Parameter oldest: The oldest event that is kept; nil when none is.
    /// - Throws: `gap` for an offset that is older than what is kept, or that was never given.
    public func checkRead(after offset: Offset, oldest: Offset?, in stream: StreamID) throws(EventLogError) {
        guard offset != .start else { return }
        let why: String
        if !eras.contains(offset) {
            why = "the stream never gave the offset \(offset), or lost what had it"
        } else if offset.index < (oldest.map { $0.index - 1 } ?? tail.index) {
            why = "what follows the offset \(offset) is not kept any more"
        } else {
            return
        }
        var error = EventLogError(
            .gap, stream, why + "; kept is \(oldest.map { "\($0) … \(tail)" } ?? "nothing up to \(tail)")")
        error.kept = EventLogError.KeptRange(oldest: oldest, newest: tail)
        throw error
    }

    // The result of a batch that came before, nil for a new one.
    private func repetition(
        of stamp: ProducerStamp, _ checksum: UInt32, in stream: StreamID
    ) throws(EventLogError) -> AppendResult? {
        guard let known = producers.entries[stamp.id] else {
            if stamp.sequence == 0 { return nil }
            throw gap(stamp, expected: 0, .producerGap, in: stream)
        }
        if stamp.epoch < known.epoch {
            var error = EventLogError(
                .staleEpoch, stream,
                "\(stamp.id) appends under epoch \(stamp.epoch), and \(known.epoch) is its newest: another took over; stop"
            )
            error.epoch = known.epoch
            throw error
        }
        if stamp.epoch > known.epoch {
            if stamp.sequence == 0 { return nil }
            throw gap(stamp, expected: 0, .newEpochSequence, in: stream)
        }
        if stamp.sequence >= known.next {
            if stamp.sequence == known.next { return nil }
            throw gap(stamp, expected: known.next, .producerGap, in: stream)
        }
        // An older batch than those remembered: it was appended, that is all that is known.
        guard let batch = known.batches.last(where: { $0.sequence == stamp.sequence }) else {
            return AppendResult(last: tail, isDuplicate: true)
        }
        guard batch.checksum == checksum else {
            throw EventLogError(
                .checksumMismatch, stream,
                "\(stamp.id) appended another content under sequence number \(stamp.sequence) of epoch \(stamp.epoch)")
        }
        return AppendResult(last: batch.last, isDuplicate: true)
    }

    private func gap(
        _ stamp: ProducerStamp, expected: UInt64, _ code: EventLogError.Code, in stream: StreamID
    ) -> EventLogError {
        var error = EventLogError(
            code, stream, "\(stamp.id) appends number \(stamp.sequence) of epoch \(stamp.epoch); \(expected) comes next"
        )
        error.expectedSequence = expected
        return error
    }
}
