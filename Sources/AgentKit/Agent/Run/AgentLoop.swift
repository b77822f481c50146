import StreamCore

/// One run's work: ask the model, execute what it calls, ask again, until it is done.
struct AgentLoop: Sendable {
    let configuration: AgentConfiguration
    let outlet: ChunkOutlet
    let jitter: Jitter
    /// What the run has come to so far.
    var record: RunRecord
    var assembler: ChunkAssembler
    var smoother: Smoother?
    // Whether content was handed out, so that the next piece has to keep its distance.
    var hasPaced = false
    /// What a run has besides that is logged; nil for one that is not.
    var durable: DurableRun?

    init(
        _ configuration: AgentConfiguration, record: RunRecord, outlet: ChunkOutlet, jitter: Jitter,
        durable: DurableRun? = nil
    ) {
        self.configuration = configuration
        self.durable = durable
        self.outlet = outlet
        self.jitter = jitter
        self.record = record
        assembler = ChunkAssembler(options: configuration.chunks)
        smoother = configuration.smoothing.map(Smoother.init)
        if let fold = durable?.fold { makeReady(for: fold) }
    }

    // The results of calls that another process made stand in their blocks.
    private mutating func makeReady(for fold: RunFold) {
        assembler = ChunkAssembler(options: configuration.chunks, nextBlock: fold.nextBlock, after: fold.text)
        for call in fold.calls {
            if let block = call.block { assembler.note(call: call.call.id, inBlock: block) }
        }
    }

    /// Works until the model is done, and says why it stopped; ``record`` holds what came of it, also after a failure.
    mutating func run() async -> Result<FinishReason, RunFailure> {
        let result: Result<FinishReason, RunFailure>
        do throws(RunFailure) {
            result = .success(try await work())
        } catch {
            result = .failure(error)
        }
        record.answer([], orElse: "This call was not executed: the run ended before.")
        return result
    }

    private mutating func work() async throws(RunFailure) -> FinishReason {
        let stepLimit = max(1, configuration.stepLimit)
        var known = durable?.fold.knownResponse
        while true {
            let response: Response
            if let last = known {
                response = last
                known = nil
            } else {
                response = try await durable == nil ? respond() : respondDurably()
            }
            switch response.finish {
            case .paused:
                guard record.steps < stepLimit else { throw .stepLimit(stepLimit) }
            case .toolCalls, .stop:
                // Some servers say "stop" where they mean that they wait for tools.
                guard !response.calls.isEmpty else { return response.finish }
                guard record.steps < stepLimit else { throw .stepLimit(stepLimit) }
                try await execute(response.calls)
                record.text = ""
            default: return response.finish
            }
        }
    }

    private mutating func execute(_ calls: [ToolCall]) async throws(RunFailure) {
        let tools = Dictionary(configuration.tools.map { ($0.name, $0) }) { _, last in last }
        let runner = ToolRunner(
            tools: tools, limit: configuration.parallelToolLimit, runID: record.id, step: max(0, record.steps - 1),
            clock: configuration.clock, instrumentation: configuration.instrumentation,
            describe: configuration.toolErrorMessage)
        var results = [ToolResult?](repeating: nil, count: calls.count)
        var failure: RunFailure?
        do {
            let waiting = try await settle(calls, runner, &results)
            try await runner.run(calls, at: waiting) { indices in
                try await logStart(of: calls, at: indices, runner)
            } deliver: { index, result in
                results[index] = result
                try await log(result, of: index)
            }
        } catch let error as RunFailure {
            failure = error
        } catch let error as ToolError {
            failure = .tool(error)
        } catch {
            failure = .cancelled
        }
        synchronizeRecord()
        record.answer(results, orElse: "This call was stopped before it had an answer: the run ended.")
        if let failure { throw failure }
        if Task.isCancelled { throw .cancelled }
    }
}
