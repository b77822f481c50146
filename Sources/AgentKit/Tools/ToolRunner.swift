import StreamCore

/// Executes the calls of one response: several at a time, each answered by a result, whatever happens in the tool.
struct ToolRunner: Sendable {
    let tools: [String: Tool]
    /// How many calls run at a time; at least 1.
    let limit: Int
    let runID: String
    /// Which of the run's responses made the calls.
    let step: Int
    let clock: any Clock<Duration>
    let instrumentation: Instrumentation
    /// What the model is told of an error that is neither a ``ToolError`` nor its own bad input.
    let describe: @Sendable (any Error, ToolCall) -> String

    /// Executes calls, and hands out each result with its call's index as soon as it is there.
    ///
    /// - Parameters:
    ///   - calls: The calls of the response.
    ///   - indices: Which of them to execute.
    ///   - begin: Called with the indices of calls that are about to be executed, which wait until it returns.
    ///   - deliver: Takes a result.
    /// - Throws: What `begin` and `deliver` throw, a ``ToolError`` that ends the run, or `CancellationError`; by then no tool
    ///   runs any more.
    func run(
        _ calls: [ToolCall], at indices: [Int], begin: ([Int]) async throws -> Void,
        deliver: (Int, ToolResult) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Int, ToolResult).self) { group in
            var waiting = indices[...]
            func start(_ count: Int) async throws {
                let next = Array(waiting.prefix(count))
                guard !next.isEmpty else { return }
                waiting = waiting.dropFirst(count)
                try await begin(next)
                for index in next { group.addTask { (index, try await result(of: calls[index])) } }
            }
            try await start(max(1, limit))
            while let (index, result) = try await group.next() {
                try await start(1)
                try await deliver(index, result)
            }
        }
    }

    /// What a tool is told of a call.
    func context(of call: ToolCall) -> ToolContext {
        ToolContext(callID: call.id, runID: runID, step: step)
    }

    private func result(of call: ToolCall) async throws -> ToolResult {
        try Task.checkCancellation()
        instrumentation.report(.toolStarted(name: call.name, callID: call.id))
        let elapsed = stopwatch(on: clock)
        var isError = true
        defer {
            instrumentation.report(
                .toolFinished(name: call.name, callID: call.id, duration: elapsed(), isError: isError))
        }
        do {
            let output = try await output(of: call)
            isError = false
            return ToolResult(callID: call.id, toolName: call.name, output: output)
        } catch let error as CancellationError {
            throw error
        } catch let error as ToolError where error.endsRun {
            throw error
        } catch {
            // A tool that is stopped may throw anything; the run is over all the same.
            try Task.checkCancellation()
            return ToolResult(
                callID: call.id, toolName: call.name, output: .string(message(for: error, call)), isError: true)
        }
    }

    private func output(of call: ToolCall) async throws -> JSONValue {
        guard let tool = tools[call.name] else { throw UnknownTool(known: tools.keys.sorted()) }
        let context = context(of: call)
        guard let timeout = tool.timeout else { return try await tool(call.input, context: context) }
        return try await withThrowingTaskGroup(of: JSONValue?.self) { group in
            group.addTask { try await tool(call.input, context: context) }
            group.addTask {
                try await clock.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            // The group has two tasks: the first to end decides.
            guard let output = try await group.next() ?? nil else { throw ToolTimeout(limit: timeout) }
            return output
        }
    }

    private func message(for error: any Error, _ call: ToolCall) -> String {
        switch error {
        case let error as ToolError: error.message
        case let error as InvalidToolInput: "The call of \(call.name) failed: \(error)."
        case let error as UnknownTool: "There is no tool named \(call.name); \(error.hint)."
        case let error as ToolTimeout: "\(call.name) did not answer within \(error.limit)."
        default: describe(error, call)
        }
    }
}

private struct ToolTimeout: Error {
    let limit: Duration
}

private struct UnknownTool: Error {
    let known: [String]

    var hint: String { known.isEmpty ? "no tools are available" : "available are: \(known.joined(separator: ", "))" }
}
