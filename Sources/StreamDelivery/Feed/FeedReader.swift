public import DurableLog
public import StreamCore
import Synchronization

/// One reader of a stream: a place in it and a filter, from which events are pulled in a wire format, encoded once for all readers.
///
/// It is what the sources of this module are made of, and those of protocols of your own: ``next(maxBytes:)`` says what happened, and the protocol says it in
/// its words. It holds no events and no task; a few hundred bytes.
public final class FeedReader: Sendable {
    /// Which events are wanted; nil for all that are public.
    private let filter: EventFilter?
    private let filterNumber: Int
    private let feed: EventFeed
    private let format: WireFormat
    private let state: Mutex<State>

    private struct State: Sendable {
        var position: Offset
        /// Whether the stream has given the position.
        var isKnown: Bool
        /// Whether a fetch is under way.
        var isWaiting = false
        var isEnded = false
        /// Whether it has been at the tail since it last fell behind.
        var wasAtTail = false
        var fetched: FeedFetch?
        /// The window when nothing was found.
        var emptyGeneration = -1
        var onReady: (@Sendable () -> Void)?
    }

    init(feed: EventFeed, after position: Offset, isKnown: Bool, filter: EventFilter, format: WireFormat) {
        var filter = filter
        filter.includesInternal = false
        self.filter = filter == .public ? nil : filter
        self.feed = feed
        self.format = format
        filterNumber = feed.number(of: self.filter)
        state = Mutex(State(position: position, isKnown: isKnown))
    }

    /// Another reader at the same place, which writes in another format.
    func inFormat(_ format: WireFormat) -> FeedReader {
        feed.retain()
        let (position, isKnown) = state.withLock { ($0.position, $0.isKnown) }
        return FeedReader(feed: feed, after: position, isKnown: isKnown, filter: filter ?? .public, format: format)
    }

    /// The stream that is read.
    public var stream: StreamID { feed.stream }

    /// Where the reader stands: everything up to here was pulled, or passed over by the filter.
    public var position: Offset { state.withLock { $0.position } }

    /// Whether nothing is known to follow the reader's place.
    public var isAtTail: Bool { position == feed.tail }

    /// Notified when readers of the stream may have more; the same for all of them.
    public var signal: AppendSignal { feed.signal }

    /// Has `onReady` called when this reader in particular may have more; at once when that is so already.
    ///
    /// Called once, before the first pull.
    public func attach(onReady: @escaping @Sendable () -> Void) {
        let isReady = state.withLock { state in
            state.onReady = onReady
            return state.fetched != nil
        }
        if isReady { onReady() }
    }

    /// What follows the reader's place: as many wanted events as are at hand in one piece and `maxBytes` hold, and at least one.
    ///
    /// One caller at a time. It never waits: where the log must be read, the hub does that, and `onReady` tells.
    public func next(maxBytes: Int) -> FeedStep {
        let (step, needs) = state.withLock { state -> (FeedStep, Needs) in
            var needs = Needs()
            let step = self.step(&state, maxBytes, &needs)
            return (step, needs)
        }
        // Without the lock: a hub that has stopped answers at once.
        if needs.tail { feed.readTail() }
        if let offset = needs.page {
            if needs.tells { feed.lags(offset) }
            feed.fetch(for: self, after: offset)
        }
        return step
    }

    /// What has to be read from the log.
    private struct Needs {
        var tail = false
        var page: Offset?
        var tells = false
    }

    /// Nothing more will be pulled.
    ///
    /// Calling it again changes nothing.
    public func end() {
        let isFirst = state.withLock { state in
            defer {
                state.isEnded = true
                state.onReady = nil
                state.fetched = nil
            }
            return !state.isEnded
        }
        if isFirst { feed.release() }
    }

    deinit {
        end()
    }

    /// Takes what was fetched for it.
    func deliver(_ fetch: FeedFetch) {
        let onReady = state.withLock { state -> (@Sendable () -> Void)? in
            state.isWaiting = false
            if state.isEnded { return nil }
            state.fetched = fetch
            return state.onReady
        }
        onReady?()
    }

    private func step(_ state: inout State, _ maxBytes: Int, _ needs: inout Needs) -> FeedStep {
        while !state.isEnded {
            var look = FeedLook.elsewhere
            var generation = -1
            if let fetched = state.fetched.take() {
                if case .gap(let gap) = fetched {
                    state.position = .start
                    state.isKnown = true
                    return .gap(gap)
                }
                look = take(fetched, &state, maxBytes)
            }
            if case .elsewhere = look {
                let question = FeedQuestion(
                    position: state.position, filter: filterNumber, format: format, maxBytes: maxBytes)
                let needsTail: Bool
                (look, generation, needsTail) = feed.look(question, filter: filter, isKnown: state.isKnown)
                if needsTail { needs.tail = true }
            }
            switch look {
            case .cut(let cut):
                state.position = cut.position
                state.isKnown = true
                if let piece = cut.piece { return .piece(piece) }
            case .end(let end): return .end(end)
            case .tail:
                state.isKnown = true
                state.wasAtTail = true
                return .wait
            case .elsewhere, .page:
                if !state.isWaiting, state.emptyGeneration != generation {
                    state.isWaiting = true
                    needs.page = state.position
                    needs.tells = state.wasAtTail
                    state.wasAtTail = false
                }
                return .wait
            }
        }
        return .wait
    }

    // What a fetch brought; `elsewhere` where the feed is to be asked again.
    private func take(_ fetched: FeedFetch, _ state: inout State, _ maxBytes: Int) -> FeedLook {
        switch fetched {
        case .page(let page):
            // Taken at once, so that it need not be kept for the reader: who stops in its middle finds the rest in the feed, or asks again.
            guard let count = page.count(through: state.position) else { return .elsewhere }
            return .cut(page.cut(from: count, format, filter: filter, maxBytes: maxBytes))
        case .nothing(let next, let generation):
            state.position = next
            state.isKnown = true
            state.emptyGeneration = generation
            return .elsewhere
        case .gap: return .elsewhere
        case .end(let end): return .end(end)
        }
    }
}
