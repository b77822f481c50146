import AgentKit
import DurableLog
import StreamCore
import Synchronization

/// Knows everything that was acknowledged and seen in a simulation, and notices what must not be.
final class SimulationWitness: Sendable {
    struct State: Sendable {
        /// What was acknowledged or seen, by its place.
        var events: [Offset: UInt64] = [:]
        /// What anybody tried to append.
        var attempted: Set<UInt64> = []
        /// What is being appended, and asked to survive the machine: whoever sees it may rely on that.
        var syncing: Set<UInt64> = []
        /// Places of events that were seen while they were.
        var seenSyncing: Set<Offset> = []
        var syncedThrough = Offset.start
        /// Places whose events are gone by a loss of power.
        var lost: Set<Offset> = []
        /// The largest epoch of each producer that a claim was answered with.
        var epochs: [ProducerID: UInt64] = [:]
        var claims: Set<String> = []
        /// Calls of tools whose result was acknowledged as synced, by their idempotency keys.
        var finishedCalls: Set<String> = []
        var executions: [String: Int] = [:]
        var isClosed = false
        var violation: String?
    }

    let state = Mutex(State())
    private let trace: (@Sendable (String) -> Void)?

    init(trace: (@Sendable (String) -> Void)?) {
        self.trace = trace
    }

    /// What was found first.
    var violation: String? { state.withLock { $0.violation } }

    func fail(_ text: String) {
        tell("VIOLATION: \(text)")
        state.withLock { $0.violation = $0.violation ?? text }
    }

    func require(_ condition: Bool, _ text: @autoclosure () -> String) {
        if !condition { fail(text()) }
    }

    func tell(_ text: @autoclosure () -> String) {
        trace?(text())
    }

    // MARK: Appends

    /// Somebody is about to append.
    ///
    /// - Returns: The newest epoch of its producer by now: an append under an older one that begins from here on must be refused.
    func willAppend(_ digests: [UInt64], _ options: AppendOptions) -> UInt64 {
        state.withLock { state in
            state.attempted.formUnion(digests)
            if options.durability == .synced { state.syncing.formUnion(digests) }
            return options.producer.flatMap { state.epochs[$0.id] } ?? 0
        }
    }

    func endAppend(_ digests: [UInt64], _ options: AppendOptions) {
        if options.durability == .synced { state.withLock { $0.syncing.subtract(digests) } }
    }

    func didAppend(_ digests: [UInt64], _ options: AppendOptions, _ result: AppendResult, fence: UInt64, who: String) {
        tell(
            "\(who) appended \(digests.count) through \(result.last)\(options.durability == .synced ? ", synced" : "")")
        if let stamp = options.producer, stamp.epoch < fence {
            fail("an append of \(stamp.id) under epoch \(stamp.epoch) was taken, and \(fence) had been claimed")
        }
        guard !result.isDuplicate else { return }
        let first = result.last.index - UInt64(digests.count)
        for (position, digest) in digests.enumerated() {
            guard let offset = Offset(era: result.last.era, index: first + UInt64(position) + 1) else { continue }
            note(digest, at: offset, "the log acknowledged")
        }
        if options.durability == .synced { noteSync(through: result.last) }
    }

    /// The newest epoch of a producer by now: a claim that begins from here on gets a greater one.
    func newestEpoch(of producer: ProducerID) -> UInt64 {
        state.withLock { $0.epochs[producer] ?? 0 }
    }

    func didClaim(_ producer: ProducerID, _ epoch: UInt64, after known: UInt64, who: String) {
        tell("\(who) claimed \(producer), epoch \(epoch)")
        let isNew = state.withLock { state in
            state.epochs[producer] = max(epoch, state.epochs[producer] ?? 0)
            return state.claims.insert("\(epoch) \(producer)").inserted
        }
        require(epoch > known, "\(producer) was given epoch \(epoch) after \(known)")
        require(isNew, "\(producer) was given epoch \(epoch) twice")
    }

    func noteSync(through offset: Offset) {
        state.withLock { $0.syncedThrough = max($0.syncedThrough, offset) }
    }

    // MARK: Reading

    /// An event was seen, or acknowledged, at a place, which never means another one.
    func note(_ digest: UInt64, at offset: Offset, _ who: @autoclosure () -> String) {
        let (known, isLost, isKnown) = state.withLock { state in
            defer { state.events[offset] = state.events[offset] ?? digest }
            if state.syncing.contains(digest) { state.seenSyncing.insert(offset) }
            return (state.events[offset], state.lost.contains(offset), state.attempted.contains(digest))
        }
        if isLost { fail("\(who()) \(offset), which was lost before") }
        if let known, known != digest { fail("\(who()) another event at \(offset) than was there") }
        if !isKnown { fail("\(who()) an event at \(offset) that nobody appended") }
    }

    func isLost(_ offset: Offset) -> Bool {
        state.withLock { $0.lost.contains(offset) }
    }

    /// The stores were opened again: what is there now must be what was known, but for what a loss of power may take.
    func examine(_ found: [LoggedEvent], mayLose: Bool) {
        for (before, after) in zip(found, found.dropFirst()) {
            require(before.offset < after.offset, "\(after.offset) comes behind \(before.offset)")
            require(
                before.offset.index + 1 == after.offset.index,
                "nothing stands between \(before.offset) and \(after.offset)")
        }
        for event in found { note(SimulationDigest.of(event.event), at: event.offset, "the log, opened again, has") }
        let places = Set(found.map(\.offset))
        let gone = state.withLock { state -> [Offset] in
            let gone = state.events.keys.filter { !places.contains($0) && !state.lost.contains($0) }.sorted()
            state.lost.formUnion(gone)
            return gone
        }
        if !gone.isEmpty { tell("gone: \(gone.count), from \(gone[0])") }
        for offset in gone {
            let (isSynced, isAsked) = state.withLock { state in
                (offset <= state.syncedThrough, state.seenSyncing.contains(offset))
            }
            require(mayLose, "\(offset) was acknowledged or seen, and is gone though no power was lost")
            require(!isSynced, "\(offset) was synced, through \(state.withLock { $0.syncedThrough }), and is gone")
            require(!isAsked, "\(offset), which was to be synced before anybody saw it, is gone")
        }
    }

    // MARK: Tools

    /// A tool is executed.
    func execute(_ key: String, isIdempotent: Bool) {
        tell("tool \(key)")
        let (count, isFinished) = state.withLock { state in
            state.executions[key, default: 0] += 1
            return (state.executions[key] ?? 0, state.finishedCalls.contains(key))
        }
        require(!isFinished, "the call \(key) was executed again after its result was synced")
        require(count == 1 || isIdempotent, "the call \(key), which may not be repeated, was executed \(count) times")
    }

    func didFinish(_ key: String) {
        state.withLock { _ = $0.finishedCalls.insert(key) }
    }
}
