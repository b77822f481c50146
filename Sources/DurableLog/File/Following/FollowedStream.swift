import StreamCore
import Synchronization

/// A stream that is read beside its writer: shared by all its readers, who catch up with the files together.
final class FollowedStream: TailSource {
    let stream: StreamID
    let directory: String
    let options: StreamOptions
    private let life: UInt64
    private let cache: SegmentFileCache
    private let clock: @Sendable () -> Timestamp
    private let state: Mutex<State>
    private let isChanged = Atomic(false)
    private let areNamesChanged = Atomic(false)

    fileprivate struct State {
        var follower: StreamFollower
        /// The newest events, while somebody is woken for them.
        var recent: RecentEvents?
        /// How many signals it is kept for: one, but for moments.
        var signals = 0
        var isGone = false
    }

    init(
        _ follower: consuming sending StreamFollower, cache: SegmentFileCache,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        stream = follower.stream
        directory = follower.directory
        options = follower.manifest.options
        life = follower.manifest.incarnation
        self.cache = cache
        self.clock = clock
        state = Mutex(State(follower: follower))
    }

    /// Takes note that files have changed.
    func noteChange(ofNames: Bool) {
        if ofNames { areNamesChanged.store(true, ordering: .releasing) }
        isChanged.store(true, ordering: .releasing)
    }

    /// Keeps the newest events from now on, `maxBytes` at most, for readers who are woken together; until as many calls of ``dropRecent()``.
    func keepRecent(_ maxBytes: Int) {
        state.withLock { state in
            state.signals += 1
            if state.recent != nil { return }
            state.recent = RecentEvents(floor: state.follower.position.ledger.tail, maxBytes: maxBytes)
        }
    }

    /// Lets go of them.
    func dropRecent() {
        state.withLock { state in
            state.signals -= 1
            if state.signals == 0 { state.recent = nil }
        }
    }

    /// A page for somebody who was told of changes, where that is all there is to know; nil when the stream is gone or its time is over.
    func page(after offset: Offset, limit: PageLimit) throws(EventLogError) -> EventPage? {
        guard !isOver else { return nil }
        return try page(after: offset, limit) { (state) throws(FileFault) in
            guard isChanged.exchange(false, ordering: .acquiring) else { return true }
            return try refresh(&state, listing: areNamesChanged.exchange(false, ordering: .acquiring))
        }
    }

    /// The events after `offset` as the files are now; nil when the stream is gone.
    func read(after offset: Offset, _ limit: PageLimit) throws(EventLogError) -> EventPage? {
        try page(after: offset, limit) { (state) throws(FileFault) in try refresh(&state, listing: true) }
    }

    /// What is known of it now; nil when the stream is gone.
    func info() throws(EventLogError) -> StreamInfo? {
        guard let view = try currentView() else { return nil }
        let info = StreamInfo(
            options: options, tail: view.tail, oldest: view.oldest(cache), isClosed: view.isClosed, expiresAt: expiresAt
        )
        return try isStillThere() ? info : nil
    }

    /// What may be seen now; nil when the stream is gone.
    func currentView() throws(EventLogError) -> StreamView? {
        try located { () throws(FileFault) in
            try state.withLock { (state) throws(FileFault) in
                try refresh(&state, listing: true) ? state.follower.view : nil
            }
        }
    }

    /// When the stream is removed unless it is used; nil when never.
    var expiresAt: Timestamp? {
        switch options.lifetime {
        case .unlimited: nil
        case .until(let end): end
        case .sliding(let lifetime): lastUse.advanced(by: lifetime)
        }
    }

    /// Whether its time is over: of a sliding lifetime, when that is certain, as a writer that has the stream tells only now and then of reading.
    var isOver: Bool {
        switch options.lifetime {
        case .unlimited: return false
        case .until(let end): return end <= clock()
        case .sliding(let lifetime):
            let isExact = state.withLock { $0.follower.mark.flags.contains(.clean) }
            return lastUse.advanced(by: isExact ? lifetime : lifetime + lifetime / 16) <= clock()
        }
    }

    private var lastUse: Timestamp {
        state.withLock { max($0.follower.mark.lastUsed, $0.follower.lastAppend ?? $0.follower.manifest.created) }
    }

    private func page(
        after offset: Offset, _ limit: PageLimit, _ refresh: (inout State) throws(FileFault) -> Bool
    ) throws(EventLogError) -> EventPage? {
        var attempts = 0
        while true {
            attempts += 1
            let (page, view) = try located { () throws(FileFault) in
                try state.withLock { (state) throws(FileFault) -> (EventPage?, StreamView?) in
                    // A second look is for what was removed since the first.
                    let isThere = attempts == 1 ? try refresh(&state) : try self.refresh(&state, listing: true)
                    guard isThere else { return (nil, nil) }
                    if let page = state.recentPage(after: offset, limit) { return (page, nil) }
                    return (nil, state.follower.view)
                }
            }
            if let page { return page }
            guard let view else { return nil }
            do throws(EventLogError) {
                let page = try view.page(after: offset, limit: limit, files: cache)
                // What was read was found by its name, which another stream may have by now.
                if try isStillThere() { return page }
                return nil
            } catch {
                // An error may have the same cause, or that a segment was trimmed meanwhile.
                guard try isStillThere() else { return nil }
                guard error.code == .storage, attempts < 8, (error.underlying as? FileError)?.isNotFound == true else {
                    throw error
                }
            }
        }
    }

    private func isStillThere() throws(EventLogError) -> Bool {
        try located { () throws(FileFault) in
            try StreamManifest.read(in: directory, cache.system)?.incarnation == life
        }
    }

    /// Catches up; false when the stream is gone.
    private func refresh(_ state: inout State, listing: Bool) throws(FileFault) -> Bool {
        if state.isGone { return false }
        let floor = state.follower.floor
        var recent = state.recent
        // Not in two places, or it would be copied.
        state.recent = nil
        var decoder = EventDecoder()
        var events: [LoggedEvent] = []
        defer { state.recent = recent }
        let outcome = try state.follower.refresh(listing: listing) { header, frame in
            guard recent != nil else { return }
            events.removeAll(keepingCapacity: true)
            var room = PageRoom(PageLimit(events: .max, bytes: .max))
            _ = decoder.decode(header, frame, after: .start, into: &events, room: &room)
            for event in events { recent?.append(event) }
        }
        switch outcome {
        case .continued:
            let now = state.follower.floor
            if now > floor { recent?.drop(through: now) }
        case .reopened: recent = recent.map { $0.emptied(floor: state.follower.position.ledger.tail) }
        case .gone:
            state.isGone = true
            recent = nil
            cache.forget(in: directory)
        }
        return !state.isGone
    }

    private func located<Value>(_ body: () throws(FileFault) -> Value) throws(EventLogError) -> Value {
        do throws(FileFault) {
            return try body()
        } catch {
            throw error.error(stream)
        }
    }
}

extension FollowedStream.State {
    /// The events after `offset`, when they are among those that are kept decoded.
    fileprivate mutating func recentPage(after offset: Offset, _ limit: PageLimit) -> EventPage? {
        let ledger = follower.position.ledger
        guard offset <= ledger.tail, let events = recent?.page(after: offset, limit: limit) else { return nil }
        let end = events.last?.offset ?? offset
        let isUpToDate = end == ledger.tail && follower.damage == nil
        if events.isEmpty, !isUpToDate { return nil }
        return EventPage(events: events, next: end, isUpToDate: isUpToDate, isAtEnd: isUpToDate && ledger.isClosed)
    }
}
