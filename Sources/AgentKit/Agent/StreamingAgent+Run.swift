public import StreamCore

extension StreamingAgent {
    /// Runs the agent, and pushes its chunks: the form that everything else is made of.
    ///
    /// All work happens in child tasks of the caller's: when this returns or throws, nothing of the run is left. `emit` is
    /// handed all chunks that came together, never none, and the run waits until it returns: that is the backpressure. It is
    /// called in a task that ``interrupt()`` cancels; it should hand on its batch none the less.
    ///
    /// - Parameters:
    ///   - input: What the agent is asked.
    ///   - id: The run's identity; nil makes a random one.
    ///   - place: The project that the run belongs to, for an agent with a ``AgentConfiguration/store``.
    ///   - emit: Takes the chunks; what it throws ends the run, or interrupts it where it is kept.
    /// - Returns: What the run came to, also when it was interrupted (`finish` says so).
    /// - Throws: ``AgentError``, after an `.error` chunk was handed to `emit`, unless it was `emit` that failed, or a failure after which
    ///   nothing may be shown (`fenced`, `storage`).
    public func run(
        _ input: AgentInput, id: String? = nil, in place: RunPlace = .own,
        emit: @escaping @Sendable ([AgentChunk]) async throws -> Void
    ) async throws(AgentError) -> AgentResult {
        try await perform(.begin(input, place), id: id ?? jitter.makeRunID(), control: RunControl(), emit: emit)
    }

    /// Runs the agent and waits for the result, for callers that do not stream.
    ///
    /// - Throws: ``AgentError``, which holds what the run had come to.
    public func respond(
        to input: AgentInput, id: String? = nil, in place: RunPlace = .own
    ) async throws(AgentError) -> AgentResult {
        try await run(input, id: id, in: place) { _ in }
    }

    /// Asks the agent a question and waits for the result, for callers that do not stream.
    ///
    /// - Throws: ``AgentError``, which holds what the run had come to.
    public func respond(
        to prompt: String, id: String? = nil, in place: RunPlace = .own
    ) async throws(AgentError) -> AgentResult {
        try await respond(to: AgentInput(prompt), id: id, in: place)
    }

    /// Begins a run or takes one over, and works on it until it ends or is told to stop.
    func perform(
        _ task: RunTask, id: String, control: RunControl,
        emit: @escaping @Sendable ([AgentChunk]) async throws -> Void
    ) async throws(AgentError) -> AgentResult {
        let outlet = ChunkOutlet(
            hook: configuration.hooks.onChunk, instrumentation: configuration.instrumentation, emit: emit)
        var execution = RunExecution(agent: self, outlet: outlet, record: RunRecord(id: id, input: task.input))
        do throws(RunFailure) {
            return try await execution.run(task, control)
        } catch {
            throw await execution.end(error)
        }
    }
}

/// What a run is to do.
enum RunTask: Sendable {
    case begin(AgentInput, RunPlace)
    case takeOver(project: StreamID?)
    /// The run has begun already, in this process.
    case opened(DurableRun)

    /// What the agent is asked, as far as it is known.
    var input: AgentInput {
        switch self {
        case .begin(let input, _): input
        case .takeOver: AgentInput(messages: [])
        case .opened(let run): run.start.input
        }
    }
}
