/// What a checkpoint or a seal holds: the ledger behind the frame before it, and where frames stand in the segment.
struct Checkpoint: Sendable, Hashable {
    var ledger: [UInt8]
    var index: SegmentIndex

    init(ledger: [UInt8], index: SegmentIndex) {
        self.ledger = ledger
        self.index = index
    }

    var attachment: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(number: UInt32(ledger.count))
        bytes.append(contentsOf: ledger)
        bytes.append(contentsOf: index.bytes)
        return bytes
    }

    /// The same for a seal, whose last bytes say how long the frame is, so that it is found from the file's end.
    var sealAttachment: [UInt8] {
        var bytes = attachment
        bytes.pad()
        bytes.append(number: UInt32(bytes.count + SegmentIndex.endSize + FrameHeader.size))
        bytes.append(number: SegmentIndex.endMark)
        return bytes
    }

    /// The checkpoint of a frame that is whole.
    init?(_ header: FrameHeader, _ frame: UnsafeRawBufferPointer) {
        let end = FrameHeader.size + header.attachmentLength
        var reader = LittleEndianReader(UnsafeRawBufferPointer(rebasing: frame[FrameHeader.size..<end]))
        guard let count = reader.number(UInt32.self), let ledger = reader.slice(Int(count)),
            let rest = reader.slice(reader.rest), let index = SegmentIndex(bytes: rest)
        else { return nil }
        self.init(ledger: Array(ledger), index: index)
    }
}
