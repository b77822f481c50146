import StreamCore

/// What stands before the events of one append: a frame is an append, so that a batch is there whole or not at all.
///
/// The layout, byte by byte, is in Documentation/FileLogFormat.md.
struct FrameHeader: Sendable, Hashable {
    struct Flags: OptionSet, Sendable, Hashable {
        let rawValue: UInt16
        /// It was written together with others, and may be taken back: readers may have it only once the mark, or a later frame, says so.
        static let held = Flags(rawValue: 1 << 0)
        /// The stream is closed with it.
        static let closes = Flags(rawValue: 1 << 1)
        /// A producer's stamp is attached.
        static let stamped = Flags(rawValue: 1 << 2)
        /// A sequence text is attached.
        static let sequenced = Flags(rawValue: 1 << 3)
        /// A producer's new epoch, and no append.
        static let claim = Flags(rawValue: 1 << 4)
        /// The ledger as it stands here, and no append.
        static let checkpoint = Flags(rawValue: 1 << 5)
        /// The segment's index, behind which nothing follows.
        static let seal = Flags(rawValue: 1 << 6)
        static let known = Flags(rawValue: (1 << 7) - 1)
    }

    /// The bytes of a header.
    static let size = 64
    /// More than any frame that is written: a length beyond it is damage.
    static let maxLength = 1 << 30

    /// The whole frame's bytes, a multiple of eight.
    var length: Int
    /// Counts the frames of a stream from 1, across segments.
    var ordinal: UInt64
    /// The newest frame that was known to be synced when this one was written: the commit mark within the chain.
    var syncedOrdinal: UInt64
    var timestamp: Timestamp
    /// The stream's end before this frame.
    var before: Offset
    /// The era of this frame's events.
    var era: UInt32
    var eventCount: Int
    var flags: Flags
    /// The bytes between the header and the events.
    var attachmentLength: Int

    /// Whether it is no append: it has the ordinal of the frame before it.
    var isControl: Bool { !flags.isDisjoint(with: [.checkpoint, .seal]) }

    /// The stream's end after this frame.
    var last: Offset {
        eventCount == 0 ? before : Offset(era: era, index: before.index + UInt64(eventCount)) ?? before
    }

    /// Writes the header to the beginning of a frame, but for the checksum, which comes last.
    func write(to frame: UnsafeMutableRawBufferPointer) {
        func store<Number: FixedWidthInteger>(_ number: Number, _ position: Int) {
            frame.storeBytes(of: number.littleEndian, toByteOffset: position, as: Number.self)
        }
        store(UInt32(length), 0)
        store(ordinal, 8)
        store(syncedOrdinal, 16)
        store(timestamp.millisecondsSince1970, 24)
        store(before.index, 32)
        store(before.era, 40)
        store(era, 44)
        store(UInt32(eventCount), 48)
        store(flags.rawValue, 52)
        store(UInt16(0), 54)
        store(UInt32(attachmentLength), 56)
        store(UInt32(0), 60)
    }

    /// The header at the beginning of `bytes`, or nil where they cannot be one; the checksum is not looked at.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= FrameHeader.size else { return nil }
        func load<Number: FixedWidthInteger>(_ position: Int, as: Number.Type = Number.self) -> Number {
            Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
        }
        guard let length = FrameHeader.length(in: bytes),
            let before = Offset(era: load(40), index: load(32)),
            load(54, as: UInt16.self) == 0, load(60, as: UInt32.self) == 0
        else { return nil }
        self.length = length
        ordinal = load(8)
        syncedOrdinal = load(16)
        timestamp = Timestamp(millisecondsSince1970: load(24))
        self.before = before
        era = load(44)
        eventCount = Int(load(48, as: UInt32.self))
        flags = Flags(rawValue: load(52))
        attachmentLength = Int(load(56, as: UInt32.self))
        let room = length - FrameHeader.size
        guard ordinal < .max, flags.isSubset(of: .known), era >= before.era, attachmentLength <= room,
            eventCount <= (room - attachmentLength) / EventHeader.size,
            Offset(era: era, index: before.index + UInt64(eventCount)) != nil
        else { return nil }
    }

    init(
        length: Int, ordinal: UInt64, syncedOrdinal: UInt64, timestamp: Timestamp, before: Offset, era: UInt32,
        eventCount: Int, flags: Flags, attachmentLength: Int
    ) {
        self.length = length
        self.ordinal = ordinal
        self.syncedOrdinal = syncedOrdinal
        self.timestamp = timestamp
        self.before = before
        self.era = era
        self.eventCount = eventCount
        self.flags = flags
        self.attachmentLength = attachmentLength
    }

    /// The length of the frame at the beginning of `bytes`, of which four must be there; nil where it cannot be one.
    static func length(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
        return length >= size && length <= maxLength && length.isMultiple(of: 8) ? length : nil
    }
}

/// What stands before each event of a frame.
enum EventHeader {
    /// Payload length (4), type length (2), source length (2), visibility (1).
    static let size = 9
}
