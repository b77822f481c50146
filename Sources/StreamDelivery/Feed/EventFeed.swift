import DurableLog
import StreamCore
import Synchronization

/// What the readers of one stream share: its newest events, each encoded once per wire format, and one subscription to the log.
///
/// Readers pull on threads of the host. Where the log has pages at hand, the first who pulls after an append takes them; elsewhere the hub's task reads the
/// log, and so it does for readers that are behind the window. Nothing is in a feed that is not in the log.
final class EventFeed: Sendable {
    let stream: StreamID
    /// Tells of what came.
    let signal = AppendSignal()
    /// The log's own signal: a stream that was deleted and made again has another.
    let logSignal: AppendSignal
    private let hub: DeliveryHub
    private let limits: FeedLimits
    private let state: Mutex<FeedState>
    // Whether the log has something that the window may not have.
    private let isStale = Atomic(true)
    // Whether the log has pages at hand for who pulls.
    private let isSynchronous = Atomic(false)
    // Whether the hub has been asked to read on at the tail, and has not begun.
    private let isQueued = Atomic(false)

    init(_ stream: StreamID, logSignal: AppendSignal, hub: DeliveryHub, limits: FeedLimits) {
        self.stream = stream
        self.logSignal = logSignal
        self.hub = hub
        self.limits = limits
        state = Mutex(FeedState(tail: .start, limits: limits))
    }

    /// Subscribes to the log; called once, before ``begin(_:)``, so that nothing is missed in between.
    func subscribe() {
        let subscription = logSignal.subscribe { [weak self] in self?.appended() }
        state.withLock { $0.subscription = subscription }
    }

    /// Begins with an empty window at the stream's tail as it is.
    func begin(_ info: StreamInfo) {
        let hasPages = state.withLock { state in
            state.reset(to: info.tail)
            state.isClosed = info.isClosed
            let page = try? state.subscription?.page(after: info.tail, limit: PageLimit(events: 1))
            return page != nil
        }
        isSynchronous.store(hasPages, ordering: .relaxed)
        if !hasPages { readTail() }
    }

    /// The place of the newest event that the feed knows of.
    var tail: Offset { state.withLock { $0.window.tail } }

    // On the appender's thread.
    private func appended() {
        isStale.store(true, ordering: .releasing)
        if isSynchronous.load(ordering: .relaxed) { signal.notify() } else { readTail() }
    }

    /// Has the hub read on at the tail.
    func readTail() {
        if !isQueued.exchange(true, ordering: .acquiringAndReleasing) { hub.work.add(.tail(self)) }
    }

    // MARK: For readers

    /// What there is for a reader: at the tail, what the log has at hand is taken first.
    ///
    /// - Returns: What there is, the window's generation, and whether ``readTail()`` is to be called, by who holds no lock.
    func look(_ question: FeedQuestion, filter: EventFilter?, isKnown: Bool) -> (FeedLook, Int, needsLog: Bool) {
        let (look, generation, needsLog) = state.withLock { state in
            var look = state.look(question)
            var needsLog = false
            // Page by page until the reader's place is reached; with the last page nothing is stale any more.
            while !needsLog, isAtTail(look, question, isKnown, state), isStale.load(ordering: .acquiring) {
                needsLog = !takeTail(&state)
                look = state.look(question)
            }
            // A reader that came further through the log than the window did waits for the window.
            if isAtTail(look, question, isKnown, state) { look = .tail }
            return (look, state.generation, needsLog)
        }
        guard case .page(let page, let count) = look else { return (look, generation, needsLog) }
        // Outside the lock: others go on meanwhile, unless they want this very encoding.
        let cut = page.cut(from: count, question.format, filter: filter, maxBytes: question.maxBytes)
        state.withLock { state in
            if state.generation == generation { state.remember(question, cut) }
        }
        return (.cut(cut), generation, needsLog)
    }

    private func isAtTail(_ look: FeedLook, _ question: FeedQuestion, _ isKnown: Bool, _ state: FeedState) -> Bool {
        switch look {
        case .tail: true
        case .elsewhere: isKnown && question.position > state.window.tail
        default: false
        }
    }

