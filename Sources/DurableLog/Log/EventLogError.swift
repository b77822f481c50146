public import StreamCore

/// Why a log did not do what it was asked: what, where, and what to do.
public struct EventLogError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, as an open-ended code: codes may be added, so a switch over it needs a default.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The code in text, in lower camel case.
        public let rawValue: String

        /// A code from its text.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The code in text.
        public var description: String { rawValue }

        /// There is no such stream.
        public static let notFound = Code(rawValue: "notFound")
        /// The stream was deleted and is only kept for its forks.
        public static let deleted = Code(rawValue: "deleted")
        /// A stream of this name is there with other options.
        public static let conflict = Code(rawValue: "conflict")
        /// The stream is closed; ``EventLogError/last`` is its last event.
        public static let closed = Code(rawValue: "closed")
        /// The append names another content type than the stream's.
        public static let contentTypeMismatch = Code(rawValue: "contentTypeMismatch")
        /// The append's ``AppendOptions/sequence`` is not after that of the last one.
        public static let sequenceRegression = Code(rawValue: "sequenceRegression")
        /// A newer epoch of the producer exists, ``EventLogError/epoch``: somebody took over.
        public static let staleEpoch = Code(rawValue: "staleEpoch")
        /// The producer skipped sequence numbers; ``EventLogError/expectedSequence`` is the one that comes next.
        public static let producerGap = Code(rawValue: "producerGap")
        /// The first append of an epoch must have sequence number 0.
        public static let newEpochSequence = Code(rawValue: "newEpochSequence")
        /// A sequence number came again with another content.
        public static let checksumMismatch = Code(rawValue: "checksumMismatch")
        /// The offset is older than what is kept, or was never given; ``EventLogError/kept`` is what there is.
        public static let gap = Code(rawValue: "gap")
        /// The batch, an event or a name is larger than the log takes.
        public static let tooLarge = Code(rawValue: "tooLarge")
        /// Stored bytes are damaged; the message names the file and the place, and what stands before can be read.
        public static let corrupt = Code(rawValue: "corrupt")
        /// The storage failed (disk full, I/O error); the message says what is known to be stored.
        public static let storage = Code(rawValue: "storage")
        /// Another process is the writer.
        public static let locked = Code(rawValue: "locked")
        /// The log was opened for reading only, or has been shut down.
        public static let unavailable = Code(rawValue: "unavailable")
        /// The calling task was cancelled before anything was done.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// The offsets that can be read.
    public struct KeptRange: Sendable, Hashable {
        /// The oldest event that is kept; nil when there is none.
        public var oldest: Offset?
        /// Where the log ends: the newest event, or the offset to read after when none is kept.
        public var newest: Offset

        /// A range from its parts.
        public init(oldest: Offset?, newest: Offset) {
            self.oldest = oldest
            self.newest = newest
        }
    }

    /// What went wrong.
    public var code: Code
    /// The stream that it is about; nil when it is about the log.
    public var stream: StreamID?
    /// What went wrong, for people: what, where and what to do.
    public var message: String
    /// The last event of a `closed` stream.
    public var last: Offset?
    /// What is kept, for a `gap`.
    public var kept: KeptRange?
    /// The producer's newest epoch, for `staleEpoch`.
    public var epoch: UInt64?
    /// The sequence number that comes next, for `producerGap`, `newEpochSequence` and `checksumMismatch`.
    public var expectedSequence: UInt64?
    /// The error below: of the system, say.
    public var underlying: (any Error)?

    /// An error from what every error has; the other fields are set as the code needs.
    public init(_ code: Code, _ stream: StreamID?, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.stream = stream
        self.message = message
        self.underlying = underlying
    }

    /// One line: the code, the message and the stream.
    public var description: String {
        "\(code): \(message)" + (stream.map { " [stream \($0)]" } ?? "")
    }
}
