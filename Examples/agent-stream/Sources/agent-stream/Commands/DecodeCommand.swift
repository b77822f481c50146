import ArgumentParser
import ServerSentEvents
import StreamCore
import WireProtocols

/// `agent-stream decode`: an event stream on standard input to one JSON line per event.
struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Decode server-sent events on standard input.",
        discussion: """
            Writes {"type","data","lastEventId"} for each dispatched event, then {"end":{"lastEventId","retry"}}, where retry \
            is in milliseconds or null. What no client may read as an event stream ends with {"error":…} and exit code 2.
            """)

    @Option(name: .customLong("chunk-size"), help: "Feed the decoder this many bytes at a time.")
    var chunkSize: Int?

    @Option(
        name: .customLong("content-type"),
        help: "The response's content type; others than text/event-stream are refused.")
    var contentType = "text/event-stream"

    func validate() throws {
        if let chunkSize, chunkSize < 1 { throw ValidationError("--chunk-size must be 1 or more.") }
    }

    func run() throws {
        let fields = try HeaderFields([("content-type", contentType)])
        guard fields.mediaType == "text/event-stream" else {
            let message = "the content type is '\(contentType)', not text/event-stream"
            return try OutputLine.fail(Failure(kind: .malformedResponse, retryable: false, message: message))
        }
        var input = StandardInput(chunkSize: chunkSize)
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        while let chunk = try input.next() {
            var failure: ServerSentEventError?
            do throws(ServerSentEventError) {
                try parser.parse(chunk, into: &events)
            } catch {
                failure = error
            }
            for event in events {
                OutputLine.write([
                    "type": .string(event.type), "data": .string(event.data), "lastEventId": .string(event.lastEventID),
                ])
            }
            events.removeAll(keepingCapacity: true)
            if let failure {
                return try OutputLine.fail(
                    Failure(kind: .malformedResponse, retryable: false, message: "\(failure)"))
            }
        }
        let retry = parser.reconnectionTime.map { JSONValue.integer(Int64($0 / .milliseconds(1))) }
        OutputLine.write(["end": ["lastEventId": .string(parser.lastEventID), "retry": retry ?? .null]])
    }
}
