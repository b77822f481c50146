import StreamCore

/// What one frame is to say.
struct FrameContent {
    var ordinal: UInt64
    var syncedOrdinal: UInt64
    var timestamp: Timestamp
    var before: Offset
    var era: UInt32
    var flags: FrameHeader.Flags
    /// The producer's stamp with the batch's checksum, the sequence text, a ledger or an index.
    var attachment: [UInt8] = []
    var events: [StreamEvent] = []
}

extension FrameContent {
    /// The bytes that the frame takes.
    var length: Int {
        let events = events.reduce(0) {
            $0 + EventHeader.size + $1.type.rawValue.utf8.count + $1.source.utf8.count + $1.payload.count
        }
        return (FrameHeader.size + attachment.count + events + 7) & ~7
    }

    func header(length: Int) -> FrameHeader {
        FrameHeader(
            length: length, ordinal: ordinal, syncedOrdinal: syncedOrdinal, timestamp: timestamp, before: before,
            era: era, eventCount: events.count, flags: flags, attachmentLength: attachment.count)
    }

    /// Adds the frame to `bytes`, for a segment with this salt.
    func append(to bytes: inout [UInt8], salt: UInt64) {
        let start = bytes.count
        let length = length
        bytes.reserveCapacity(start + length)
        bytes.append(contentsOf: repeatElement(0, count: FrameHeader.size))
        bytes.append(contentsOf: attachment)
        for event in events {
            bytes.append(number: UInt32(event.payload.count))
            bytes.append(number: UInt16(event.type.rawValue.utf8.count))
            bytes.append(number: UInt16(event.source.utf8.count))
            bytes.append(event.visibility.rawValue)
            bytes.append(contentsOf: event.type.rawValue.utf8)
            bytes.append(contentsOf: event.source.utf8)
            bytes.append(contentsOf: event.payload)
        }
        bytes.append(contentsOf: repeatElement(0, count: start + length - bytes.count))
        header(length: length).write(to: &bytes, at: start)
        Frame.seal(&bytes, at: start, length: length, salt: salt)
    }
}
