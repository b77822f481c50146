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
        var size = FrameHeader.size + attachment.count
        for event in events {
            size += EventHeader.size + event.type.rawValue.utf8.count + event.source.utf8.count + event.payload.count
        }
        return (size + 7) & ~7
    }

    func header(length: Int) -> FrameHeader {
        FrameHeader(
            length: length, ordinal: ordinal, syncedOrdinal: syncedOrdinal, timestamp: timestamp, before: before,
            era: era, eventCount: events.count, flags: flags, attachmentLength: attachment.count)
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
            attachment.withUnsafeBytes { frame.copy($0, at: &position) }
            for event in events {
                frame.storeBytes(
                    of: UInt32(event.payload.count).littleEndian, toByteOffset: position, as: UInt32.self)
                frame.storeBytes(
                    of: UInt16(event.type.rawValue.utf8.count).littleEndian, toByteOffset: position + 4,
                    as: UInt16.self)
                frame.storeBytes(
                    of: UInt16(event.source.utf8.count).littleEndian, toByteOffset: position + 6, as: UInt16.self)
                frame[position + 8] = event.visibility.rawValue
                position += EventHeader.size
                frame.copy(event.type.rawValue, at: &position)
                frame.copy(event.source, at: &position)
                event.payload.withUnsafeBytes { frame.copy($0, at: &position) }
            }
            Frame.seal(frame, salt: salt)
        }
        return header
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func copy(_ bytes: UnsafeRawBufferPointer, at position: inout Int) {
        UnsafeMutableRawBufferPointer(rebasing: self[position..<position + bytes.count]).copyMemory(from: bytes)
        position += bytes.count
    }

    fileprivate func copy(_ text: String, at position: inout Int) {
        var text = text
        text.withUTF8 { copy(UnsafeRawBufferPointer($0), at: &position) }
    }
}