    // Takes what the log has at hand; false when it has to be asked.
    private func takeTail(_ state: inout FeedState) -> Bool {
        isStale.store(false, ordering: .relaxed)
        do throws(EventLogError) {
            guard let page = try state.subscription?.page(after: state.window.tail, limit: limits.tailPage) else {
                return false
            }
            state.take(page)
            if !page.isUpToDate { isStale.store(true, ordering: .relaxed) }
            return true
        } catch {
            return false
        }
    }

    /// Has the page after a reader's place read from the log, and the reader told.
    func fetch(for reader: FeedReader, after offset: Offset) {
        let isFirst = state.withLock { $0.wait(reader, for: offset) }
        if isFirst { hub.work.add(.page(self, after: offset)) }
    }

    func number(of filter: EventFilter?) -> Int { state.withLock { $0.number(of: filter) } }

    func retain() { hub.retain(self) }

    func release() { hub.release(self) }

    /// A reader fell behind the window.
    func lags(_ position: Offset) {
        hub.connections.instrumentation.report(.readerLagging(stream: stream, position: position, tail: tail))
    }

    // MARK: For the hub's tasks

    /// Reads on at the tail until the window has everything.
    func refresh(_ log: any EventLog) async {
        isQueued.store(false, ordering: .releasing)
        while true {
            isStale.store(false, ordering: .releasing)
            let tail = tail
            do throws(EventLogError) {
                let page = try await log.read(stream, after: tail, limit: limits.tailPage)
                if tail.index == 0, try await log.signal(for: stream) !== logSignal {
                    return finish(.deleted)
                }
                state.withLock { if $0.window.tail == tail { $0.take(page) } }
                signal.notify()
                if page.isUpToDate, !isStale.load(ordering: .acquiring) { return }
            } catch {
                guard await recover(from: error, log) else { return }
            }
        }
    }

    // Whether a failed read at the tail is to be repeated.
    private func recover(from error: EventLogError, _ log: any EventLog) async -> Bool {
        do throws(EventLogError) {
            guard try await log.signal(for: stream) === logSignal else {
                finish(.deleted)
                return false
            }
            guard error.code == .gap else { throw error }
            // Trimmed beyond us, or a tail was lost: readers find by themselves what that means for each.
            let info = try await log.info(stream)
            state.withLock { state in
                state.reset(to: info.tail)
                state.isClosed = info.isClosed
            }
            signal.notify()
            return true
        } catch {
            finish(FeedEnd(error))
            return false
        }
    }

    /// Reads the page after an offset for those who wait for it.
    func fetch(after offset: Offset, _ log: any EventLog) async {
        let result = await fetched(after: offset, log)
        let readers = state.withLock { state in
            if case .page(let page) = result { state.history.insert(page) }
            return state.takeWaiting(for: offset)
        }
        for reader in readers { reader.deliver(result) }
    }

    private func fetched(after offset: Offset, _ log: any EventLog) async -> FeedFetch {
        let generation = state.withLock { $0.generation }
        do throws(EventLogError) {
            let result: FeedFetch
            do throws(EventLogError) {
                let page = try await log.read(stream, after: offset, limit: limits.historyPage)
                result =
                    page.events.isEmpty
                    ? .nothing(next: page.next, generation: generation)
                    : .page(FeedPage(after: offset, events: page.events))
            } catch {
                guard error.code == .gap, let kept = error.kept else { throw error }
                result = .gap(FeedGap(asked: offset, oldest: kept.oldest, newest: kept.newest))
            }
            // Another stream may have taken the place of the one that was asked about.
            return try await log.signal(for: stream) === logSignal ? result : .end(.deleted)
        } catch {
            return .end(FeedEnd(error))
        }
    }

    /// Ends the feed for all its readers.
    func finish(_ end: FeedEnd) {
        let readers = state.withLock { state in
            if state.failure == nil { state.failure = end }
            return state.takeAllWaiting()
        }
        hub.forget(self)
        for reader in readers { reader.deliver(.end(end)) }
        signal.notify()
    }
}

/// What a fetch for readers behind the window came to.
enum FeedFetch: Sendable {
    case page(FeedPage)
    /// Nothing follows yet; `generation` is the window's when that was asked.
    case nothing(next: Offset, generation: Int)
    case gap(FeedGap)
    case end(FeedEnd)
}

extension FeedEnd {
    /// What an error of the log means for readers.
    init(_ error: EventLogError) {
        self = error.code == .notFound || error.code == .deleted ? .deleted : .failed(error)
    }
}
