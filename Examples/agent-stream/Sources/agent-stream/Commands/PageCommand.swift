import AgentKit
import ArgumentParser
import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery

/// `agent-stream page`: a content generator writes the parts of a page's section.
struct PageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "page",
        abstract: "Write headline, subheadline, body and call to action for a brief.",
        discussion: """
            A project of four agents, one for each part: overall percentage, tokens, cost (with prices) and the time that is left are the project's own, as \
            its log has them. Live progress bars on a terminal; piped, plain lines, and the progress on standard error after each part. With --store \
            the project is kept, and 'watch' shows all that its agents wrote and told. The exit code is 2 when the model fails, and 3 when the directory cannot be used.
            """)

    @Argument(help: "What the page is about.")
    var brief: String

    @Option(help: "A directory to keep the project in; it is made when it is not there.")
    var store: String?

    @Option(help: "The project's name; needs --store.")
    var id: String?

    @OptionGroup(title: "Model")
    var options: ModelOptions

    @OptionGroup(title: "Prices")
    var prices: Prices

    @Option(help: "How many parts are written at a time; with 1 each part sees the earlier ones.")
    var concurrent = 1

    @Flag(help: "Write one content chunk per line as JSON, and nothing else.")
    var json = false

    func validate() throws {
        guard (1...16).contains(concurrent) else { throw ValidationError("--concurrent must be 1 … 16.") }
        try RunDirectory.validate(store: store, id: id)
    }

    func run() async throws {
        let project = try StreamID(id ?? "page")
        let progress = MemoryProgressStore()
        let directory = try await RunDirectory.opened(store, ladder: RecoveryStrategy.ladder)
        var runs = directory?.store ?? RunStore(log: MemoryEventLog())
        runs.progress = RunProgressOptions(store: progress, prices: prices.table)
        if directory != nil { try await refuseDuplicate(project, runs.log) }
        let generator = generator(for: project, runs)
        let interruption = Interruption { generator.agent.interrupt() }
        defer { interruption.cancel() }

        var screen = PageScreen(parts: generator.parts.map(\.name), isJSON: json, start: ContinuousClock.now)
        var failure: ContentError?
        screen.open()
        do {
            for try await chunk in generator.generateContent(ContentSection(title: brief, brief: brief)) {
                let now = ContinuousClock.now
                try screen.take(chunk)
                if screen.isDue(chunk, now: now) {
                    screen.show(try await progress.project(project), after: chunk, now: now)
                }
            }
        } catch let error as ContentError {
            failure = error
        }
        let end = try await progress.project(project)
        screen.close(end, now: ContinuousClock.now)
        // A page that is written is all that its stream is for.
        if end.status.isTerminal { _ = try? await runs.log.close(project) }
        await directory?.log.shutDown()
        guard let failure else { return }
        Terminal.note("agent-stream: \(failure)")
        let isStore = failure.error.kind == .storage || failure.error.kind == .fenced
        throw isStore ? ExitCode.unusableStore : ExitCode.failedRun
    }

    private func generator(for project: StreamID, _ store: RunStore) -> ContentGenerator {
        ContentGenerator(
            model: options.makeModel(), mode: concurrent == 1 ? .inOrder : .concurrent(limit: concurrent),
            project: project
        ) { configuration in
            if let system = options.system { configuration.instructions = system }
            if let temperature = options.temperature { configuration.sampling.temperature = temperature }
            configuration.sampling.maxOutputTokens = options.maxTokens
            configuration.reasoningEffort = options.reasoningEffort
            configuration.store = store
        }
    }

    // Its parts would be added to what is there.
    private func refuseDuplicate(_ project: StreamID, _ log: any EventLog) async throws {
        guard (try? await log.info(project)) != nil else { return }
        Terminal.note("agent-stream: there is a \(project) already; choose another --id")
        if let log = log as? FileEventLog { await log.shutDown() }
        throw ExitCode.failedRun
    }
}
