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
    /// Whether a sync failed before and the segments must be put right first.
    var isPoisoned: Bool
    /// Whether the stream is put away: its ledger is written at the end, so that the next opening need not look for it.
    var isLeaving: Bool
    var now: Timestamp

    var context: StreamContext { chain.context }

    /// Writes the group and syncs what is to be synced.
    ///
    /// After an error the segments are as they were before the group, or say of themselves that they are poisoned.
    mutating func run() throws(FileFault) {
        if isPoisoned { try putRight() }
        if !group.bytes.isEmpty {
            _ = try chain.prepare(for: group.before, syncedOrdinal: synced.ordinal, now: now)
            let end = chain.segment?.end ?? 0
            do throws(FileFault) {
                try chain.write(group.bytes, group.frames)
            } catch {
                chain.giveUp(at: end)
                throw error
            }
        }
        guard group.isSynced else { return }
        if isLeaving { try? chain.leave(position, syncedOrdinal: synced.ordinal, now: now) }
        do throws(FileFault) {
            try chain.sync()
        } catch {
            isPoisoned = true
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
        let saved = try chain.rescue(from: synced, through: fallback.ordinal, now: now)
        synced = saved
        fallback = saved
        _ = fallback.ledger.beginEra()
        isPoisoned = false
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
        if isSynced, group == nil, synced.ordinal != position.ordinal { group = CommitGroup(before: position) }
        guard var taken = group else { return nil }
        group = nil
        if isSynced { taken.isSynced = true }
        isCommitting = true
        return CommitWork(
            group: taken, chain: chain, synced: synced, position: position, fallback: taken.before,
            isPoisoned: isPoisoned, isLeaving: isLeaving, now: now)
    }

    /// Takes the commit thread's work back, and returns those who are to be answered.
    mutating func endCommit(_ work: CommitWork, _ result: Result<Void, FileFault>) -> [CommitGroup.Waiter] {
        isCommitting = false
        chain = work.chain
        isPoisoned = work.isPoisoned
        synced = work.synced
        var waiters = work.group.waiters
        switch result {
        case .success:
            for event in work.group.events { recent.append(event) }
            visible = VisibleEnd(work.position)
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

    /// Publishes how far the stream is, for readers in other processes and the next opening.
    ///
    /// It is not synced: one that is older than the stream only makes the next opening look further.
    mutating func writeMark(flags: StreamMark.Flags = []) {
        mark.sequence += 1
        mark.session = context.session
        mark.syncedOrdinal = synced.ordinal
        mark.endOrdinal = visible.ordinal
        mark.segment = chain.names.last?.firstOrdinal ?? 0
        mark.oldestSegment = chain.names.first?.firstOrdinal ?? 0
        mark.checkpointSegment = chain.syncedCheckpoint?.segment ?? 0
        mark.checkpointPosition = UInt64(chain.syncedCheckpoint?.position ?? 0)
        mark.era = max(mark.era, position.ledger.era)
        mark.flags = flags
        try? markFile.write(mark.bytes, at: mark.position)
    }
}
