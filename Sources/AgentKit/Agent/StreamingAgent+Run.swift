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
    ///   - emit: Takes the chunks; what it throws ends the run.
    /// - Returns: What the run came to, also when it was interrupted (`finish` says so).
    /// - Throws: ``AgentError``, after an `.error` chunk was handed to `emit`, unless it was `emit` that failed.
    public func run(
        _ input: AgentInput, id: String? = nil, emit: @escaping @Sendable ([AgentChunk]) async throws -> Void
    ) async throws(AgentError) -> AgentResult {
        let outlet = ChunkOutlet(
            hook: configuration.hooks.onChunk, instrumentation: configuration.instrumentation, emit: emit)
        var record = RunRecord(id: id ?? jitter.makeRunID(), input: input)
        do throws(RunFailure) {
            try await start(record, input)
            let outcome = await work(record, outlet)
            record = outcome.record
            let finish = try outcome.finish()
            let result = record.result(finish)
            try await complete(result)
            let now = configuration.wallClock()
            try await outlet.send([
                AgentChunk(.usage(result.usage), timestamp: now), AgentChunk(.finish(finish), timestamp: now),
            ])
            return result
        } catch {
            let failure = error.error(partial: record.result(.other))
            if !error.isOutlet { await outlet.send(failure.failure, at: configuration.wallClock()) }
            throw failure
        }
    }

    /// Runs the agent and waits for the result, for callers that do not stream.
    ///
    /// - Throws: ``AgentError``, which holds what the run had come to.
    public func respond(to input: AgentInput, id: String? = nil) async throws(AgentError) -> AgentResult {
        try await run(input, id: id) { _ in }
    }

    /// Asks the agent a question and waits for the result, for callers that do not stream.
    ///
    /// - Throws: ``AgentError``, which holds what the run had come to.
    public func respond(to prompt: String, id: String? = nil) async throws(AgentError) -> AgentResult {
        try await respond(to: AgentInput(prompt), id: id)
    }

    private struct Outcome {
        let record: RunRecord
        let result: Result<FinishReason, RunFailure>
        let isInterrupted: Bool

        func finish() throws(RunFailure) -> FinishReason {
            do throws(RunFailure) {
                return try result.get()
            } catch {
                // An interrupted run stops by being cancelled, which must not look like a failure.
                if isInterrupted, case .cancelled = error { return .interrupted }
                throw error
            }
        }
    }

    private func work(_ record: RunRecord, _ outlet: ChunkOutlet) async -> Outcome {
        let signal = Signal()
        let configuration = configuration
        let jitter = jitter
        return await withInterrupt(signal) {
            // The work is a child of its own, so that an interrupt can cancel it and not the caller's task.
            await withTaskGroup(of: AgentLoop.Ending?.self) { group in
                group.addTask {
                    var loop = AgentLoop(configuration, record: record, outlet: outlet, jitter: jitter)
                    let result = await loop.run()
                    return AgentLoop.Ending(record: loop.record, result: result)
                }
                group.addTask {
                    await signal.wait()
                    return nil
                }
                var ending: AgentLoop.Ending?
                // Whichever ends first ends the other: the work the wait, an interrupt (or the caller's cancellation) the work.
                while let next = await group.next() {
                    ending = next ?? ending
                    group.cancelAll()
                }
                let end = ending ?? AgentLoop.Ending(record: record, result: .failure(.cancelled))
                return Outcome(record: end.record, result: end.result, isInterrupted: signal.isSet)
            }
        }
    }

    private func start(_ record: RunRecord, _ input: AgentInput) async throws(RunFailure) {
        do {
            try await configuration.hooks.onStart?(AgentStart(runID: record.id, agent: name, input: input))
        } catch {
            throw .host(error, what: "the hook onStart", isOutlet: false)
        }
    }

    private func complete(_ result: AgentResult) async throws(RunFailure) {
        do {
            try await configuration.hooks.onCompletion?(result)
        } catch {
            throw .host(error, what: "the hook onCompletion", isOutlet: false)
        }
    }
}

extension AgentLoop {
    /// What a loop leaves.
    struct Ending: Sendable {
        let record: RunRecord
        let result: Result<FinishReason, RunFailure>
    }
}

extension RunFailure {
    /// Whether it was the consumer of the chunks who failed.
    fileprivate var isOutlet: Bool {
        if case .host(_, _, let isOutlet) = self { isOutlet } else { false }
    }
}
