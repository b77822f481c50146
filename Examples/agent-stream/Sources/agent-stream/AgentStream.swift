import ArgumentParser

/// The command-line tool: watch an agent write, and see what its streams hold.
@main
struct AgentStream: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent-stream",
        abstract: "Stream AI agents in a terminal.",
        discussion: """
            'run' and 'page' stream from a model; without --provider from a scripted one that needs no key and no network.
            'run --store' keeps what it streams; 'watch', 'resume', 'list' and 'verify' work on what is kept.
            'decode' and 'chunks' read a stream from standard input and write one JSON object per line.
            """,
        subcommands: [
            RunCommand.self, ResumeCommand.self, WatchCommand.self, ListCommand.self, VerifyCommand.self,
            PageCommand.self, DecodeCommand.self, ChunksCommand.self,
        ])
}
