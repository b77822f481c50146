/// Something that the package did; events may be added, so a switch over it needs a default.
public enum InstrumentationEvent: Sendable {
    /// A model's response was asked for.
    case streamOpened(provider: String, model: String, attempt: Int)
    /// The first piece of content or reasoning of a response came.
    case firstToken(provider: String, model: String, after: Duration)
    /// Chunks were handed to the consumer.
    case chunks(count: Int)
    /// A model's response ended well.
    case streamFinished(provider: String, model: String, finish: FinishReason, usage: Usage)
    /// A model's response failed.
    case streamFailed(provider: String, model: String, failure: Failure)
    /// A failed request will be sent again after a delay; `attempt` is the one that failed, counted from 1.
    case retry(provider: String, cause: Failure, delay: Duration, attempt: Int)
    /// An agent begins to run a tool.
    case toolStarted(name: String, callID: String)
    /// A tool answered or failed.
    case toolFinished(name: String, callID: String, duration: Duration, isError: Bool)
    /// A broken run is recovered: told when the attempt is decided, and again when it is known what came of it.
    case recovery(RecoveryAttempt)
    /// A broken run is not recovered; `reason` says why, in words.
    case recoveryGivenUp(runID: String, cause: Failure, reason: String)
    /// A seam was written: readers drop `droppedBlocks` of the run.
    case seam(runID: String, strategy: String, cause: FailureKind, droppedBlocks: [Int])
    /// A reader asked for what a stream does not keep: `oldest` (nil for nothing) to `newest` is what there is.
    case gap(stream: StreamID, asked: Offset, oldest: Offset?, newest: Offset)
    /// A reader outside began to read: over which transport, and behind which event.
    case readerConnected(stream: StreamID, transport: String, after: Offset)
    /// A reader that had been at the stream's tail is served from the log: it is behind what is kept in memory.
    case readerLagging(stream: StreamID, position: Offset, tail: Offset)
    /// A reader outside has gone: why, in a word, and up to which event it was sent everything.
    case readerGone(stream: StreamID, transport: String, position: Offset, reason: String)
    /// A request was refused: with which code, and from which address (empty when that is not known).
    case requestRefused(code: String, status: Int, address: String)
    /// A provider's circuit breaker changed its state: `closed`, `open`, `half-open`.
    case breaker(provider: String, state: String)
    /// A reading client (an event source, say) changed its state: what it is now, in a word, and why.
    case connection(state: String, reason: String)
    /// A store beside the log (`checkpoint`, `progress`) did not take what it was given, or has what cannot be used: nothing is lost, as the log has it.
    case storeFailed(runID: String, store: String, reason: String)
}
