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
            Control-C interrupts the agent and keeps what it wrote. With --store everything is written to a log before it is shown: \
            'watch' follows it from another terminal, 'resume' goes on after a crash. The exit code is 2 when the model fails, 3 when the \
            directory cannot be used (another process writes it, it is damaged, the disk is full) or another process took the run over.
            """)

    @Argument(help: "What the agent is asked.")
    var prompt: String

    @Option(help: "A directory to keep the run in; it is made when it is not there.")
    var store: String?

    @Option(help: "The run's name, to watch and resume it by; needs --store.")
    var id: String?

    @OptionGroup(title: "Model")
    var options: ModelOptions

    @OptionGroup(title: "Recovery")
    var recovery: StoreOptions

    @OptionGroup(title: "Prices")
    var prices: Prices

    @Flag(name: .customLong("show-reasoning"), help: "Show what the model thinks, dimmed.")
    var showReasoning = false

    @Flag(help: "Write one chunk per line as JSON, and nothing else.")
    var json = false

    func validate() throws {
        try RunDirectory.validate(store: store, id: id)
    }

    func run() async throws {
        let directory = try await RunDirectory.opened(store, ladder: recovery.ladder)
        let session = RunSession(
            options: options, capabilities: recovery.scriptedCapabilities, directory: directory, prices: prices,
            showsReasoning: showReasoning, isJSON: json)
        try await session.show(id) { agent in agent.execute(prompt, id: id) }
    }
}
