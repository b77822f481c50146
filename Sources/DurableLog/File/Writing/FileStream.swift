import StreamCore
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A stream that is open for writing.
final class FileStream: Sendable {
    let context: StreamContext
    /// Whether it may be removed by itself.
    let mayExpire: Bool
    let signal: AppendSignal
    private let thread: CommitThread
    private let cache: SegmentFileCache
    private let clock: @Sendable () -> Timestamp
    private let writer: Mutex<StreamWriter>
    /// How many wait for the next commit, roughly.
    private let gathered = Atomic(0)
    /// What the last commit was like.
    private let pace = Mutex(Pace(waiters: 0, duration: .zero))

    private struct Pace: Sendable {
        var waiters: Int
        var duration: Duration
    }

    init(
        _ writer: consuming sending StreamWriter, signal: AppendSignal, thread: CommitThread,
        cache: SegmentFileCache, clock: @escaping @Sendable () -> Timestamp
    ) {
        context = writer.context
        mayExpire = writer.context.manifest.options.lifetime != .unlimited
        self.signal = signal
        self.thread = thread
        self.cache = cache
        self.clock = clock
        self.writer = Mutex(writer)
    }

    /// Appends; nil when the stream was put away or removed meanwhile, and nothing was done.
    func append(
        _ entry: LedgerEntry, _ events: [StreamEvent], _ durability: Durability, _ contentType: String?
    ) async throws(EventLogError) -> AppendResult? {
        let now = clock()
        if durability == .buffered {
            let step = writer.withLock {
                $0.append(entry, events, durability, contentType: contentType, now: now, waiter: nil)
            }
            switch step {
            case .gone: return nil
            case .done(let result, let startsCommit):
                finish(startsCommit)
                return result
            case .failed(let error):
                finish(false)
                throw error
            case .mustWait, .queued: break
            }
        }
        // Safe: the continuation is resumed here, or kept in the group, whose waiters are all answered when it is committed.
        let outcome: CommitGroup.Outcome? = await withUnsafeContinuation { continuation in
            let step = writer.withLock {
                $0.append(entry, events, durability, contentType: contentType, now: now, waiter: continuation)
            }
            start(step, continuation)
        }
        return try outcome?.get()
    }

    /// Gives a producer its next epoch, synced; nil when the stream was put away or removed meanwhile.
    func claim(_ producer: ProducerID) async throws(EventLogError) -> UInt64? {
        let now = clock()
        var epoch: UInt64 = 0
        // Safe: as above.
        let outcome: CommitGroup.Outcome? = await withUnsafeContinuation { continuation in
            let step = writer.withLock { writer -> StreamWriter.Step in
                do throws(EventLogError) {
                    epoch = try writer.position.ledger.nextEpoch(of: producer, in: context.stream)
                } catch {
                    return .failed(error)
                }
                return writer.append(LedgerEntry(claim: producer), [], .synced, now: now, waiter: continuation)
            }
            start(step, continuation)
        }
        guard let outcome else { return nil }
        _ = try outcome.get()
        return epoch
    }

    /// Does what a step of somebody who waits asks for.
    private func start(_ step: StreamWriter.Step, _ continuation: UnsafeContinuation<CommitGroup.Outcome?, Never>) {
        switch step {
        case .gone: continuation.resume(returning: nil)
        case .done(let result, let startsCommit):
            finish(startsCommit)
            continuation.resume(returning: .success(result))
        case .failed(let error):
            finish(false)
            continuation.resume(returning: .failure(error))
        case .queued(let startsCommit):
            gathered.add(1, ordering: .relaxed)
            if startsCommit { commit(isSynced: false) }
        case .mustWait: preconditionFailure("somebody waits")
        }
    }

    private func finish(_ hasSealed: Bool) {
        if hasSealed { _ = thread.perform { [self] in tidy() } }
        signal.notify()
    }

    /// Syncs the sealed segments and removes those that the retention does not keep, on the commit thread, while the stream is appended to.
    private func tidy() {
        let ended = writer.withLock { $0.endedSegments() }
        do throws(FileFault) {
            for one in ended { try one.file.sync() }
            if !ended.isEmpty {
                try storing { () throws(FileError) in
                    try context.system.syncDirectory(context.directory)
                }
            }
            let (names, markFile) = writer.withLock { writer in
                if !ended.isEmpty { writer.noteSynced(ended) }
                return (writer.takeDoomed(), writer.markFile)
            }
            guard !names.isEmpty else { return }
            // Else a file might be gone, and one before it not.
            try markFile.sync()
            cache.forget(in: context.directory) { names.contains($0) }
            for name in names { _ = try? context.system.remove("\(context.directory)/\(name.fileName)") }
            signal.notify()
        } catch {
            // Put right at once, or by the next append.
            writer.withLock { $0.poison = error }
            _ = runCommit(isSynced: true)
        }
    }

