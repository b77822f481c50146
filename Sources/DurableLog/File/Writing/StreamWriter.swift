import StreamCore

/// A stream as its writer has it: a value with the files that it writes to, changed under the stream's lock.
struct StreamWriter {
    let context: StreamContext
    /// Where the stream stands with everything that was accepted, written or not.
    var position: StreamPosition
    /// What readers may have.
    var visible: VisibleEnd
    /// Where the stream stood when it was last synced.
    var synced: StreamPosition
    var chain: SegmentChain
    let markFile: OpenFile
    var mark: StreamMark
    var recent: RecentEvents
    /// Appends that wait for the commit thread.
    var group: CommitGroup?
    /// What the commit thread took last.
    var lastGroup = CommitGroup.Size()
    /// Whether the commit thread is at work on a group, and has the segments.
    var isCommitting = false
    /// Why a sync failed, until the stream is put right.
    var poison: FileFault?
    /// Whether the stream was put away or removed: who comes late asks the log for it again.
    var isGone = false
    /// Why nothing can be appended: the stream's end is damaged.
    var damage: FileFault?
    /// Segments that the retention does not keep, and whose files are still there.
    var doomed: [SegmentName] = []
    /// The last use that the mark on disk tells of.
    var publishedUse = Timestamp(millisecondsSince1970: 0)
    /// Frames in the making; kept for its room.
    private var scratch: [UInt8] = []

    struct VisibleEnd: Sendable, Hashable {
        var ordinal: UInt64
        var tail: Offset
        var isClosed: Bool
    }

    init(
        context: StreamContext, position: StreamPosition, synced: StreamPosition, chain: SegmentChain,
        markFile: OpenFile, mark: StreamMark
    ) {
        self.context = context
        self.position = position
        self.synced = synced
        self.chain = chain
        self.markFile = markFile
        self.mark = mark
        visible = VisibleEnd(position)
        recent = RecentEvents(floor: position.ledger.tail, maxBytes: context.limits.recentBytes)
    }

    var view: StreamView {
        StreamView(
            stream: context.stream, directory: context.directory, segments: chain.names, ordinal: visible.ordinal,
            tail: visible.tail, isClosed: visible.isClosed, ledger: position.ledger, damage: damage,
            lastIndex: chain.segment?.index)
    }

    /// The events after `offset`, when they are among those that are kept decoded.
    mutating func recentPage(after offset: Offset, limit: PageLimit) -> EventPage? {
        guard offset <= visible.tail, let events = recent.page(after: offset, limit: limit) else { return nil }
        let end = events.last?.offset ?? offset
        let isUpToDate = end == visible.tail && damage == nil
        if events.isEmpty, !isUpToDate { return nil }
        return EventPage(
            events: events, next: end, isUpToDate: isUpToDate, isAtEnd: isUpToDate && visible.isClosed)
    }

    /// Lets go of everything, which is synced.
    mutating func leave() {
        if damage == nil { writeMark(flags: .clean) }
        chain.segment = nil
        isGone = true
    }

    /// What becomes of an append.
    enum Step {
        /// It is done; `startsCommit` asks for the commit thread, to sync in the background.
        case done(AppendResult, startsCommit: Bool = false)
        /// It failed, and nothing of it is stored. Indirect, as errors are large and rare, and every append moves a step about.
        indirect case failed(EventLogError)
        /// The stream was put away or removed: the log is to be asked for it again.
        case gone
        /// It must wait for the commit thread: nothing was done, and it is to be asked again with somebody who waits.
        case mustWait
        /// Whoever waits will be answered; `startsCommit` asks for the commit thread.
        case queued(startsCommit: Bool)
    }

