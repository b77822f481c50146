import ArgumentParser
import DurableLog
import StreamCore
import StreamRecovery

/// `agent-stream watch`: follows a run that is kept in a directory, from any place on, while another process writes it or not.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follow a run that is kept in a directory, from another terminal say.",
        discussion: """
            It shows what is there, then what comes, and ends when the run has ended; with --no-follow at the last event that is there. \
            The process that writes the run may come, go and be killed meanwhile. --from takes the offset of the last event that was seen, as --json \
            tells it; what is not kept any more is an error. The exit code is 3 when the directory cannot be read, and 4 when there is no such run.
            """)

    @Argument(help: "The run.")
    var id: String

    @Option(help: "The directory in which the run is kept.")
    var store: String

    @Option(help: "The last event that was seen; without it, all of the run is shown.")
    var from: String?

    @Flag(name: .customLong("no-follow"), help: "End at the last event that is there, though the run goes on.")
    var noFollow = false

    @Flag(help: "Write one event per line, as {\"offset\",\"type\",\"data\"}.")
    var json = false

    @Flag(name: .customLong("show-reasoning"), help: "Show what the model thinks, dimmed.")
    var showReasoning = false

    func validate() throws {
        if let from, Offset(from) == nil {
            throw ValidationError("--from must be an offset, as 'watch --json' tells it.")
        }
    }

    func run() async throws {
        var screen = WatchScreen(showsReasoning: showReasoning, isJSON: json)
        let log = try RunDirectory.existing(store)
        do {
            let stream = try StreamID(id)
            let start = from.flatMap { Offset($0) } ?? .start
            try await read(log, stream, start, &screen)
            screen.close()
        } catch let error as EventLogError {
            screen.close()
            throw RunDirectory.failure(error)
        } catch let error as StreamIDError {
            Terminal.note("agent-stream: \(error)")
            throw ExitCode.noSuchRun
        }
    }

    private func read(
        _ log: FileLogReader, _ stream: StreamID, _ start: Offset, _ screen: inout WatchScreen
    ) async throws(EventLogError) {
        if !noFollow {
            for try await event in log.cursor(over: stream, after: start) { screen.show(event) }
            return
        }
        var offset = start
        while true {
            let page = try await log.read(stream, after: offset, limit: PageLimit())
            for event in page.events where EventFilter.public.includes(event.event) { screen.show(event) }
            offset = page.next
            if page.isUpToDate { return }
        }
    }
}
