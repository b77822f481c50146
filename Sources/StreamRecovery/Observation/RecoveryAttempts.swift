public import DurableLog
public import StreamCore

/// The recoveries of a run as an async sequence: those that were, then those to come, until the run ends.
///
///     for try await attempt in log.recoveryAttempts(of: "run-1", in: "projects/42") {
///         print(attempt.attempt, attempt.cause.kind, attempt.strategy, attempt.delay, attempt.outcome)
///     }
///
/// Each attempt comes twice, decided and with its outcome, as ``RecoveryObserver`` has it. It reads the log, as every reader does: whoever begins late, or in another process, is told the same.
public struct RecoveryAttempts: AsyncSequence, Sendable {
    /// What is told.
    public typealias Element = RecoveryAttempt
    /// What is thrown.
    public typealias Failure = EventLogError

    private let cursor: EventCursor
    private let runID: String

    init(_ cursor: EventCursor, runID: String) {
        self.cursor = cursor
        self.runID = runID
    }

    /// An iteration from the beginning.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: cursor.makeAsyncIterator(), observer: RecoveryObserver(runID: runID))
    }

    /// Walks along a run's recoveries.
    public struct Iterator: AsyncIteratorProtocol {
        private var base: EventCursor.Iterator
        private var observer: RecoveryObserver
        private var waiting: [RecoveryAttempt] = []

        init(base: EventCursor.Iterator, observer: RecoveryObserver) {
            self.base = base
            self.observer = observer
        }

        /// The next attempt or outcome, or nil when the run or its stream has ended; an event that cannot be read is passed over.
        ///
        /// - Throws: What ``/DurableLog/EventCursor/Iterator/next()`` throws.
        public mutating func next() async throws(EventLogError) -> RecoveryAttempt? {
            while waiting.isEmpty {
                guard !observer.isEnded, let logged = try await base.next() else { return nil }
                waiting = (try? observer.apply(logged.event)) ?? []
            }
            return waiting.removeFirst()
        }

        /// The next attempt or outcome; the isolation is only for the sequence protocol's sake.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(EventLogError) -> RecoveryAttempt? {
            try await next()
        }
    }
}

extension EventLog {
    /// The recoveries of a run, from an offset on, as they happen.
    ///
    /// - Parameters:
    ///   - runID: The run.
    ///   - stream: The stream of its project.
    ///   - offset: The place after which the run begins, which spares the reading of what was before.
    public func recoveryAttempts(
        of runID: String, in stream: StreamID, after offset: Offset = .start
    ) -> RecoveryAttempts {
        let types: Set<StreamEvent.EventType> = [.content, .reasoning, .tool, .seam, .complete, .error]
        return RecoveryAttempts(cursor(over: stream, after: offset, filter: EventFilter(types: types)), runID: runID)
    }
}
