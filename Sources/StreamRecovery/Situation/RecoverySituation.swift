public import StreamCore

/// Everything that a decision about a broken run depends on: what ``RecoveryManager`` is asked with.
///
/// A value, so that a decision can be tested, logged and repeated.
public struct RecoverySituation: Sendable, Hashable {
    /// What went wrong, in the form that readers may see; of kind `interrupted` when the process that worked on the run is gone, or the run was interrupted
    /// to be continued.
    public var failure: Failure
    /// How long the provider asks to wait.
    public var retryAfter: Duration?
    /// The blocks of the broken response, in the order of their appearance, without those that earlier seams dropped.
    public var emitted: [EmittedBlock]
    /// Where the provider would go on after everything in ``emitted``; nil when it keeps no response, or when the cursor lags behind what was emitted.
    public var cursor: ResponseCursor?
    /// The model that was asked.
    public var current: RecoveryRoute
    /// The models that the host allows in its place, best first; used when the current one cannot be asked.
    public var alternatives: [RecoveryRoute]
    /// The names of the tools that the host, having been asked, allows to run again.
    public var approvedTools: Set<String>
    /// What was tried so far.
    public var history: RecoveryHistory

    /// A situation from its parts.
    public init(
        failure: Failure, retryAfter: Duration? = nil, emitted: [EmittedBlock] = [], cursor: ResponseCursor? = nil,
        current: RecoveryRoute, alternatives: [RecoveryRoute] = [], approvedTools: Set<String> = [],
        history: RecoveryHistory = RecoveryHistory()
    ) {
        self.failure = failure
        self.retryAfter = retryAfter
        self.emitted = emitted
        self.cursor = cursor
        self.current = current
        self.alternatives = alternatives
        self.approvedTools = approvedTools
        self.history = history
    }

    /// Whether the run is taken over after an interruption, rather than recovered from a failure of its model.
    public var isTakeover: Bool { failure.kind == .interrupted }

    /// The same situation for another model, to which the provider's cursor means nothing.
    func rerouted(to route: RecoveryRoute) -> RecoverySituation {
        var situation = self
        situation.current = route
        situation.cursor = nil
        for index in situation.emitted.indices { situation.emitted[index].cursorBefore = nil }
        return situation
    }
}
