public import StreamCore

/// Where checkpoints are kept: the newest record of each run, as bytes.
///
/// ## To use a store
/// ``save(_:)`` a ``Checkpoint``, ``load(_:at:)`` it. `load` judges what the store has, so that a damaged or expired checkpoint is told apart from none.
///
/// ## To write a store of your own
/// Conform to this protocol and run `CheckpointStoreCompliance` of AgentKitTesting against it; it checks each of these promises:
/// - **The newest counts.** After ``write(_:for:expiresAt:)`` has returned, ``read(_:)`` returns these bytes, exactly, until the next write or removal. A store does not look into
///   a record: checksums and ages are judged above it.
/// - **Whole or not at all.** A reader gets an earlier record or the new one, and never a part of it, also while a write is going on or after one that was
///   ended by a crash. (Should a store fail at that, the checksum tells.)
/// - **Every key is its own.** Streams and runs whose names differ by case only, or contain `/`, `.` or any other character, never share a record. A store that cannot hold a name throws
///   ``CheckpointStoreError/Code/invalidKey``.
/// - **A store may forget.** A record may go after its `expiresAt`, or earlier for lack of room: nothing is lost by it, as checkpoints are rebuilt from the log. It must not come back.
/// - **Removing** what is not there is no error.
/// - A store for a **single process** keeps its records under a lock. One in **files** writes beside and renames. One in a **database** or in Redis is one upsert per write, with the expiry as the
///   database's own (`SET … PXAT`).
///
/// Methods throw ``CheckpointStoreError`` and nothing else.
public protocol CheckpointStore: Sendable {
    /// Keeps a record in place of the run's earlier one.
    ///
    /// - Parameters:
    ///   - record: The bytes of a checkpoint.
    ///   - key: Whose it is.
    ///   - expiresAt: From when on nobody will use it.
    func write(_ record: [UInt8], for key: Checkpoint.Key, expiresAt: Timestamp) async throws(CheckpointStoreError)

    /// The run's record, as it was written; nil when there is none.
    func read(_ key: Checkpoint.Key) async throws(CheckpointStoreError) -> [UInt8]?

    /// Forgets the run's record.
    func remove(_ key: Checkpoint.Key) async throws(CheckpointStoreError)
}

extension CheckpointStore {
    /// Keeps a checkpoint in place of the run's earlier one.
    public func save(_ checkpoint: Checkpoint) async throws(CheckpointStoreError) {
        try await write(checkpoint.record, for: checkpoint.key, expiresAt: checkpoint.expiresAt)
    }

    /// The run's checkpoint, judged at the time of day `now`.
    public func load(_ key: Checkpoint.Key, at now: Timestamp) async throws(CheckpointStoreError) -> CheckpointAnswer {
        Checkpoint.judge(try await read(key), for: key, at: now)
    }
}

/// Why a store did not do what it was asked: what, where, and what to do.
public struct CheckpointStoreError: Error, Sendable, CustomStringConvertible {
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

        /// The store cannot hold a record of this name.
        public static let invalidKey = Code(rawValue: "invalidKey")
        /// The record is larger than the store takes.
        public static let tooLarge = Code(rawValue: "tooLarge")
        /// The storage failed (disk full, I/O error, no connection).
        public static let storage = Code(rawValue: "storage")
        /// The calling task was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// What went wrong.
    public var code: Code
    /// What went wrong, for people: what, where and what to do.
    public var message: String
    /// The error below: of the system, say.
    public var underlying: (any Error)?

    /// An error from its parts.
    public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }
}
