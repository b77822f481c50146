import StreamRecovery
import Synchronization

/// A model with instructions, tools and limits, whose work is a stream of ``/StreamCore/AgentChunk``s.
///
///     let agent = StreamingAgent(model: model, instructions: "Answer in one sentence.", tools: [weather])
///     for try await chunk in agent.execute("Do I need an umbrella in Oslo?") { print(chunk.content, terminator: "") }
///
/// Each step streams one response of the model. When the model calls tools they are executed, several at a time; their
/// results are streamed and sent back, and the next step begins. A run ends when the model is done, with a `.usage` chunk
/// (the sum of all steps) and a `.finish` chunk, or with an `.error` chunk and an ``AgentError``.
///
/// An agent can have any number of runs at a time; nothing but ``interrupt()`` connects them.
public final class StreamingAgent: Sendable {
    /// What makes the agent what it is.
    public let configuration: AgentConfiguration

    let jitter: Jitter
    private let runs: RunningExecutions

    /// An agent from its configuration; of tools with the same name the last one counts.
    public convenience init(_ configuration: AgentConfiguration) {
        self.init(configuration, Jitter(configuration.generator), RunningExecutions())
    }

    private init(_ configuration: AgentConfiguration, _ jitter: Jitter, _ runs: RunningExecutions) {
        var configuration = configuration
        var names: Set<String> = []
        configuration.tools = configuration.tools.reversed().filter { names.insert($0.name).inserted }.reversed()
        self.configuration = configuration
        configuration.store?.health.report(to: configuration.instrumentation)
        self.jitter = jitter
        self.runs = runs
    }

    /// An agent from what most agents need; `configure` sets everything else.
    public convenience init(
        name: String = "agent", model: any StreamingModel, instructions: String? = nil, tools: [Tool] = [],
        configure: (inout AgentConfiguration) -> Void = { _ in }
    ) {
        var configuration = AgentConfiguration(name: name, model: model, instructions: instructions, tools: tools)
        configure(&configuration)
        self.init(configuration)
    }

    /// The agent's name.
    public var name: String { configuration.name }

    /// An agent like this one but for what `configure` changes, for runs that count as this one's.
    func derived(_ configure: (inout AgentConfiguration) -> Void) -> StreamingAgent {
        var configuration = configuration
        configure(&configuration)
        return StreamingAgent(configuration, jitter, runs)
    }

    /// Ends all running executions of this agent; does not wait for it.
    ///
    /// Where runs are kept, ``recover()`` may be called right after it.
    ///
    /// Each hands out what it still holds back, then `.usage` and `.finish(.interrupted)`, and ends without an error. What was
    /// written stays: in the stream, and in the result that goes to ``AgentHooks/onCompletion`` and to who called
    /// ``run(_:id:in:emit:)`` or ``respond(to:id:in:)-(AgentInput,_,_)``. The model's stream and the tools are cancelled.
    public func interrupt() {
        runs.interruptAll()
    }

    /// Keeps the control for as long as `body` runs, so that ``interrupt()`` finds it.
    func withInterrupt<Value>(
        _ control: RunControl, _ start: RunStart?, _ body: () async -> Value
    ) async -> Value {
        runs.add(control, start)
        defer { runs.remove(control) }
        return await body()
    }

    /// The run that stopped last, or was told to, to be continued.
    var lastPaused: RunStart? { runs.lastPaused }

    /// Takes note of a run that stopped, to be continued.
    func notePaused(_ start: RunStart) {
        runs.notePaused(start)
    }
}

/// The controls of an agent's running executions.
private final class RunningExecutions: Sendable {
    private struct Execution {
        let control: RunControl
        let start: RunStart?
    }

    private struct State {
        // In the order in which they began.
        var executions: [Execution] = []
        var lastBegun: RunStart?
        var lastPaused: RunStart?
    }

    private let state = Mutex(State())

    var lastPaused: RunStart? { state.withLock { $0.lastPaused } }

    func add(_ control: RunControl, _ start: RunStart?) {
        state.withLock { state in
            state.executions.append(Execution(control: control, start: start))
            state.lastBegun = start ?? state.lastBegun
        }
    }

    func remove(_ control: RunControl) {
        state.withLock { $0.executions.removeAll { $0.control === control } }
    }

    func notePaused(_ start: RunStart) {
        state.withLock { $0.lastPaused = start }
    }

    func interruptAll() {
        let controls = state.withLock { state in
            // A run may have ended before the interrupt came: it is the one that was meant all the same.
            state.lastPaused = state.executions.last { $0.start != nil }?.start ?? state.lastBegun
            return state.executions.map(\.control)
        }
        for control in controls { control.interrupt() }
    }
}
