import StreamCore

/// What the commit thread takes from a stream to work on without its lock.
struct CommitWork {
    var group: CommitGroup
    var chain: SegmentChain
    /// Where the stream stood when it was last synced.
    var synced: StreamPosition
    /// Where it stands with the group.
    var position: StreamPosition
    /// Where it stands again after something failed: at the group's beginning, or behind what could be saved.
    var fallback: StreamPosition
    /// Why a sync failed, until the segments are put right.
    var poison: FileFault?
    /// Whether the stream is put away: its ledger is written at the end, so that the next opening need not look for it.
    var isLeaving: Bool
    var now: Timestamp
    /// Whether a segment was sealed by the way.
    var hasSealed = false

    var context: StreamContext { chain.context }

    /// Writes the group and syncs what is to be synced.
    ///
    /// After an error the segments are as they were before the group, or say of themselves that they are poisoned.
    mutating func run() throws(FileFault) {
        if let poison {
            try putRight()
            // What the group holds stands on what may have been lost, in an era that has ended.
            throw poison
        }
        var end: Int?
        if !group.bytes.isEmpty {
            hasSealed = try chain.prepare(for: group.before, syncedOrdinal: synced.ordinal, now: now)
            end = chain.segment?.end
            try chain.write(group.bytes, group.frames, isSynced: group.isSynced)
        }
        guard group.isSynced else { return }
        if isLeaving { try? chain.leave(position, syncedOrdinal: synced.ordinal, now: now) }
        do throws(FileFault) {
            try chain.sync()
        } catch {
            poison = error
            if let end { chain.takeBack(to: end) }
            // The answer is a failure whatever comes of this; what readers have seen is saved at once, if it can be.
            try? putRight()
            throw error
        }
        synced = position
    }

    /// Begins anew after a failed sync: what was written since the last good one may never reach the disk from the files that it is in.
    ///
    /// What readers have seen is read back, checked, and written to a new segment, which is synced; everything after it is in a new era.
    private mutating func putRight() throws(FileFault) {
        let era = position.ledger.era + 1
        let saved = try chain.rescue(from: synced, through: fallback.ordinal, era: era, now: now)
        synced = saved
        fallback = saved
        _ = fallback.ledger.beginEra(atLeast: era)
        poison = nil
    }
}

extension StreamWriter {
    /// Hands the group over to the commit thread; nil when there is none.
    ///
    /// - Parameters:
    ///   - isSynced: Whether everything is to be synced in any case.
    ///   - isLeaving: Whether the stream is put away.
    mutating func beginCommit(now: Timestamp, isSynced: Bool, isLeaving: Bool = false) -> CommitWork? {
        guard !isCommitting, !isGone else { return nil }
        let hasMore = synced.ordinal != position.ordinal || poison != nil || (isLeaving && !chain.isAtLedger(position))
        if isSynced, group == nil, hasMore { group = CommitGroup(before: position) }
        guard var taken = group else { return nil }
        group = nil
        lastGroup = taken.size
        if isSynced { taken.isSynced = true }
        isCommitting = true
        return CommitWork(
            group: taken, chain: chain, synced: synced, position: position, fallback: taken.before,
            poison: poison, isLeaving: isLeaving, now: now)
    }

    /// Takes the commit thread's work back, and returns those who are to be answered.
    mutating func endCommit(_ work: CommitWork, _ result: Result<Void, FileFault>) -> [CommitGroup.Waiter] {
        isCommitting = false
        chain = work.chain
        poison = work.poison
        synced = work.synced
        var waiters = work.group.waiters
        switch result {
        case .success:
            for event in work.group.events { recent.append(event) }
            visible = VisibleEnd(work.position)
            if work.hasSealed { trim(now: work.now) }
        case .failure(let fault):
            // Appends that were accepted meanwhile stand on those that failed.
            waiters += group?.waiters ?? []
            group = nil
            position = work.fallback
            let lost = position.ledger.tail < visible.tail
            visible = VisibleEnd(position)
            if lost { recent = RecentEvents(floor: visible.tail, maxBytes: context.limits.recentBytes) }
            let error = fault.error(context.stream, "nothing of the batch is known to be stored")
            for index in waiters.indices { waiters[index].outcome = .failure(error) }
        }
        writeMark()
        return waiters
    }

    /// Takes note of a reader, for a sliding lifetime; on disk now and then, so that little of it is lost with the process.
    mutating func noteUse(_ now: Timestamp) {
        guard case .sliding(let lifetime) = context.manifest.options.lifetime, now > mark.lastUsed else { return }
        mark.lastUsed = now
        if publishedUse.advanced(by: lifetime / 16) <= now, !isCommitting { writeMark() }
    }

    // MARK: Sealed segments

    /// The sealed segments that are to be synced, and removed by the retention, while the stream is appended to.
    func endedSegments() -> [SegmentChain.Ended] {
        isCommitting || poison != nil || isGone ? [] : chain.unsynced
    }

    /// Takes note that segments were synced.
    mutating func noteSynced(_ ended: [SegmentChain.Ended]) {
        chain.unsynced.removeAll { one in ended.contains { $0.file === one.file } }
        for case let position? in ended.map(\.position) where position.ordinal > synced.ordinal { synced = position }
        writeMark()
    }

    /// Lets go of the segments that the retention does not keep; their files are removed later.
    mutating func trim(now: Timestamp) {
        guard !isCommitting, !isGone, damage == nil else { return }
        let surplus = chain.surplus(tail: visible.tail, now: now)
        guard surplus > 0 else { return }
        doomed += chain.names.prefix(surplus)
        chain.names.removeFirst(surplus)
        if let floor = chain.names.first?.before { recent.drop(through: floor) }
        writeMark()
    }

    /// The segments whose files are to be removed, once the mark that tells so is synced.
    mutating func takeDoomed() -> [SegmentName] {
        defer { doomed = [] }
        return doomed
    }

    /// Publishes how far the stream is, for readers in other processes and the next opening.
    ///
    /// It is not synced: one that is older than the stream only makes the next opening look further.
    mutating func writeMark(flags: StreamMark.Flags = []) {
        mark.sequence += 1
        mark.session = context.session
        mark.syncedOrdinal = synced.ordinal
        mark.endOrdinal = visible.ordinal
        mark.segment = chain.names.last?.firstOrdinal ?? 0
        mark.generation = chain.names.last?.generation ?? 0
        mark.oldestSegment = chain.names.first?.firstOrdinal ?? 0
        mark.checkpointSegment = chain.syncedCheckpoint?.segment ?? 0
        mark.checkpointPosition = UInt64(chain.syncedCheckpoint?.position ?? 0)
        mark.era = max(mark.era, position.ledger.era)
        mark.flags = flags
        publishedUse = mark.lastUsed
        try? markFile.write(mark.bytes, at: mark.position)
    }
}
