import DurableLog
public import StreamCore
import StreamRecovery

/// Why a run of an agent failed, and what it had come to by then.
public struct AgentError: Error, Sendable, CustomStringConvertible {
    /// What went wrong: a model's kinds, or `limitExceeded` (the agent's own limits), `tool` (a tool ended the run),
    /// `cancelled`, or `FailureKind.host`.
    public var kind: FailureKind
    /// What went wrong, for people: what, where and what to do.
    public var message: String
    /// Whether the same run may succeed later.
    public var isRetryable: Bool
    /// The error below: a ``ModelError``, a ``ToolError``, or what a hook or the consumer of the chunks threw.
    public var underlying: (any Error)?
    /// What the run had come to: its conversation so far, in which every tool call has a result, and its usage.
    public var partial: AgentResult

    /// An error from its parts.
    public init(
        kind: FailureKind, message: String, isRetryable: Bool, underlying: (any Error)? = nil, partial: AgentResult
    ) {
        self.kind = kind
        self.message = message
        self.isRetryable = isRetryable
        self.underlying = underlying
        self.partial = partial
    }

    /// An error from what readers of the stream see of it.
    init(_ failure: Failure, underlying: (any Error)? = nil, partial: AgentResult) {
        self.init(
            kind: failure.kind, message: failure.message, isRetryable: failure.retryable, underlying: underlying,
            partial: partial)
    }

    /// The model's error, when the run failed because of one.
    public var modelError: ModelError? { underlying as? ModelError }

    /// The form that readers of a stream see.
    public var failure: Failure { Failure(kind: kind, retryable: isRetryable, message: message) }

    /// One line: the kind, the message and the run.
    public var description: String { "\(kind): \(message) [run \(partial.runID), step \(partial.steps)]" }
}

extension FailureKind {
    /// The program around the agent ended the run: a hook threw, or whoever was handed the chunks did.
    public static let host = FailureKind(rawValue: "host")
    /// Somebody else took the run over: this process stopped working on it, and showed nothing more of it.
    public static let fenced = FailureKind(rawValue: "fenced")
    /// The run's log did not take what was to be shown, so that it was not shown; the run can be recovered.
    public static let storage = FailureKind(rawValue: "storage")
    /// The process stops, and takes no more runs.
    public static let draining = FailureKind(rawValue: "draining")
    /// A run of this name has begun before: recover it, or choose another name.
    public static let duplicateRun = FailureKind(rawValue: "duplicateRun")
}

/// Why a run stops before the model is done.
enum RunFailure: Error {
    case model(ModelError)
    case tool(ToolError)
    /// The host's code threw; `isOutlet` when it was the consumer of the chunks, who is then told nothing more.
    case host(any Error, what: String, isOutlet: Bool)
    case stepLimit(Int)
    case outputLimit(Int)
    case cancelled
    /// The run was cancelled for good.
    case ended(reason: String)
    /// The model's failure, and why it was not recovered from.
    case unrecovered(ModelError, RecoveryRefusal)
    case log(EventLogError)
    case fenced(EventLogError)
    /// The run cannot begin, or cannot be taken over.
    case refused(FailureKind, String)
    /// How the log says that the run ended.
    case known(Failure)
    /// How somebody who worked on the run was told that it ended.
    case told(AgentError)

    /// The public form.
    func error(partial: AgentResult) -> AgentError {
        switch self {
        case .model(let error):
            AgentError(
                kind: error.kind, message: error.message, isRetryable: error.isRetryable, underlying: error,
                partial: partial)
        case .tool(let error):
            AgentError(
                kind: .tool, message: error.message, isRetryable: false, underlying: error, partial: partial)
        case .host(let error, let what, _):
            AgentError(
                kind: .host, message: "\(what) failed, which ended the run", isRetryable: false, underlying: error,
                partial: partial)
        case .stepLimit(let limit):
            AgentError(
                kind: .limitExceeded,
                message:
                    "the agent was not done after \(limit) steps; raise stepLimit or look at what its tools answer",
                isRetryable: false, partial: partial)
        case .outputLimit(let limit):
            AgentError(
                kind: .limitExceeded,
                message: "the model wrote more than \(limit) bytes; raise outputLimit or limit its tokens",
                isRetryable: false, partial: partial)
        case .cancelled:
            AgentError(kind: .cancelled, message: "the run was cancelled", isRetryable: false, partial: partial)
        case .ended(let reason):
            AgentError(
                kind: .cancelled, message: "the run was cancelled: \(reason)", isRetryable: false, partial: partial)
        case .unrecovered(let error, let refusal):
            AgentError(refusal.ending(error.failure), underlying: error, partial: partial)
        case .log(let error):
            AgentError(
                kind: .storage,
                message: "the run's log failed, so that nothing more was shown; recover the run: \(error.message)",
                isRetryable: true, underlying: error, partial: partial)
        case .fenced(let error):
            AgentError(
                kind: .fenced, message: "somebody else took the run over and goes on with it", isRetryable: false,
                underlying: error, partial: partial)
        case .known(let failure): AgentError(failure, partial: partial)
        case .told(let error): error
        case .refused(let kind, let message):
            AgentError(kind: kind, message: message, isRetryable: false, partial: partial)
        }
    }
}
