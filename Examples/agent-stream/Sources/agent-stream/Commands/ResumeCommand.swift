import AgentKit
import ArgumentParser
import StreamCore

/// `agent-stream resume`: goes on with a run that was interrupted or whose process is gone.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a run that was interrupted or whose process is gone.",
        discussion: """
            Shows what comes from here on; 'watch' shows all of it. A run that is over says how it ended. The exit code is 2 when the \
            run fails, 3 when the directory cannot be used (another process writes it, it is damaged, the disk is full) or another process \
            took the run over, and 4 when there is no such run.
            """)

    @Argument(help: "The run.")
    var id: String

    @Option(help: "The directory in which the run is kept.")
    var store: String

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

    func run() async throws {
        try RunDirectory.checkExists(store)
        let directory = try await RunDirectory(store, ladder: recovery.ladder)
        let session = RunSession(
            options: options, capabilities: recovery.scriptedCapabilities, directory: directory, prices: prices,
            showsReasoning: showReasoning, isJSON: json)
        try await session.show(id) { agent in agent.recover(id) }
    }
}
