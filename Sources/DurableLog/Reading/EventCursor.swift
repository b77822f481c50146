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
        // What `next` has of its page.
        private var page: [LoggedEvent] = []
        private var position = 0
        // Up to where the stream was read.
        private var readOffset: Offset
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
            while true {
                while position < page.count {
                    let event = page[position]
                    position += 1
                    offset = event.offset
                    if filter.includes(event.event) { return event }
                }
                offset = readOffset
                guard let next = try await fetch() else { return nil }
                page = next
                position = 0
            }
        }

        /// The next event, or nil at the end; the isolation is only for the sequence protocol's sake.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(EventLogError) -> LoggedEvent? {
            try await next()
        }

        /// All events that are there, up to the page limit and at least one, or nil at the end: the form for hot paths.
        ///
        /// - Throws: As ``next()``.
        public mutating func nextBatch() async throws(EventLogError) -> [LoggedEvent]? {
            while let batch = try await nextPage() {
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
            var batch: [LoggedEvent]
            if position < page.count {
                batch = Array(page[position...])
            } else {
                guard let next = try await fetch() else { return nil }
                batch = next
            }
            page = []
            position = 0
            offset = readOffset
            if !batch.allSatisfy({ filter.includes($0.event) }) { batch.removeAll { !filter.includes($0.event) } }
            return batch
        }

        // The next page with anything in it, or nil at the end of a closed stream.
        private mutating func fetch() async throws(EventLogError) -> [LoggedEvent]? {
            while !isAtEnd {
                let page = try await read()
                readOffset = page.next
                isAtEnd = page.isAtEnd
                if !page.events.isEmpty { return page.events }
                offset = readOffset
                if isAtEnd { break }
                if Task.isCancelled {
                    throw EventLogError(.cancelled, stream, "the reading task was cancelled; read on after \(offset)")
                }
                await subscription?.wait()
            }
            return nil
        }

        private mutating func read() async throws(EventLogError) -> EventPage {
            // Only one stream has this offset: when another has taken its place, the log says so.
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
