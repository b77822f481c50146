import StreamCore

/// How far a stream is: what its next frame, or a new segment, begins with.
struct StreamPosition: Sendable {
    /// The newest frame.
    var ordinal: UInt64
    /// The law of its appends as it stands behind that frame.
    var ledger: StreamLedger
}

/// Appends that wait to be written together, and where the stream stood before them.
struct CommitGroup {
    typealias Outcome = Result<AppendResult, EventLogError>

    struct Waiter {
        var continuation: UnsafeContinuation<Outcome?, Never>
        var outcome: Outcome
    }

    /// The stream before the group: where it stands again when the group fails, and what a segment that begins with the group says.
    let before: StreamPosition
    /// The frames one behind the other, as they are to be written.
    var bytes: [UInt8] = []
    /// The frames with their places in `bytes`.
    var frames: [Frame] = []
    var events: [LoggedEvent] = []
    var waiters: [Waiter] = []
    /// Whether any of them must survive the loss of power.
    var isSynced = false

    /// How large a group was: the next one of a stream is often as large, and should not grow step by step.
    struct Size: Sendable {
        var bytes = 0
        var events = 0
        var waiters = 0
    }

    /// No more than this is reserved for what may not come.
    private static let maxReserve = Size(bytes: 1 << 20, events: 4096, waiters: 4096)

    var size: Size { Size(bytes: bytes.count, events: events.count, waiters: waiters.count) }

    init(before: StreamPosition, expecting size: Size = Size()) {
        self.before = before
        bytes.reserveCapacity(min(size.bytes, CommitGroup.maxReserve.bytes))
        frames.reserveCapacity(min(size.waiters, CommitGroup.maxReserve.waiters))
        events.reserveCapacity(min(size.events, CommitGroup.maxReserve.events))
        waiters.reserveCapacity(min(size.waiters, CommitGroup.maxReserve.waiters))
    }
}
