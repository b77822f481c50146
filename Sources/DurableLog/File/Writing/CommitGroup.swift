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

    init(before: StreamPosition) {
        self.before = before
    }
}
