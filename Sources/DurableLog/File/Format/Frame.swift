import StreamCore

/// A frame whose checksum was right.
struct Frame: Sendable, Hashable {
    var header: FrameHeader
    /// Where it stands in its file.
    var position: Int
    var end: Int { position + header.length }
}

/// What stands at a place in a segment.
enum FrameFinding: Sendable, Hashable {
    case frame(FrameHeader)
    /// Zeros, where nothing was written yet, or the file's end.
    case nothing
    /// The bytes are not all there: so many are needed from here.
    case needs(Int)
    /// Something that is no frame.
    case damage(String)
}

extension Frame {
    /// The checksum's place in a frame.
    private static let checksumPosition = 4

    /// The checksum of a frame: over the segment's salt, so that a payload that looks like a frame is none, and all its bytes but itself.
    static func checksum(_ frame: UnsafeRawBufferPointer, salt: UInt64) -> UInt32 {
        var checksum = CRC32C()
        withUnsafeBytes(of: salt.littleEndian) { checksum.update($0) }
        checksum.update(UnsafeRawBufferPointer(rebasing: frame[..<checksumPosition]))
        checksum.update(UnsafeRawBufferPointer(rebasing: frame[(checksumPosition + 4)...]))
        return checksum.value
    }

    /// Puts the checksum into a frame that is otherwise complete.
    static func seal(_ frame: UnsafeMutableRawBufferPointer, salt: UInt64) {
        let value = checksum(UnsafeRawBufferPointer(frame), salt: salt)
        frame.storeBytes(of: value.littleEndian, toByteOffset: checksumPosition, as: UInt32.self)
    }

    /// What stands at the beginning of `bytes`, which go on in the file unless `isAll`.
    ///
    /// - Parameter ordinal: The ordinal that the frame must have, one less for a checkpoint or seal; nil where any is right.
    static func find(in bytes: UnsafeRawBufferPointer, salt: UInt64, ordinal: UInt64?, isAll: Bool) -> FrameFinding {
        guard bytes.count >= FrameHeader.size else {
            if !isAll { return .needs(FrameHeader.size) }
            return bytes.allSatisfy { $0 == 0 } ? .nothing : .damage("the file ends within a record")
        }
        if bytes.loadUnaligned(as: UInt64.self) == 0 { return .nothing }
        guard let length = FrameHeader.length(in: bytes) else { return .damage("its length is none") }
        guard bytes.count >= length else {
            return isAll ? .damage("the file ends within a record") : .needs(length)
        }
        let frame = UnsafeRawBufferPointer(rebasing: bytes[..<length])
        let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: checksumPosition, as: UInt32.self))
        guard stored == checksum(frame, salt: salt) else { return .damage("its checksum is wrong") }
        guard let header = FrameHeader(frame) else { return .damage("its header contradicts itself") }
        if let ordinal, header.isControl ? header.ordinal + 1 != ordinal : header.ordinal != ordinal {
            return .damage("it is record \(header.ordinal) and not \(ordinal)")
        }
        return .frame(header)
    }
}

/// Takes the events out of frames; what repeats itself from event to event (types, sources) is made once.
struct EventDecoder {
    private var type = StreamEvent.EventType(rawValue: "")
    private var source = ""

    /// Adds the events of a frame, which `find` has found right, that come after `offset`, while there is room.
    ///
    /// - Returns: False when the events do not fill the frame as its header says, which no writer of ours does.
    mutating func decode(
        _ header: FrameHeader, _ frame: UnsafeRawBufferPointer, after offset: Offset,
        into events: inout [LoggedEvent], room: inout PageRoom
    ) -> Bool {
        var reader = LittleEndianReader(frame, at: FrameHeader.size + header.attachmentLength)
        var index = header.before.index
        for _ in 0..<header.eventCount {
            index += 1
            guard let payloadLength = reader.number(UInt32.self), let typeLength = reader.number(UInt16.self),
                let sourceLength = reader.number(UInt16.self), let visibility = reader.number(UInt8.self),
                let visibility = StreamEvent.Visibility(rawValue: visibility),
                let typeBytes = reader.slice(Int(typeLength)), let sourceBytes = reader.slice(Int(sourceLength)),
                let payload = reader.slice(Int(payloadLength)), let place = Offset(era: header.era, index: index)
            else { return false }
            guard place > offset else { continue }
            guard room.take(payload.count) else { return true }
            if !type.rawValue.utf8.elementsEqual(typeBytes) {
                type = StreamEvent.EventType(rawValue: String(decoding: typeBytes, as: UTF8.self))
            }
            if !source.utf8.elementsEqual(sourceBytes) { source = String(decoding: sourceBytes, as: UTF8.self) }
            events.append(
                LoggedEvent(
                    offset: place, timestamp: header.timestamp,
                    event: StreamEvent(type: type, visibility: visibility, source: source, payload: Array(payload))))
        }
        return true
    }
}