    /// Takes an append: written at once, or put into the group that the commit thread writes.
    ///
    /// A buffered append waits only while a synced one before it does: readers get both in their order.
    mutating func append(
        _ entry: LedgerEntry, _ events: [StreamEvent], _ durability: Durability, contentType: String? = nil,
        now: Timestamp, waiter: UnsafeContinuation<CommitGroup.Outcome?, Never>?
    ) -> Step {
        if isGone { return .gone }
        mark.lastUsed = max(mark.lastUsed, now)
        if let damage { return .failed(damage.error(context.stream)) }
        let isGathering = isCommitting || group != nil
        do throws(EventLogError) {
            switch try verdict(on: entry, contentType: contentType) {
            case .nothing(let result):
                // Nothing to write, but what it stands on must be as durable as is asked.
                let isReached = durability == .synced ? synced.ordinal == position.ordinal : !isGathering
                if isReached { return .done(result) }
                guard let waiter else { return .mustWait }
                return join(nil, [], durability, now, result, waiter)
            case .append(let result):
                if isGathering || durability == .synced || poison != nil {
                    guard let waiter else { return .mustWait }
                    return join(entry, events, durability, now, result, waiter)
                }
                return writeNow(entry, events, now, result)
            }
        } catch {
            return .failed(error)
        }
    }

    private mutating func join(
        _ entry: LedgerEntry?, _ events: [StreamEvent], _ durability: Durability, _ now: Timestamp,
        _ result: AppendResult, _ waiter: UnsafeContinuation<CommitGroup.Outcome?, Never>
    ) -> Step {
        let startsCommit = group == nil && !isCommitting
        var joined = group ?? CommitGroup(before: position, expecting: lastGroup)
        // Not in two places, or its arrays would be copied.
        group = nil
        if let entry {
            // All of a group, buffered or not: when it fails, nothing of it is to have been seen by other processes.
            let content = content(entry, events, .held, now)
            let start = joined.bytes.count
            let header = content.append(to: &joined.bytes, salt: context.salt)
            joined.frames.append(Frame(header: header, position: start))
            content.forEachEvent { joined.events.append($0) }
            advance(entry)
        }
        if durability == .synced { joined.isSynced = true }
        joined.waiters.append(CommitGroup.Waiter(continuation: waiter, outcome: .success(result)))
        group = joined
        return .queued(startsCommit: startsCommit)
    }

    /// Writes a buffered append in the caller's context.
    private mutating func writeNow(
        _ entry: LedgerEntry, _ events: [StreamEvent], _ now: Timestamp, _ result: AppendResult
    ) -> Step {
        do throws(FileFault) {
            let sealed = try chain.prepare(for: position, syncedOrdinal: synced.ordinal, now: now)
            let content = content(entry, events, [], now)
            scratch.removeAll(keepingCapacity: true)
            let header = content.append(to: &scratch, salt: context.salt)
            try chain.write(scratch, CollectionOfOne(Frame(header: header, position: 0)))
            content.forEachEvent { recent.append($0) }
            advance(entry)
            visible = VisibleEnd(position)
            if sealed { trim(now: now) }
            return .done(result, startsCommit: sealed)
        } catch {
            return .failed(error.error(context.stream, "nothing of the batch is stored"))
        }
    }

    private func content(
        _ entry: LedgerEntry, _ events: [StreamEvent], _ flags: FrameHeader.Flags, _ now: Timestamp
    ) -> FrameContent {
        FrameContent(
            ordinal: position.ordinal + 1, syncedOrdinal: synced.ordinal, timestamp: now,
            before: position.ledger.tail, era: position.ledger.era,
            flags: entry.flags.union(flags), entry: entry, events: events)
    }

    private mutating func advance(_ entry: LedgerEntry) {
        position.ordinal += 1
        position.ledger.apply(entry)
    }

    private func verdict(
        on entry: LedgerEntry, contentType: String?
    ) throws(EventLogError) -> StreamLedger.Verdict {
        guard let claim = entry.claim else {
            return try position.ledger.check(entry, contentType: contentType, in: context.stream)
        }
        // The epoch has no place in the result; whoever claims asks for it in `claimedEpoch`.
        _ = try position.ledger.nextEpoch(of: claim, in: context.stream)
        return .append(AppendResult(last: position.ledger.tail))
    }
}

extension StreamWriter.VisibleEnd {
    init(_ position: StreamPosition) {
        self.init(ordinal: position.ordinal, tail: position.ledger.tail, isClosed: position.ledger.isClosed)
    }
}

extension FrameContent {
    /// The events with their places.
    func forEachEvent(_ body: (LoggedEvent) -> Void) {
        var index = before.index
        for event in events {
            index += 1
            // The ledger has refused what would leave the range.
            guard let offset = Offset(era: era, index: index) else { return }
            body(LoggedEvent(offset: offset, timestamp: timestamp, event: event))
        }
    }
}
