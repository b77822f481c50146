import ArgumentParser
import StreamCore
import StreamTransport
import WireProtocols

/// What a server speaks at a URL.
enum RemoteProtocol: String, CaseIterable, ExpressibleByArgument {
    /// The package's own server-sent events, and their JSON answer.
    case events
    /// Durable Streams 1.0.
    case durableStreams = "durable-streams"
    /// A subscription of tRPC 11: over server-sent events, or at `ws` and `wss` over WebSocket.
    case trpc
}

/// How a stream is read that is not on this machine.
struct RemoteOptions: ParsableArguments {
    @Option(
        name: .customLong("protocol"),
        help: "What a server at http(s):// speaks (default: events); at ws(s):// it is trpc.")
    var wire: RemoteProtocol?

    @Option(help: "What carries the requests; a build has urlsession, and the others by its traits.")
    var transport: TransportChoice = .urlSession

    @Option(name: .customLong("header"), help: "A header field of each request, as 'name: value'; may be repeated.")
    var headers: [String] = []

    @Option(help: "How often a connection is tried, counted since the last event, before giving up.")
    var attempts: Int = 20

    @Option(help: "The subscription to follow, with trpc.")
    var procedure: String = "agent.onAgentProgress"

    @Option(help: "The subscription's input as JSON, with trpc: '{\"projectId\":\"p1\"}'.")
    var input: String?

    func validate() throws {
        if attempts < 1 { throw ValidationError("--attempts must be 1 or more.") }
        try transport.validate()
        do {
            _ = try fields
        } catch {
            throw ValidationError("--header: \(error)")
        }
        if let input {
            do {
                _ = try JSONValue(parsing: input)
            } catch {
                throw ValidationError("--input is no JSON: \(error)")
            }
        }
    }

    /// The header fields that were given.
    var fields: HeaderFields {
        get throws(HeaderFieldError) {
            try HeaderFields(
                headers.map { field in
                    let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                    return (String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
                })
        }
    }

    /// The field's law of retries, with the number of attempts that was asked for.
    var retry: RetryPolicy { RetryPolicy(maxAttempts: attempts) }
}
