import AgentKit
import CReference
import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery

/// What an agent costs per token beside reading the same model's stream without one.
///
/// All readers are on the shared pool of threads, as in a server; on the main thread each waking up of one costs more.
/// The model hands out ready events, so that nearly all that is measured is the agent: assembling chunks and messages, and
/// in the pulled form the way to another task.
let agentOverhead = Suite(name: "agent overhead per token") { scale in
    let tokens = scale == .quick ? 20_000 : 200_000
    return [1, 16].flatMap { batchSize in
        let model = CannedModel(tokens: tokens, batchSize: batchSize)
        let plain = StreamingAgent(model: model) {
            $0.chunks = ChunkOptions(reasoningTags: [], confidence: .off)
            $0.wallClock = { nil }
        }
        let direct = Contender(name: "model stream, iterated") { await iterate(model) }
        func comparison(_ name: String, _ run: @escaping () async -> Int) -> Comparison {
            Comparison(
                name: "\(name), batches of \(batchSize)", unit: "tokens", count: tokens, bytes: 0,
                ours: Contender(name: "StreamingAgent", run: run), references: [direct])
        }
        return [
            comparison("execute") { await execute(StreamingAgent(model: model)) },
            comparison("execute, plain") { await execute(plain) },
            comparison("run, plain") { await run(plain) },
        ]
    } + logged(runs: scale == .quick ? 4 : 20, tokens: 4000)
}

/// Runs whose every token is appended to a log in files before it is seen, with progress records and checkpoints in files, too.
///
/// Tokens come one by one, as from a model; each run is a stream and a text block of its own. A server's runs are of the pushed
/// form, with cursors over the log as their readers.
private func logged(runs: Int, tokens: Int) -> [Comparison] {
    let model = CannedModel(tokens: tokens, batchSize: 1)
    func comparison(_ name: String, _ run: @escaping @Sendable (StreamingAgent, String) async -> Int) -> Comparison {
        let logged = MainActor.assumeIsolated { LoggedAgent(model: model) }
        return Comparison(
            name: "\(name), log, progress, checkpoints", unit: "tokens", count: runs * tokens, bytes: 0,
            ours: Contender(name: "StreamingAgent, files", measuring: { await logged.measure(runs: runs, run) }),
            references: [
                Contender(name: "model stream, iterated") {
                    var size = 0
                    for _ in 0..<runs { size += await iterate(model) }
                    return size
                }
            ], limit: 5000, end: { await logged.end() })
    }
    return [
        comparison("execute") { await execute($0, id: $1) },
        comparison("run") { await run($0, id: $1) },
    ]
}

/// An agent with all that makes its runs survive, in files.
@MainActor
private final class LoggedAgent {
    private let model: CannedModel
    private var log: FileEventLog?
    private var agent: StreamingAgent?
    private var runs = 0

    init(model: CannedModel) {
        self.model = model
    }

    /// So many runs one after the other; making their streams is not part of what is measured.
    ///
    /// All streams are kept to the end, as a server would keep them: ext4 takes longer to make a file after many were removed.
    func measure(
        runs: Int, _ run: @Sendable (StreamingAgent, String) async -> Int
    ) async -> Contender.Outcome {
        do {
            let (log, agent) = try opened()
            var outcome = Contender.Outcome(sum: 0, seconds: 0)
            for _ in 0..<runs {
                self.runs += 1
                let stream = try StreamID("run-\(self.runs)")
                try await log.create(stream)
                let start = reference_cpu_seconds()
                outcome.sum += await run(agent, stream.description)
                outcome.seconds? += reference_cpu_seconds() - start
            }
            return outcome
        } catch {
            fatalError("\(error)")
        }
    }

    func end() async {
        await log?.shutDown()
        (log, agent) = (nil, nil)
    }

    private func opened() throws -> (FileEventLog, StreamingAgent) {
        if let log, let agent { return (log, agent) }
        let log = try FileEventLog(directory: ScratchFolder.fresh("runs"))
        let files = try FileCheckpointStore(directory: ScratchFolder.fresh("checkpoints"))
        var store = RunStore(log: log, checkpoints: LayeredCheckpointStore(store: files))
        store.progress = RunProgressOptions(store: try FileProgressStore(directory: ScratchFolder.fresh("progress")))
        let agent = StreamingAgent(model: model) { $0.store = store }
        (self.log, self.agent) = (log, agent)
        return (log, agent)
    }
}

/// A model whose answer is there already.
private struct CannedModel: StreamingModel {
    let name = "canned"
    let provider = "benchmark"
    let capabilities: ModelCapabilities = []
    private let batches: [[ModelEvent]]

    init(tokens: Int, batchSize: Int) {
        let words = [" the", " stream", " of", " words", " goes", " on,", " and", " so", " on"]
        var batches: [[ModelEvent]] = []
        for start in stride(from: 0, to: tokens, by: batchSize) {
            batches.append(
                (start..<min(tokens, start + batchSize)).map { .content(block: 0, text: words[$0 % words.count]) })
        }
        batches.append([.blockFinished(block: 0), .finish(.stop)])
        self.batches = batches
    }

    func stream(_ request: ModelRequest) -> ModelStream {
        ModelStream { [batches] in Source(batches: batches) }
    }

    private struct Source: ModelEventSource {
        let batches: [[ModelEvent]]
        var position = 0

        mutating func nextBatch() async throws(ModelError) -> [ModelEvent]? {
            guard position < batches.count else { return nil }
            defer { position += 1 }
            return batches[position]
        }
    }
}

@concurrent
private func iterate(_ model: CannedModel) async -> Int {
    var size = 0
    do throws(ModelError) {
        for try await event in model.stream(ModelRequest(messages: [.user("?")])) {
            if case .content(_, let text) = event { size += text.utf8.count }
        }
    } catch {
        fatalError("\(error)")
    }
    return size
}

@concurrent
private func execute(_ agent: StreamingAgent, id: String? = nil) async -> Int {
    var size = 0
    do throws(AgentError) {
        for try await chunk in agent.execute("?", id: id) { size += chunk.content.utf8.count }
    } catch {
        fatalError("\(error)")
    }
    return size
}

@concurrent
private func run(_ agent: StreamingAgent, id: String? = nil) async -> Int {
    do throws(AgentError) {
        return try await agent.respond(to: "?", id: id).text.utf8.count
    } catch {
        fatalError("\(error)")
    }
}
