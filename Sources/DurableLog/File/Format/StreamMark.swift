import StreamCore

/// A stream's commit mark, in the file `mark`: what is known to be synced, where to begin to look for the end, and what was trimmed.
struct StreamMark: SlottedRecord, Hashable {
    static let magic: [UInt8] = Array("AGSTRMRK".utf8)
    static let version: UInt32 = 1

    struct Flags: OptionSet, Sendable, Hashable {
        let rawValue: UInt32
        /// Nothing was written behind ``StreamMark/endOrdinal`` when the writer left the stream.
        static let clean = Flags(rawValue: 1 << 0)
        /// The era was begun after something may have been lost, and is not known to be synced.
        static let unsettled = Flags(rawValue: 1 << 2)
    }

    var sequence: UInt64 = 0
    /// The log's session in which it was written.
    var session: UInt64 = 0
    /// Everything up to this frame survives the loss of power.
    var syncedOrdinal: UInt64 = 0
    /// The newest frame that readers may have when the mark was written.
    var endOrdinal: UInt64 = 0
    /// The newest segment, by its first frame.
    var segment: UInt64 = 0
    /// The segment, the place and the ordinal of a checkpoint that is synced, to begin to scan at; 0 for none.
    var checkpointSegment: UInt64 = 0
    var checkpointPosition: UInt64 = 0
    /// The oldest segment that is kept, by its first frame.
    var oldestSegment: UInt64 = 0
    var flags: Flags = []
    /// The smallest era that may be used from now on.
    var era: UInt32 = 0
    /// When the stream was last used, for a sliding lifetime.
    var lastUsed = Timestamp(millisecondsSince1970: 0)
    var incarnation: UInt64 = 0
    /// The generation of the newest segment.
    var generation: UInt32 = 0

    init() {}

    func append(to bytes: inout [UInt8]) {
        for number in [
            session, syncedOrdinal, endOrdinal, segment, checkpointSegment, checkpointPosition, oldestSegment,
        ] {
            bytes.append(number: number)
        }
        bytes.append(number: flags.rawValue)
        bytes.append(number: era)
        bytes.append(number: lastUsed.millisecondsSince1970)
        bytes.append(number: incarnation)
        bytes.append(number: generation)
    }

    init?(sequence: UInt64, _ reader: inout LittleEndianReader) {
        self.sequence = sequence
        guard let session = reader.number(UInt64.self), let syncedOrdinal = reader.number(UInt64.self),
            let endOrdinal = reader.number(UInt64.self), let segment = reader.number(UInt64.self),
            let checkpointSegment = reader.number(UInt64.self), let checkpointPosition = reader.number(UInt64.self),
            let oldestSegment = reader.number(UInt64.self), let flags = reader.number(UInt32.self),
            let era = reader.number(UInt32.self), let lastUsed = reader.number(Int64.self),
            let incarnation = reader.number(UInt64.self), let generation = reader.number(UInt32.self)
        else { return nil }
        self.session = session
        self.syncedOrdinal = syncedOrdinal
        self.endOrdinal = endOrdinal
        self.segment = segment
        self.checkpointSegment = checkpointSegment
        self.checkpointPosition = checkpointPosition
        self.oldestSegment = oldestSegment
        self.flags = Flags(rawValue: flags)
        self.era = era
        self.lastUsed = Timestamp(millisecondsSince1970: lastUsed)
        self.incarnation = incarnation
        self.generation = generation
    }
}
