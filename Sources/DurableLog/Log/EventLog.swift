public import StreamCore

/// Where streams are kept: an append-only log of events per stream, from which any number of readers read at their own pace.
///
/// Everything that readers see went through a log first, so that a reader can leave, come back with the offset of the last event
/// that it saw, and miss nothing. A log is modelled on the Durable Streams protocol, so that serving it is a thin layer.
///
/// ## To use a log
/// ``create(_:options:)`` a stream, ``append(_:to:options:)`` events, and read with ``cursor(over:after:filter:pageLimit:)``. Which log it is
/// (`MemoryEventLog`, `FileEventLog`, one of your own) is chosen where the program is put together; everything else takes `any EventLog`.
///
/// ## To write a log of your own
/// Conform to this protocol and run `EventLogCompliance` of AgentKitTesting against it; it checks each of these promises:
/// - **Offsets** are given by the log, dense and rising within an era, and never given twice: not after a crash that lost a
///   tail, nor to a stream that was deleted and created again. What may have been lost is followed by a new era.
/// - **Log before wire.** ``read(_:after:limit:)`` returns no event that the log can still lose at the durability that its append asked
///   for, and ``append(_:to:options:)`` returns only when that is reached.
/// - **Batches are atomic** for readers and for crashes: all events of one append are there, or none.
/// - **Never a silent gap.** A read after an offset that is older than what is kept, or that the log never gave (it lies beyond
///   its era's end), throws ``EventLogError/Code/gap`` with the range that is kept. ``/StreamCore/Offset/start`` is never a gap.
/// - **Fencing.** ``claim(_:in:)`` gives no epoch twice, and an append under a smaller epoch than the producer's newest is refused. `StreamLedger` is the
///   law as a value: a log that keeps one per stream obeys it.
/// - **Wake-ups.** Every append, close and delete notifies the stream's ``AppendSignal`` after readers can see it.
/// - A log for a **single process** keeps its state under a lock; for **several processes**, one at a time may write a stream (a lock, or the
///   fencing of the store), and the signal is fed by whatever the store offers (inotify, a blocking read).
/// - Where a **database** is below, `append` is one transaction: the ledger's decision, the events and the new ledger state.
///
/// Methods throw ``EventLogError`` and nothing else; a cancelled task gets the code `cancelled`, or the result when the work was done by then.
public protocol EventLog: Sendable {
    /// Makes a stream, or says that one with the same options is there: both are success, so that a call can be repeated.
    ///
    /// ``StreamInfo/matches(_:)`` has the rule. A stream of a name that was used before begins in a later era. A fork has its source's events under their
    /// offsets, nothing of its producers, and its own events in an era that the source has not begun. So under a name that was used before, a
    /// fork may bring back offsets that meant other events there: give forks fresh names.
    ///
    /// - Throws: `conflict` when it is there with other options, `notFound` or `gap` for the source of a fork, `deleted` when a deleted
    ///   stream of this name is still kept for its forks.
    func create(_ stream: StreamID, options: StreamOptions) async throws(EventLogError) -> StreamCreation

    /// Adds events at the end, all or none, and returns when they are as durable as `options` ask.
    ///
    /// An empty batch is allowed where `options` close the stream, and as a barrier: with ``Durability/synced`` it returns when all before it is synced.
    /// So does a repetition that is acknowledged.
    ///
    /// - Throws: `notFound`, `deleted`, `closed`, `contentTypeMismatch`, the codes of fencing (`staleEpoch`, `producerGap`, `newEpochSequence`,
    ///   `checksumMismatch`), `sequenceRegression`, `tooLarge`, `storage`; after an error nothing was written, but for `storage` errors, which say so themselves.
    func append(_ events: [StreamEvent], to stream: StreamID, options: AppendOptions) async throws(EventLogError)
        -> AppendResult

    /// The events after `offset`, as many as there are and `limit` allows; at least one if there is any, whatever its size.
    ///
    /// Extends a sliding lifetime. Never waits for events to come: ``EventCursor`` does.
    ///
    /// - Throws: `notFound`, `deleted`, `gap`, `corrupt`, `storage`.
    func read(_ stream: StreamID, after offset: Offset, limit: PageLimit) async throws(EventLogError) -> EventPage

    /// What is known of a stream; does not extend its lifetime.
    ///
    /// - Throws: `notFound`, or `deleted` when it is only kept for its forks.
    func info(_ stream: StreamID) async throws(EventLogError) -> StreamInfo

    /// What tells of the stream's appends; the same for all who ask while anybody holds it, and another for a stream that was deleted and made again.
    ///
    /// - Throws: `notFound`, `deleted`.
    func signal(for stream: StreamID) async throws(EventLogError) -> AppendSignal

    /// Gives `producer` its next epoch, which fences all who appended under an earlier one; durable like a synced append.
    ///
    /// - Throws: `notFound`, `deleted`, `closed`, `storage`; `tooLarge` when no epoch is left.
    func claim(_ producer: ProducerID, in stream: StreamID) async throws(EventLogError) -> UInt64

    /// Removes a stream and its events; the events that forks inherited stay readable through them.
    ///
    /// - Throws: `notFound`, `deleted`, `storage`.
    func delete(_ stream: StreamID) async throws(EventLogError)

    /// Names of streams in bytewise order, after `name` and with `prefix`, at most `limit` (at least 1).
    func list(prefix: String, after name: StreamID?, limit: Int) async throws(EventLogError) -> [StreamID]
}

extension EventLog {
    /// Makes a stream of JSON events that is kept until it is deleted.
    @discardableResult
    public func create(_ stream: StreamID) async throws(EventLogError) -> StreamCreation {
        try await create(stream, options: StreamOptions())
    }

    /// Adds events at the end, surviving the process.
    @discardableResult
    public func append(_ events: [StreamEvent], to stream: StreamID) async throws(EventLogError) -> AppendResult {
        try await append(events, to: stream, options: AppendOptions())
    }

    /// Ends a stream for good, surviving the machine: readers that reach the end are told so.
    ///
    /// Closing a closed stream changes nothing.
    ///
    /// - Returns: The offset of the last event.
    @discardableResult
    public func close(_ stream: StreamID) async throws(EventLogError) -> Offset {
        try await append([], to: stream, options: AppendOptions(durability: .synced, closes: true)).last
    }

    /// An async sequence of the events after `offset` that catches up, then waits for more, and ends when the stream is closed.
    ///
    /// - Parameters:
    ///   - stream: The stream to read.
    ///   - offset: The last event that was seen; ``/StreamCore/Offset/start`` begins with the oldest kept.
    ///   - filter: Which events are wanted, by default the public ones; the others are passed over.
    ///   - pageLimit: How much is fetched at a time.
    public func cursor(
        over stream: StreamID, after offset: Offset = .start, filter: EventFilter = .public,
        pageLimit: PageLimit = PageLimit()
    ) -> EventCursor {
        EventCursor(log: self, stream: stream, after: offset, filter: filter, pageLimit: pageLimit)
    }
}
