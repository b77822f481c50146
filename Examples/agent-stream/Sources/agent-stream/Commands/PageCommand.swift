import AgentKit
import ArgumentParser
import StreamCore

/// `agent-stream page`: a content generator writes the parts of a page's section.
struct PageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "page",
        abstract: "Write headline, subheadline, body and call to action for a brief.",
        discussion: "Live progress bars on a terminal, plain lines when piped. The exit code is 2 when the model fails."
    )

    @Argument(help: "What the page is about.")
    var brief: String

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
    }

    func run() async throws {
        let generator = ContentGenerator(
            model: options.makeModel(), mode: concurrent == 1 ? .inOrder : .concurrent(limit: concurrent)
        ) { configuration in
            if let system = options.system { configuration.instructions = system }
            if let temperature = options.temperature { configuration.sampling.temperature = temperature }
            configuration.sampling.maxOutputTokens = options.maxTokens
            configuration.reasoningEffort = options.reasoningEffort
        }
        let interruption = Interruption { generator.agent.interrupt() }
        defer { interruption.cancel() }

        let clock = ContinuousClock()
        var screen = PageScreen(parts: generator.parts.map(\.name), isJSON: json, prices: prices, start: clock.now)
        screen.open()
        do {
            for try await chunk in generator.generateContent(ContentSection(title: brief, brief: brief)) {
                try screen.show(chunk, now: clock.now)
            }
            screen.close(now: clock.now)
        } catch {
            screen.close(now: clock.now)
            Terminal.note("agent-stream: \(error)")
            throw ExitCode(2)
        }
    }
}