    /// The events after `offset`.
    func page(
        after offset: Offset, limit: PageLimit
    ) throws(EventLogError) -> EventPage? {
        let now = clock()
        let (page, view) = writer.withLock { writer -> (EventPage?, StreamView?) in
            if writer.isGone { return (nil, nil) }
            writer.noteUse(now)
            if let page = writer.recentPage(after: offset, limit: limit) { return (page, nil) }
            return (nil, writer.view)
        }
        if let page { return page }
        return try view?.page(after: offset, limit: limit, files: cache)
    }

    /// When the stream is removed unless it is used; nil when never.
    var expiresAt: Timestamp? {
        switch context.manifest.options.lifetime {
        case .unlimited: nil
        case .until(let end): end
        case .sliding(let lifetime): writer.withLock { $0.mark.lastUsed }.advanced(by: lifetime)
        }
    }

    /// What readers may see; nil when the stream was put away or removed.
    var view: StreamView? { writer.withLock { $0.isGone ? nil : $0.view } }

    /// Syncs what is not synced and lets go of the files, on the commit thread.
    ///
    /// - Returns: False when somebody was appending, or the files failed: the stream stays.
    func putAway() -> Bool {
        while runCommit(isSynced: true, isLeaving: true) {}
        return writer.withLock { writer in
            guard !writer.isCommitting, writer.group == nil else { return false }
            let isClean =
                writer.damage != nil || (writer.poison == nil && writer.synced.ordinal == writer.position.ordinal)
            if isClean { writer.leave() }
            return isClean
        }
    }

    /// Writes what waits to be written and syncs it, on the commit thread.
    ///
    /// - Throws: Why what is in the files may never reach the disk.
    func settle() throws(FileFault) {
        while runCommit(isSynced: true) {}
        if let poison = writer.withLock({ $0.poison }) { throw poison }
    }

    /// Ends the stream's life, on the commit thread: who comes late finds it gone.
    ///
    /// - Returns: The newest era that it may have used.
    func remove() -> UInt32 {
        while true {
            while runCommit(isSynced: false) {}
            let era = writer.withLock { writer -> UInt32? in
                // Somebody who waits is answered first.
                guard writer.group == nil else { return nil }
                writer.isGone = true
                return max(writer.position.ledger.era, writer.mark.era)
            }
            if let era { return era }
        }
    }

    /// Has the commit thread write the group that gathers; where the thread has ended, those who wait are told.
    private func commit(isSynced: Bool) {
        if thread.perform({ [self] in if runCommit(isSynced: isSynced) { commit(isSynced: false) } }) { return }
        _ = runCommit(isSynced: isSynced)
    }

    /// Waits a moment for those who were answered by the last commit: most of them append again, and one sync is then for all of them.
    private func gather() {
        let pace = pace.withLock { $0 }
        guard pace.waiters > 1, SpinPolicy.processors > 1 else { return }
        let end = ContinuousClock.now.advanced(by: min(pace.duration / 2, .microseconds(500)))
        while ContinuousClock.now < end {
            if gathered.load(ordering: .relaxed) >= pace.waiters { return }
            _ = sched_yield()
        }
    }

    /// Writes the group that gathers and answers those who wait; whether another gathers already.
    private func runCommit(isSynced: Bool, isLeaving: Bool = false) -> Bool {
        if !isLeaving { gather() }
        let now = clock()
        let taken = writer.withLock { $0.beginCommit(now: now, isSynced: isSynced, isLeaving: isLeaving) }
        guard var work = taken else { return false }
        gathered.store(0, ordering: .relaxed)
        let start = ContinuousClock.now
        let result = Result { () throws(FileFault) in try work.run() }
        pace.withLock { $0 = Pace(waiters: work.group.waiters.count, duration: ContinuousClock.now - start) }
        let (waiters, isMore) = writer.withLock { writer in
            (writer.endCommit(work, result), writer.group != nil)
        }
        signal.notify()
        for waiter in waiters { waiter.continuation.resume(returning: waiter.outcome) }
        if work.hasSealed { tidy() }
        return isMore
    }
}
