public import StreamCore

/// Where the progress of projects is kept, so that whoever asks need not read a stream from its beginning.
///
/// A store holds nothing that the log does not: it is the ``ProgressFold`` of each project's stream up to an offset, which it knows. Whatever happens
/// to a store, it is brought up to date from the log by ``catchUp(_:from:)``, by any process.
///
/// ## To use a store
/// ``record(of:in:)``, ``project(_:)`` and ``history(of:in:_:)`` answer at once. A ``ProgressTracker`` keeps its store up to date; a process that only reads calls
/// ``catchUp(_:from:)`` first, when it wants what other processes wrote.
///
/// ## To write a store of your own
/// Conform to this protocol and run `ProgressStoreCompliance` of AgentKitTesting against it; three methods suffice, the others have a default that a store
/// with queries of its own may replace:
/// - **One law.** ``advance(_:by:)`` does to the stored state what ``ProgressFold/advance(by:)`` does to a fold: a stretch that begins beyond
///   the stored offset changes nothing, what was folded already is passed over, and so a repeated call is harmless.
/// - **All or nothing.** Readers and crashes find a stretch folded whole, with its offset, or not at all. A store may lose its newest stretches (they are read
///   from the log again), but never one in the middle.
/// - A store in **memory** keeps a fold per project under a lock. One over **files** keeps a state and the stretches since, and finds out by checksums what it
///   can trust. In a **database**, `advance` is one transaction: read the offset, write the records, the points and the new offset.
/// - **Damage is an error** with the code `corrupt`, never a wrong answer; ``reset(_:)`` works all the same, and ``catchUp(_:from:)`` mends it.
///
/// Methods throw ``ProgressError`` and nothing else.
public protocol ProgressStore: Sendable {
    /// Everything that is known of a project; the state before the first event for one that was never heard of.
    ///
    /// - Throws: `corrupt`, `storage`.
    func fold(of project: StreamID) async throws(ProgressError) -> ProgressFold

    /// Folds a stretch of a project's stream in, when everything before it is; else changes nothing.
    ///
    /// - Returns: The offset that the store has folded to: at least the stretch's end, or the place to read the log from.
    /// - Throws: `corrupt`, `storage`, `locked`, `unavailable`; then the state is the one before, or with `storage` and after a crash an older one.
    @discardableResult
    func advance(_ project: StreamID, by step: ProgressAdvance) async throws(ProgressError) -> Offset

    /// Forgets a project, damaged or not.
    ///
    /// - Throws: `storage`, `locked`, `unavailable`.
    func reset(_ project: StreamID) async throws(ProgressError)

    /// The offset that a project is folded to.
    func offset(of project: StreamID) async throws(ProgressError) -> Offset

    /// The newest record of an agent, or nil when it has said nothing.
    func record(of agent: String, in project: StreamID) async throws(ProgressError) -> AgentProgress?

    /// A project as a whole.
    func project(_ project: StreamID) async throws(ProgressError) -> ProjectProgress

    /// An agent's history in a range of time, oldest first, in at most so many points (see `downsampled(to:)` of their array).
    func history(of agent: String, in project: StreamID, _ query: ProgressHistoryQuery) async throws(ProgressError)
        -> [ProgressPoint]
}

extension ProgressStore {
    /// The offset that a project is folded to.
    public func offset(of project: StreamID) async throws(ProgressError) -> Offset {
        try await fold(of: project).offset
    }

    /// The newest record of an agent, or nil when it has said nothing.
    public func record(of agent: String, in project: StreamID) async throws(ProgressError) -> AgentProgress? {
        try await fold(of: project).record(of: agent)
    }

    /// A project as a whole.
    public func project(_ project: StreamID) async throws(ProgressError) -> ProjectProgress {
        try await fold(of: project).project
    }

    /// An agent's history in a range of time, oldest first, in at most so many points (see `downsampled(to:)` of their array).
    public func history(
        of agent: String, in project: StreamID, _ query: ProgressHistoryQuery = ProgressHistoryQuery()
    ) async throws(ProgressError) -> [ProgressPoint] {
        try await fold(of: project).history(of: agent, query)
    }
}
