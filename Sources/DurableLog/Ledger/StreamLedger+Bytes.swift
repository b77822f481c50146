import StreamCore

/// Why bytes are not a ledger's.
public struct LedgerFormatError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public let description: String
}

extension StreamLedger {
    private static let version: UInt32 = 1

    /// The ledger as bytes: version 1, little-endian, at most about 400 KiB; the article on the file log's format has the layout.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(number: StreamLedger.version)
        bytes.append(text: String(contentType.prefix(1000)))
        bytes.append(isClosed ? 1 : 0)
        bytes.append(lastSequence == nil ? 0 : 1)
        if let lastSequence { bytes.append(text: lastSequence) }
        bytes.append(offset: eras.tail)
        bytes.append(number: UInt32(eras.past.count))
        for era in eras.past + [eras.current] {
            bytes.append(number: era.era)
            bytes.append(number: era.start)
            bytes.append(number: era.end)
        }
        bytes.append(number: producers.claimFloor)
        bytes.append(number: UInt32(producers.entries.count))
        for (id, entry) in producers.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            bytes.append(text: id.rawValue)
            bytes.append(number: entry.epoch)
            bytes.append(number: entry.claimed)
            bytes.append(number: entry.next)
            bytes.append(UInt8(entry.batches.count))
            for batch in entry.batches {
                bytes.append(number: batch.sequence)
                bytes.append(number: batch.checksum)
                bytes.append(offset: batch.last)
            }
        }
        return bytes
    }

    /// The ledger that ``bytes`` are of; whatever they are, reading ends with a ledger or an error.
    public init(bytes: some Collection<UInt8>) throws(LedgerFormatError) {
        let ledger = Array(bytes).withUnsafeBytes { bytes -> StreamLedger? in
            var reader = LittleEndianReader(bytes)
            guard let ledger = StreamLedger(&reader), reader.rest == 0 else { return nil }
            return ledger
        }
        guard let ledger else {
            throw LedgerFormatError(
                description: "these bytes are no ledger of a stream in version \(StreamLedger.version)")
        }
        self = ledger
    }

    private init?(_ reader: inout LittleEndianReader) {
        guard reader.number(UInt32.self) == StreamLedger.version, let contentType = reader.text(),
            let isClosed = reader.flag(), let hasSequence = reader.flag()
        else { return nil }
        var lastSequence: String?
        if hasSequence {
            guard let text = reader.text() else { return nil }
            lastSequence = text
        }
        guard let eras = EraTable(&reader), let producers = ProducerTable(&reader) else { return nil }
        self.init(
            contentType: contentType, isClosed: isClosed, lastSequence: lastSequence, eras: eras, producers: producers)
    }
}

extension EraTable {
    fileprivate init?(_ reader: inout LittleEndianReader) {
        guard let tail = reader.offset(), let count = reader.number(UInt32.self), count <= EraTable.maxPast else {
            return nil
        }
        var eras: [Era] = []
        for _ in 0...count {
            guard let era = reader.number(UInt32.self), let start = reader.number(UInt64.self),
                let end = reader.number(UInt64.self)
            else { return nil }
            eras.append(Era(era: era, start: start, end: end))
        }
        self.init(past: Array(eras.dropLast()), current: eras[eras.count - 1], tail: tail)
    }
}

extension ProducerTable {
    fileprivate init?(_ reader: inout LittleEndianReader) {
        guard let floor = reader.number(UInt64.self), let count = reader.number(UInt32.self),
            count <= ProducerTable.maxCount
        else { return nil }
        var entries: [ProducerID: Entry] = [:]
        for use in 0..<UInt64(count) {
            guard let id = reader.text().flatMap({ ProducerID(rawValue: $0) }), entries[id] == nil,
                let entry = Entry(&reader, lastUse: use + 1)
            else { return nil }
            entries[id] = entry
        }
        self.init(entries: entries, claimFloor: floor)
    }
}

extension ProducerTable.Entry {
    fileprivate init?(_ reader: inout LittleEndianReader, lastUse: UInt64) {
        guard let epoch = reader.number(UInt64.self), let claimed = reader.number(UInt64.self), claimed <= epoch,
            let next = reader.number(UInt64.self), let count = reader.number(UInt8.self),
            count <= ProducerTable.maxBatches
        else { return nil }
        var batches: [ProducerTable.Batch] = []
        for _ in 0..<count {
            guard let sequence = reader.number(UInt64.self), let checksum = reader.number(UInt32.self),
                let last = reader.offset()
            else { return nil }
            batches.append(ProducerTable.Batch(sequence: sequence, checksum: checksum, last: last))
        }
        self.init(epoch: epoch, claimed: claimed, next: next, batches: batches, lastUse: lastUse)
    }
}

extension LittleEndianReader {
    fileprivate mutating func flag() -> Bool? {
        number(UInt8.self).flatMap { $0 <= 1 ? $0 == 1 : nil }
    }
}
