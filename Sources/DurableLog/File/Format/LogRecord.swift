/// What a log remembers of itself, in the file `log`: which session of a writer it is in, and how the one before ended.
struct LogRecord: SlottedRecord, Hashable {
    static let magic: [UInt8] = Array("AGSTRLOG".utf8)
    static let version: UInt32 = 1

    var sequence: UInt64 = 0
    /// Counts the writers that opened the log.
    var session: UInt64 = 0
    /// Streams that were last written in a session before this one may have lost what was not synced.
    var lossSession: UInt64 = 0
    /// The machine's start in which the session runs; zeros where it cannot be told.
    var boot = [UInt8](repeating: 0, count: 16)
    /// The number of this file itself: another one tells that the directory was copied or restored.
    var fileNumber: UInt64 = 0
    /// Whether the session ended by a shutdown that synced everything.
    var isClean = false

    init() {}

    func append(to bytes: inout [UInt8]) {
        bytes.append(number: session)
        bytes.append(number: lossSession)
        bytes.append(contentsOf: boot)
        bytes.append(number: fileNumber)
        bytes.append(number: UInt32(isClean ? 1 : 0))
    }

    init?(sequence: UInt64, _ reader: inout LittleEndianReader) {
        self.sequence = sequence
        guard let session = reader.number(UInt64.self), let lossSession = reader.number(UInt64.self),
            let boot = reader.slice(16), let fileNumber = reader.number(UInt64.self),
            let flags = reader.number(UInt32.self)
        else { return nil }
        self.session = session
        self.lossSession = lossSession
        self.boot = Array(boot)
        self.fileNumber = fileNumber
        isClean = flags & 1 == 1
    }

    /// The record of the session that begins now.
    ///
    /// What was not synced may be gone when the machine has started anew since an unclean session, or cannot say so, and what is here may be older
    /// than what readers saw when the directory is a copy.
    func next(boot: [UInt8]?, fileNumber: UInt64) -> LogRecord {
        var next = self
        next.sequence += 1
        next.session += 1
        let isSameMachine = boot != nil && boot == self.boot
        let isSameFile = fileNumber == self.fileNumber
        if session > 0, !isSameFile || !(isClean || isSameMachine) { next.lossSession = next.session }
        next.boot = boot ?? [UInt8](repeating: 0, count: 16)
        next.fileNumber = fileNumber
        next.isClean = false
        return next
    }
}
