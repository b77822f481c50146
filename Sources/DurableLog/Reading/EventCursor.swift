public import StreamCore

/// The events of a stream after an offset, as an async sequence: it catches up, then waits for more, and ends when the stream is closed.
///
/// It holds one page at a time, so that a slow reader is a cursor far behind and never a growing buffer. Each iteration begins at the sequence's offset.
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
    public struct Iterator: AsyncIteratorProtocol {
        private let log: any EventLog
        private let stream: StreamID
        private let filter: EventFilter
        private let pageLimit: PageLimit
        private var subscription: AppendSubscription?
        private var page: [LoggedEvent] = []
        private var position = 0
        private var isAtEnd = false

        /// Where the cursor stands: everything up to here was returned or passed over by the filter.
        public private(set) var offset: Offset

        init(log: any EventLog, stream: StreamID, offset: Offset, filter: EventFilter, pageLimit: PageLimit) {
            self.log = log
            self.stream = stream
            self.offset = offset
            self.filter = filter
            self.pageLimit = pageLimit
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
        public mutating func nextBatch() async throws(EventLogError) -> [LoggedEvent]? {
            while true {
                var batch = page
                if position > 0 { batch.removeFirst(position) }
                if batch.isEmpty {
                    guard let next = try await fetch() else { return nil }
                    batch = next
                }
                page = []
                position = 0
                if let last = batch.last { offset = last.offset }
                if !batch.allSatisfy({ filter.includes($0.event) }) { batch.removeAll { !filter.includes($0.event) } }
                if !batch.isEmpty { return batch }
            }
        }

        // The next page with anything in it, or nil at the end of a closed stream.
        private mutating func fetch() async throws(EventLogError) -> [LoggedEvent]? {
            while !isAtEnd {
                // Subscribed before the read, so that what comes between the read and the wait is not missed.
                if subscription == nil { subscription = try await log.signal(for: stream).subscribe() }
                let page = try await log.read(stream, after: offset, limit: pageLimit)
                isAtEnd = page.isAtEnd
                if !page.events.isEmpty { return page.events }
                if isAtEnd { break }
                if Task.isCancelled {
                    throw EventLogError(.cancelled, stream, "the reading task was cancelled; read on after \(offset)")
                }
                await subscription?.wait()
            }
            return nil
        }
    }
}
