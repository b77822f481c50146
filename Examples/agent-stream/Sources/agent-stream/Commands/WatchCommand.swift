import ArgumentParser
import DurableLog
import StreamCore

/// `agent-stream watch`: follows a run from any place on: one that is kept in a directory, or a stream that a server has.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follow a run that is kept in a directory, or that a server streams.",
        discussion: """
            It shows what is there, then what comes, and ends when the run has ended; with --no-follow at the last event that is there. \
            The process that writes the run, or the server, may come, go and be killed meanwhile: a connection that breaks is made again, and goes on \
            behind the last event that was seen.

            A URL is read as server-sent events with the package's own JSON answer (http, https), as a Durable Stream with --protocol durable-streams, or as a \
            tRPC subscription with --protocol trpc, or at ws:// and wss://: then --procedure and --input say which. Its values are written as --json.

            --from takes the offset of the last event that was seen, as --json tells it; what is not kept any more is an error. The exit code is 3 when \
            the directory or the server cannot be read, and 4 when there is no such run.
            """)

    @Argument(help: "The run's name in the directory, or the stream's URL.")
    var source: String

    @Option(help: "The directory in which the run is kept.")
    var store: String?

    @Option(help: "The last event that was seen; without it, all of the run is shown.")
    var from: String?

    @Flag(name: .customLong("no-follow"), help: "End at the last event that is there, though the run goes on.")
    var noFollow = false

    @Flag(help: "Write one event per line, as {\"offset\",\"type\",\"data\"}, as far as the event has them.")
    var json = false

    @Flag(name: .customLong("show-reasoning"), help: "Show what the model thinks, dimmed.")
    var showReasoning = false

    @OptionGroup(title: "Of a server")
    var remote: RemoteOptions

    func validate() throws {
        if RemoteStream.isURL(source) {
            if store != nil { throw ValidationError("--store is for runs of this machine; a URL says it all.") }
            _ = try RemoteStream(source, remote, isFollowed: !noFollow)
        } else {
            if store == nil { throw ValidationError("--store says in which directory the run is kept.") }
            if let from, Offset(from) == nil {
                throw ValidationError("--from must be an offset, as 'watch --json' tells it.")
            }
        }
    }

    func run() async throws {
        guard let store else { return try await runRemote() }
        var screen = WatchScreen(showsReasoning: showReasoning, isJSON: json)
        let log = try RunDirectory.existing(store)
        do {
            let stream = try StreamID(source)
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

    private func runRemote() async throws {
        let stream = try RemoteStream(source, remote, isFollowed: !noFollow)
        var screen = WatchScreen(showsReasoning: showReasoning, isJSON: json || stream.wire == .trpc)
        do throws(WatchFailure) {
            try await stream.read(after: from, isFollowed: !noFollow) { screen.show($0) }
            screen.close()
        } catch {
            screen.close()
            Terminal.note("agent-stream: \(error.message)")
            throw error.exitCode
        }
    }

    private func read(
        _ log: FileLogReader, _ stream: StreamID, _ start: Offset, _ screen: inout WatchScreen
    ) async throws(EventLogError) {
        if !noFollow {
            for try await event in log.cursor(over: stream, after: start) { screen.show(WatchedEvent(event)) }
            return
        }
        var offset = start
        while true {
            let page = try await log.read(stream, after: offset, limit: PageLimit())
            for event in page.events where EventFilter.public.includes(event.event) { screen.show(WatchedEvent(event)) }
            offset = page.next
            if page.isUpToDate { return }
        }
    }
}
