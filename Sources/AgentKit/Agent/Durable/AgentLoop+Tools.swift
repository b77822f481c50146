import DurableLog
import StreamCore
import StreamRecovery

extension AgentLoop {
    /// Settles what is known of a response's calls from an earlier process, and says which of them are to be executed.
    mutating func settle(
        _ calls: [ToolCall], _ runner: ToolRunner, _ results: inout [ToolResult?]
    ) async throws(RunFailure) -> [Int] {
        guard let durable, durable.isTakeover else { return Array(calls.indices) }
        var waiting: [Int] = []
        var answered: [(Int, ToolResult)] = []
        for (index, call) in durable.fold.calls.enumerated() {
            switch await disposition(of: call, runner, durable.store) {
            case .keep: results[index] = call.result
            case .run, .runAgain: waiting.append(index)
            case .answer(let text):
                answered.append((index, .failed(call.call, text)))
            case .ask: break
            }
        }
        for (index, result) in answered {
            results[index] = result
            try await log(result, of: index)
        }
        return waiting
    }

    private func disposition(
        of call: RunCall, _ runner: ToolRunner, _ store: RunStore
    ) async -> CallDisposition {
        var recorded = RecordedCall(
            id: call.call.id, toolName: call.call.name,
            progress: call.result != nil ? .finished : call.startedKey != nil ? .started : .notStarted,
            isIdempotent: runner.tools[call.call.name]?.isIdempotent ?? false)
        let disposition = store.recovery.disposition(of: recorded)
        guard disposition == .ask else { return disposition }
        let isApproved = await store.approvesRerun?(call.call, runner.context(of: call.call)) ?? false
        recorded.approval = isApproved ? .granted : .denied
        return store.recovery.disposition(of: recorded)
    }

    /// Logs that calls are about to be executed; they are when this has returned.
    mutating func logStart(of calls: [ToolCall], at indices: [Int], _ runner: ToolRunner) async throws(RunFailure) {
        guard let step = durable.map({ max(0, $0.fold.steps - 1) }) else { return }
        for index in indices {
            let key = runner.context(of: calls[index]).idempotencyKey
            durable?.journal.stage(.toolStarted(step: step, index: index, call: calls[index], key: key))
        }
        try await durable?.commit(.synced)
    }

    /// Logs a result, and hands it out.
    mutating func log(_ result: ToolResult, of index: Int) async throws(RunFailure) {
        var chunks: [AgentChunk] = []
        assembler.append(result, at: configuration.wallClock(), to: &chunks)
        if let step = durable.map({ max(0, $0.fold.steps - 1) }) {
            for chunk in chunks { durable?.journal.stage(chunk) }
            durable?.journal.stage(.toolFinished(step: step, index: index, result))
            durable?.history.progressed()
            try await commit(chunks: chunks.count, endsBlock: true, .synced, at: configuration.wallClock())
        }
        try await outlet.send(chunks)
    }
}

extension ToolResult {
    fileprivate static func failed(_ call: ToolCall, _ text: String) -> ToolResult {
        ToolResult(callID: call.id, toolName: call.name, output: .string(text), isError: true)
    }
}
