import AgentKit
import ArgumentParser
import StreamCore

/// `agent-stream run`: an agent answers a prompt, token by token.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Stream an agent's answer to a prompt.",
        discussion: """
            On a terminal the foot shows tokens a second, tokens, cost and confidence; the last word goes to standard error. \
            Control-C interrupts the agent and keeps what it wrote. The exit code is 2 when the model fails.
            """)

    @Argument(help: "What the agent is asked.")
    var prompt: String

    @OptionGroup(title: "Model")
    var options: ModelOptions

    @OptionGroup(title: "Prices")
    var prices: Prices

    @Flag(name: .customLong("show-reasoning"), help: "Show what the model thinks, dimmed.")
    var showReasoning = false

    @Flag(help: "Write one chunk per line as JSON, and nothing else.")
    var json = false

    func run() async throws {
        var configuration = AgentConfiguration(model: options.makeModel(), instructions: options.system)
        configuration.sampling = options.sampling
        configuration.reasoningEffort = options.reasoningEffort
        let agent = StreamingAgent(configuration)
        let interruption = Interruption { agent.interrupt() }
        defer { interruption.cancel() }

        let clock = ContinuousClock()
        var statistics = Statistics(start: clock.now, prices: prices)
        var screen = RunScreen(showsReasoning: showReasoning, isJSON: json)
        screen.open()
        do {
            for try await chunk in agent.execute(prompt) {
                let now = clock.now
                statistics.add(chunk, now: now)
                screen.show(chunk, status: statistics.line, now: now)
            }
            screen.close(summary: statistics.line)
        } catch {
            screen.close(summary: statistics.hasBegun ? statistics.line : nil)
            if !json { Terminal.note("agent-stream: \(error.failure.message) (\(error.kind))") }
            throw ExitCode(2)
        }
    }
}
