/// A call of one of the agent's tools, as the log of a run that is taken over has it.
public struct RecordedCall: Sendable, Hashable {
    /// How far the call came.
    public enum Progress: String, Sendable, Hashable {
        /// The model made it, and nothing was executed.
        case notStarted
        /// It began, and no result is recorded: it may have done its work, in part or in full.
        case started
        /// Its result is recorded.
        case finished
    }

    /// What the host said about running it again.
    public enum Approval: String, Sendable, Hashable {
        /// It was not asked.
        case unknown
        /// It may run again.
        case granted
        /// It must not run again.
        case denied
    }

    /// The call's identity.
    public var id: String
    /// The tool's name.
    public var toolName: String
    /// How far it came.
    public var progress: Progress
    /// Whether the tool heeds the idempotency key that it is given, so that a second run does no harm.
    public var isIdempotent: Bool
    /// What the host said about running it again.
    public var approval: Approval

    /// A call from its parts.
    public init(
        id: String, toolName: String, progress: Progress, isIdempotent: Bool = false, approval: Approval = .unknown
    ) {
        self.id = id
        self.toolName = toolName
        self.progress = progress
        self.isIdempotent = isIdempotent
        self.approval = approval
    }
}

/// What becomes of a recorded call when its run is taken over.
public enum CallDisposition: Sendable, Hashable {
    /// The recorded result stands; the tool is not run.
    case keep
    /// The tool is run for the first time.
    case run
    /// The tool is run again, with the same idempotency key.
    case runAgain
    /// The tool is not run; the model is told this, as an error.
    case answer(String)
    /// The host is asked, and the call judged again with its ``RecordedCall/approval``.
    case ask
}

extension RecoveryManager {
    /// What becomes of a call when its run is taken over.
    ///
    /// A call that had begun and has no result is the dangerous one: it is neither run again unless somebody answers for it, nor forgotten. The tool itself answers for it when it is
    /// idempotent, the host by ``toolReruns`` or by an approval; otherwise the model is told that nobody knows.
    public func disposition(of call: RecordedCall) -> CallDisposition {
        switch call.progress {
        case .finished: return .keep
        case .notStarted: return .run
        case .started: break
        }
        switch call.approval {
        case .granted: return .runAgain
        case .denied: return .answer(RecoveryManager.unknownOutcome(of: call.toolName))
        case .unknown: break
        }
        if call.isIdempotent || toolReruns.allows(call.toolName) { return .runAgain }
        return toolReruns.asks ? .ask : .answer(RecoveryManager.unknownOutcome(of: call.toolName))
    }

    private static func unknownOutcome(of tool: String) -> String {
        "The call of \(tool) was interrupted: it is not known whether it took effect. It was not repeated; find out what is the case before you call it again."
    }
}
