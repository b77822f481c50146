public import StreamCore

/// The events of a stream after an offset, as an async sequence: it catches up, then waits for more, and ends when the stream is closed.
///
/// It holds one page at a time, so that a slow reader is a cursor far behind and never a growing buffer. Each iteration begins at the sequence's offset.
/// Of a stream that is deleted meanwhile, and perhaps made again, an iteration gets an error, and never events of both.
public struct EventCursor: AsyncSequence, Sendable {
    /// What is read.
    public typealias Element = LoggedEvent
    /// What is thrown.
    public typealias Failure = EventLogError

    private let log: any EventLog
    private let stream: StreamID
    private let offset: Offset
    private let filter: EventFilter
    private let pageLimit: PageLimit

    init(log: any EventLog, stream: StreamID, after offset: Offset, filter: EventFilter, pageLimit: PageLimit) {
        self.log = log
        self.stream = stream
        self.offset = offset
        self.filter = filter
        self.pageLimit = pageLimit
    }

    /// An iteration from the sequence's offset.
    public func makeAsyncIterator() -> Iterator {
        Iterator(log: log, stream: stream, offset: offset, filter: filter, pageLimit: pageLimit)
    }

    /// Walks along a stream.
    ///
    /// Three ways to go on can be mixed: event by event (``next()``), batch by batch (``nextBatch()``), and page by page (``nextPage()``), which also tells of
    /// events that the filter passed over.
    public struct Iterator: AsyncIteratorProtocol {
        private let log: any EventLog
        private let stream: StreamID
        private let filter: EventFilter
        private let pageLimit: PageLimit
        private var subscription: AppendSubscription?
        // What `next` has of its page, already filtered.
        private var page: [LoggedEvent] = []
        private var position = 0
        // Up to where the stream was read, and whether nothing more was there then.
        private var readOffset: Offset
        private var isUpToDate = false
        private var isAtEnd = false

        /// Where the cursor stands: everything up to here was returned or passed over by the filter.
        ///
        /// At first what the cursor was made with; the place of the stream's tail, as soon as a read from ``/StreamCore/Offset/start`` finds no event.
        public private(set) var offset: Offset

        init(log: any EventLog, stream: StreamID, offset: Offset, filter: EventFilter, pageLimit: PageLimit) {
            self.log = log
            self.stream = stream
            self.filter = filter
            self.pageLimit = pageLimit
            self.offset = offset
            readOffset = offset
        }

        /// The next event, or nil at the end of a closed stream.
        ///
        /// - Throws: ``EventLogError``: `gap` when the cursor fell behind what is kept, `cancelled` when the task was cancelled while
        ///   nothing was there, and what ``EventLog/read(_:after:limit:)`` throws.
        public mutating func next() async throws(EventLogError) -> LoggedEvent? {
            while position == page.count {
                offset = readOffset
                guard let next = try await fetch() else { return nil }
                page = next
                position = 0
            }
            position += 1
            offset = page[position - 1].offset
            return page[position - 1]
        }

        /// The next event, or nil at the end; the isolation is only for the sequence protocol's sake.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(EventLogError) -> LoggedEvent? {
            try await next()
        }

        /// All events that are there, up to the page limit and at least one, or nil at the end: the form for hot paths.
        ///
        /// - Throws: As ``next()``.
        public mutating func nextBatch() async throws(EventLogError) -> [LoggedEvent]? {
            if let rest = takeRest() { return rest }
            while let batch = try await fetch() {
                offset = readOffset
                if !batch.isEmpty { return batch }
            }
            return nil
        }

        /// As ``nextBatch()``, but it also returns, with nothing, when it has passed over events that the filter does not want.
        ///
        /// So that who serves a filtered reader can tell it the new ``offset`` (a heartbeat with an `id:` only): the reader then resumes behind
        /// what does not concern it, which may not be kept for as long.
        ///
        /// - Throws: As ``next()``.
        public mutating func nextPage() async throws(EventLogError) -> [LoggedEvent]? {
            if let rest = takeRest() { return rest }
            guard let batch = try await fetch() else { return nil }
            offset = readOffset
            return batch
        }

        // What `next` has left of its page.
        private mutating func takeRest() -> [LoggedEvent]? {
            guard position < page.count else { return nil }
            defer {
                page = []
                position = 0
                offset = readOffset
            }
            return Array(page[position...])
        }

        // The wanted events of the next page that has any events, or nil at the end of a closed stream. Inlined, as each asynchronous function that
        // a task waits in is memory of its own, cold when a thousand tasks wake.
        @inline(__always)
        private mutating func fetch() async throws(EventLogError) -> [LoggedEvent]? {
            while !isAtEnd {
                // What came since the last page, which was up to date, has notified the subscription, or will.
                if isUpToDate { await subscription?.wait() }
                var page = try subscribedPage()
                if page == nil { page = try await read() }
                guard let page else { break }
                readOffset = page.next
                isUpToDate = page.isUpToDate
                isAtEnd = page.isAtEnd
                if !page.events.isEmpty { return wanted(page.events) }
                offset = readOffset
                if Task.isCancelled, !isAtEnd {
                    throw EventLogError(.cancelled, stream, "the reading task was cancelled; read on after \(offset)")
                }
            }
            return nil
        }

        // Mutating, as is the next one, because for any other call the whole cursor would be copied.
        private mutating func wanted(_ events: [LoggedEvent]) -> [LoggedEvent] {
            events.allSatisfy { filter.includes($0.event) } ? events : events.filter { filter.includes($0.event) }
        }

        // A page without a task switch, where the log has it at hand. Only one stream has this offset: when another has taken its place, the log
        // says so.
        private mutating func subscribedPage() throws(EventLogError) -> EventPage? {
            guard let subscription, readOffset != .start else { return nil }
            return try subscription.page(after: readOffset, limit: pageLimit)
        }

        private mutating func read() async throws(EventLogError) -> EventPage {
            if subscription != nil, readOffset != .start {
                return try await log.read(stream, after: readOffset, limit: pageLimit)
            }
            for _ in 0..<100 {
                // Subscribed before the read, so that what comes between the read and the wait is not missed; and to the signal of the very
                // stream that was read, which may be deleted and made again in between.
                let signal = try await log.signal(for: stream)
                if subscription?.signal !== signal { subscription = signal.subscribe() }
                let page = try await log.read(stream, after: readOffset, limit: pageLimit)
                if try await log.signal(for: stream) === signal { return page }
            }
            throw EventLogError(
                .unavailable, stream, "the stream is another one each time; a log has one signal for a stream's life")
        }
    }
}
