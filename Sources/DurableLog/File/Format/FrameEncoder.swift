import StreamCore

/// What one frame is to say.
struct FrameContent {
    var ordinal: UInt64
    var syncedOrdinal: UInt64
    var timestamp: Timestamp
    var before: Offset
    var era: UInt32
    var flags: FrameHeader.Flags
    /// The producer's stamp with the batch's checksum, and the sequence text, of an append.
    var entry = LedgerEntry()
    /// A ledger or an index, where it is no append.
    var attachment: [UInt8] = []
    var events: [StreamEvent] = []
}

extension FrameContent {
    /// The bytes that the frame takes.
    var length: Int {
        var size = FrameHeader.size + attachmentLength
        for event in events {
            size += EventHeader.size + event.type.rawValue.utf8.count + event.source.utf8.count + event.payload.count
        }
        return (size + 7) & ~7
    }

    private var attachmentLength: Int { entry.attachmentLength + attachment.count }

    func header(length: Int) -> FrameHeader {
        FrameHeader(
            length: length, ordinal: ordinal, syncedOrdinal: syncedOrdinal, timestamp: timestamp, before: before,
            era: era, eventCount: events.count, flags: flags, attachmentLength: attachmentLength)
    }

    /// Adds the frame to `bytes`, for a segment with this salt.
    ///
    /// - Returns: Its header.
    @discardableResult
    func append(to bytes: inout [UInt8], salt: UInt64) -> FrameHeader {
        let start = bytes.count
        let length = length
        let header = header(length: length)
        bytes.append(contentsOf: repeatElement(0, count: length))
        bytes.withUnsafeMutableBytes { bytes in
            // All that is written below comes to `length` bytes, as that was just counted.
            let frame = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + length])
            header.write(to: frame)
            var position = FrameHeader.size
            entry.writeAttachment(to: frame, at: &position)
            attachment.withUnsafeBytes { frame.write($0, at: &position) }
            for event in events {
                frame.write(number: UInt32(event.payload.count), at: &position)
                frame.write(number: UInt16(event.type.rawValue.utf8.count), at: &position)
                frame.write(number: UInt16(event.source.utf8.count), at: &position)
                frame.write(number: event.visibility.rawValue, at: &position)
                frame.write(event.type.rawValue.utf8, at: &position)
                frame.write(event.source.utf8, at: &position)
                event.payload.withUnsafeBytes { frame.write($0, at: &position) }
            }
            Frame.seal(frame, salt: salt)
        }
        return header
    }
}
