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

    /// The bytes that stand before the events.
    var attachmentLength: Int {
        var length = 0
        // The text with its length, two numbers of 8 bytes and one of 4.
        if let producer { length += 2 + producer.id.rawValue.utf8.count + 20 }
        if let sequence { length += 2 + sequence.utf8.count }
        if let claim { length += 2 + claim.rawValue.utf8.count }
        return length
    }

    /// Writes what stands before the events, which is as long as ``attachmentLength`` says.
    func writeAttachment(to frame: UnsafeMutableRawBufferPointer, at position: inout Int) {
        if let producer {
            frame.write(text: producer.id.rawValue, at: &position)
            frame.write(number: producer.epoch, at: &position)
            frame.write(number: producer.sequence, at: &position)
            frame.write(number: checksum, at: &position)
        }
        if let sequence { frame.write(text: sequence, at: &position) }
        if let claim { frame.write(text: claim.rawValue, at: &position) }
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
