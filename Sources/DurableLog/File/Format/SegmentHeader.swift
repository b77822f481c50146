import StreamCore

/// The beginning of a segment: which part of which stream it is, and the stream's ledger before its first frame.
struct SegmentHeader: Sendable, Hashable {
    static let magic: [UInt8] = Array("AGSTRSEG".utf8)
    static let version: UInt32 = 1
    /// The bytes before the ledger.
    static let fixedSize = 80
    /// A header is not longer than this.
    static let maxSize = 16 << 20

    /// The stream's life: a stream that is made again under the same name has another.
    var incarnation: UInt64
    /// Goes into the checksum of each frame.
    var salt: UInt64
    var firstOrdinal: UInt64
    /// The newest frame that was known to be synced when the segment was begun.
    var syncedOrdinal: UInt64
    /// The stream's end before this segment.
    var before: Offset
    /// The era of the events that follow.
    var era: UInt32
    /// What the segment's name says too.
    var generation: UInt32
    var ledger: [UInt8]

    var name: SegmentName { SegmentName(firstOrdinal: firstOrdinal, before: before, generation: generation) }

    /// Where the first frame stands.
    var size: Int { (SegmentHeader.fixedSize + ledger.count + 7) & ~7 }

    var bytes: [UInt8] {
        var bytes = SegmentHeader.magic
        bytes.append(number: SegmentHeader.version)
        bytes.append(number: UInt32(0))
        bytes.append(number: UInt32(size))
        bytes.append(number: UInt32(ledger.count))
        bytes.append(number: incarnation)
        bytes.append(number: salt)
        bytes.append(number: firstOrdinal)
        bytes.append(number: syncedOrdinal)
        bytes.append(number: before.index)
        bytes.append(number: before.era)
        bytes.append(number: era)
        bytes.append(number: generation)
        bytes.append(number: UInt32(0))
        bytes.append(contentsOf: ledger)
        bytes.pad()
        return Checksummed.close(bytes)
    }

    /// How long the header at the beginning of `bytes` says it is, or nil where there is none.
    static func size(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= fixedSize, bytes.starts(with: magic) else { return nil }
        let size = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
        return (fixedSize...maxSize).contains(size) && size.isMultiple(of: 8) ? size : nil
    }

    /// The header that fills `bytes`.
    init(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
        var reader = try Checksummed.open(bytes, magic: SegmentHeader.magic, version: SegmentHeader.version)
        guard let size = reader.number(UInt32.self), Int(size) == bytes.count,
            let ledgerLength = reader.number(UInt32.self), let incarnation = reader.number(UInt64.self),
            let salt = reader.number(UInt64.self), let firstOrdinal = reader.number(UInt64.self),
            let syncedOrdinal = reader.number(UInt64.self), let index = reader.number(UInt64.self),
            let beforeEra = reader.number(UInt32.self), let era = reader.number(UInt32.self),
            let generation = reader.number(UInt32.self), reader.number(UInt32.self) != nil,
            let before = Offset(era: beforeEra, index: index),
            let ledger = reader.slice(Int(ledgerLength))
        else { throw FormatError("its fields contradict each other") }
        self.init(
            incarnation: incarnation, salt: salt, firstOrdinal: firstOrdinal, syncedOrdinal: syncedOrdinal,
            before: before, era: era, generation: generation, ledger: Array(ledger))
    }

    init(
        incarnation: UInt64, salt: UInt64, firstOrdinal: UInt64, syncedOrdinal: UInt64, before: Offset, era: UInt32,
        generation: UInt32 = 0, ledger: [UInt8]
    ) {
        self.incarnation = incarnation
        self.salt = salt
        self.firstOrdinal = firstOrdinal
        self.syncedOrdinal = syncedOrdinal
        self.before = before
        self.era = era
        self.generation = generation
        self.ledger = ledger
    }
}

/// Why bytes are not what they should be.
struct FormatError: Error, Sendable, Hashable, CustomStringConvertible {
    var description: String
    /// Whether they are of a version that this code does not know.
    var isUnknownVersion = false

    init(_ description: String, isUnknownVersion: Bool = false) {
        self.description = description
        self.isUnknownVersion = isUnknownVersion
    }
}

/// The frame of every small structure: eight bytes of magic, a version, and a CRC32C over all bytes but itself.
enum Checksummed {
    private static let checksumPosition = 12

    /// Puts the checksum into a structure that has room for it.
    static func close(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let value = bytes.withUnsafeBytes(checksum)
        bytes.store(value, at: checksumPosition)
        return bytes
    }

    /// A reader of what stands behind version and checksum.
    static func open(
        _ bytes: UnsafeRawBufferPointer, magic: [UInt8], version: UInt32
    ) throws(FormatError) -> LittleEndianReader {
        var reader = LittleEndianReader(bytes)
        guard let found = reader.slice(magic.count), found.elementsEqual(magic) else {
            throw FormatError("it does not begin with \(String(decoding: magic, as: UTF8.self))")
        }
        guard let foundVersion = reader.number(UInt32.self), let stored = reader.number(UInt32.self) else {
            throw FormatError("it is too short")
        }
        // First, so that a damaged version is not taken for another one: all versions have the checksum where it is.
        guard checksum(bytes) == stored else { throw FormatError("its checksum is wrong") }
        guard foundVersion == version else {
            throw FormatError(
                "it is of version \(foundVersion), and version \(version) is known", isUnknownVersion: true)
        }
        return reader
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(UnsafeRawBufferPointer(rebasing: bytes[..<checksumPosition]))
        checksum.update(UnsafeRawBufferPointer(rebasing: bytes[(checksumPosition + 4)...]))
        return checksum.value
    }
}
