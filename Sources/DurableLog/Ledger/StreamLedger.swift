public import StreamCore

/// The law of appends to one stream, as a value without I/O: who may append, what was appended before, which offsets there are.
///
/// A log keeps one per stream, asks it before it writes (``check(_:contentType:in:)``), tells it what it wrote (``apply(_:)``), and keeps its ``bytes`` with
/// the events. A log that is read back applies the entries that follow the last ``bytes``, and stands where it stood.
public struct StreamLedger: Sendable, Hashable {
    /// The most bytes that ``AppendOptions/sequence`` may have.
    public static let maxSequenceLength = 1024
    /// The largest epoch that a producer may choose by itself: 2⁵³ − 1, as in the Durable Streams protocol.
    ///
    /// Claims go on behind it.
    public static let maxChosenEpoch: UInt64 = 1 << 53 - 1

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

    /// Decides about an append: closed, content type, then the producer, then the sequence text, whose conflict would otherwise hide from a
    /// producer that it repeats itself (Durable Streams, "Append to Stream").
    ///
    /// A closed stream still acknowledges the repetition of what was appended, refuses stale epochs as such, and takes another close without events. Where there is ``Verdict/nothing(_:)`` to
    /// write, what was appended before may still have to be synced.
    ///
    /// - Throws: `closed`, `contentTypeMismatch`, `sequenceRegression`, `staleEpoch`, `producerGap`, `newEpochSequence`, `checksumMismatch`,
    ///   and `tooLarge` where no offset is left.
    public func check(
        _ entry: LedgerEntry, contentType: String? = nil, in stream: StreamID
    ) throws(EventLogError) -> Verdict {
        if isClosed {
            if let stamp = entry.producer, let result = try knownRepetition(of: stamp, entry.checksum, in: stream) {
                return .nothing(result)
            }
            guard entry.eventCount == 0, entry.closes || entry.isBarrier else {
                var error = EventLogError(
                    .closed, stream, "the stream is closed, its last event is \(tail); nothing can be appended")
                error.last = tail
                throw error
            }
            return .nothing(AppendResult(last: tail))
        }
        if let contentType, !StreamOptions.isSameType(contentType, self.contentType) {
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
        if entry.isBarrier { return .nothing(AppendResult(last: tail)) }
        let last = Offset(era: era, index: tail.index + UInt64(entry.eventCount)) ?? tail
        return .append(
            AppendResult(
                last: entry.eventCount == 0 ? tail : last, producerSequence: entry.producer?.sequence))
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
    ///
    /// Its own events come in an era that this one has not begun, so that no offset means one event here and another there.
    ///
    /// - Parameters:
    ///   - offset: The last event that both share, or ``/StreamCore/Offset/start`` for none.
    ///   - isClosed: Whether nothing can be appended to it.
    ///   - era: The least era of its own events: later than those of an earlier stream of its name.
    /// - Returns: The ledger; where no era is left, a closed one.
    public func forked(at offset: Offset, isClosed: Bool = false, era: UInt32 = 0) -> StreamLedger {
        var cut = eras.cut(at: offset)
        let begins = cut.beginEra(atLeast: max(era, eras.current.era + 1))
        return StreamLedger(
            contentType: contentType, isClosed: isClosed || !begins, lastSequence: nil, eras: cut,
            producers: ProducerTable())
    }

    /// Checks that a reader may go on after `offset`.
    ///
    /// - Parameters:
    ///   - offset: The last event that the reader has seen.
    ///   - oldest: The oldest event that is kept; nil when none is.
    ///   - stream: The stream, for the error.
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
            // Of a producer that was forgotten it cannot be told whether it was fenced.
            if stamp.epoch > 0, stamp.epoch <= producers.claimFloor { throw stale(stamp, producers.claimFloor, stream) }
            try checkBeginning(stamp, .producerGap, in: stream)
            return nil
        }
        if stamp.epoch < known.epoch { throw stale(stamp, known.epoch, stream) }
        if stamp.epoch > known.epoch {
            try checkBeginning(stamp, .newEpochSequence, in: stream)
            return nil
        }
        if stamp.sequence >= known.next {
            if stamp.sequence == known.next { return nil }
            throw gap(stamp, expected: known.next, .producerGap, in: stream)
        }
        // An older batch than those remembered: it was appended, that is all that is known.
        guard let batch = known.batches.last(where: { $0.sequence == stamp.sequence }) else {
            return AppendResult(last: tail, isDuplicate: true, producerSequence: known.next - 1)
        }
        guard batch.checksum == checksum else {
            var error = EventLogError(
                .checksumMismatch, stream,
                "\(stamp.id) appended another content under sequence number \(stamp.sequence) of epoch \(stamp.epoch)")
            error.expectedSequence = known.next
            throw error
        }
        return AppendResult(last: batch.last, isDuplicate: true, producerSequence: known.next - 1)
    }

    // As above for a stream that takes nothing more: of a producer's faults only those count that it would also have in an open one, whatever it appends.
    private func knownRepetition(
        of stamp: ProducerStamp, _ checksum: UInt32, in stream: StreamID
    ) throws(EventLogError) -> AppendResult? {
        do throws(EventLogError) {
            return try repetition(of: stamp, checksum, in: stream)
        } catch {
            guard error.code == .staleEpoch || error.code == .checksumMismatch else { return nil }
            throw error
        }
    }

    // A producer, or an epoch of one, that is not known yet.
    private func checkBeginning(
        _ stamp: ProducerStamp, _ code: EventLogError.Code, in stream: StreamID
    ) throws(EventLogError) {
        guard stamp.sequence == 0 else { throw gap(stamp, expected: 0, code, in: stream) }
        guard stamp.epoch <= StreamLedger.maxChosenEpoch else {
            throw EventLogError(
                .tooLarge, stream,
                "\(stamp.id) begins epoch \(stamp.epoch); \(StreamLedger.maxChosenEpoch) is the last to choose")
        }
    }

    private func stale(_ stamp: ProducerStamp, _ newest: UInt64, _ stream: StreamID) -> EventLogError {
        var error = EventLogError(
            .staleEpoch, stream,
            "\(stamp.id) appends under epoch \(stamp.epoch), and \(newest) is its newest: another took over; stop")
        error.epoch = newest
        return error
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
