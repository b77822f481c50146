import StreamCore

/// What an append says to the ledger, as its frame has it: in the flags, and attached before the events.
extension LedgerEntry {
    var flags: FrameHeader.Flags {
        var flags: FrameHeader.Flags = []
        if closes { flags.insert(.closes) }
        if producer != nil { flags.insert(.stamped) }
        if sequence != nil { flags.insert(.sequenced) }
        if claim != nil { flags.insert(.claim) }
        return flags
    }

    var attachment: [UInt8] {
        var bytes: [UInt8] = []
        if let producer {
            // The text with its length, two numbers of 8 bytes and one of 4.
            bytes.reserveCapacity(producer.id.rawValue.utf8.count + 22)
            bytes.append(text: producer.id.rawValue)
            bytes.append(number: producer.epoch)
            bytes.append(number: producer.sequence)
            bytes.append(number: checksum)
        }
        if let sequence { bytes.append(text: sequence) }
        if let claim { bytes.append(text: claim.rawValue) }
        return bytes
    }

    /// The entry of a frame that is whole; nil for one that no writer of ours makes.
    init?(_ header: FrameHeader, _ frame: UnsafeRawBufferPointer) {
        self.init(eventCount: header.eventCount, closes: header.flags.contains(.closes))
        let end = FrameHeader.size + header.attachmentLength
        var reader = LittleEndianReader(UnsafeRawBufferPointer(rebasing: frame[FrameHeader.size..<end]))
        if header.flags.contains(.stamped) {
            guard let id = reader.text().flatMap(ProducerID.init(rawValue:)), let epoch = reader.number(UInt64.self),
                let number = reader.number(UInt64.self), let checksum = reader.number(UInt32.self)
            else { return nil }
            producer = ProducerStamp(id: id, epoch: epoch, sequence: number)
            self.checksum = checksum
        }
        if header.flags.contains(.sequenced) {
            guard let sequence = reader.text() else { return nil }
            self.sequence = sequence
        }
        if header.flags.contains(.claim) {
            guard let claim = reader.text().flatMap(ProducerID.init(rawValue:)) else { return nil }
            self.claim = claim
        }
    }
}

extension StreamLedger {
    /// Takes a frame into account that is read back; false when it does not follow what the ledger knows.
    mutating func replay(_ entry: LedgerEntry, _ header: FrameHeader) -> Bool {
        if header.era != era, !beginEra(atLeast: header.era) { return false }
        guard header.era == era, header.before == tail else { return false }
        apply(entry)
        return true
    }
}
