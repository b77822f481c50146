import DurableLog
import StreamCore
import WireProtocols

/// Serves the streams of a log by the Durable Streams protocol 1.0 (durable-streams/durable-streams, PROTOCOL.md): any of its clients can create,
/// append, close, fork, delete, and read, by plain requests, long-polls and event streams.
///
///     let streams = DurableStreamsEndpoint(hub: hub)
///     let response = await streams.respond(to: request)
///
/// A message of a JSON stream is an event of the log, and so is the body of an append to any other stream. Readers get the public events. `Stream-Seq` is
/// checked per stream. A repeated append is recognised by producer, epoch and number alone, whatever its content, as the protocol has it.
/// Subscriptions and webhooks (§6, §7) are not served: what is below `__ds` is answered with 501.
///
/// Who may do what is not this endpoint's to decide: put it behind a guard.
public struct DurableStreamsEndpoint: DeliveryHandler {
    let hub: DeliveryHub
    let options: DurableStreamsOptions
    let clock: any Clock<Duration>

    /// An endpoint.
    ///
    /// - Parameters:
    ///   - hub: What serves the log's live readers.
    ///   - options: How streams are served.
    ///   - clock: What long-polls wait by, and event streams live by.
    public init(
        hub: DeliveryHub, options: DurableStreamsOptions = DurableStreamsOptions(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.hub = hub
        self.options = options
        self.clock = clock
    }

    var log: any EventLog { hub.log }

    /// Answers a request for a stream below ``DurableStreamsOptions/path``.
    public func respond(to request: DeliveryRequest) async -> DeliveryResponse {
        do throws(DurableStreamsRefusal) {
            let stream = try stream(at: request.path)
            switch request.method {
            case "PUT": return try await create(stream, request).response
            case "POST": return try await append(to: stream, request).response
            case "GET": return try await read(stream, request).response
            case "HEAD": return try await describe(stream).response
            case "DELETE": return try await delete(stream).response
            default:
                var answer = DurableStreamsAnswer(405, refusing: "a stream knows PUT, POST, GET, HEAD and DELETE")
                answer.set("allow", "PUT, POST, GET, HEAD, DELETE")
                return answer.response
            }
        } catch {
            return error.answer.response
        }
    }

    /// The stream that a path names.
    func stream(at path: String) throws(DurableStreamsRefusal) -> StreamID {
        let prefix = options.path + "/"
        guard path.hasPrefix(prefix) else { throw DurableStreamsRefusal(404, "streams are below \(prefix)") }
        guard let name = PercentEncoding.decode(path.dropFirst(prefix.count)) else {
            throw DurableStreamsRefusal(400, "the path is not encoded well")
        }
        guard name != "__ds", !name.hasPrefix("__ds/") else {
            throw DurableStreamsRefusal(501, "subscriptions and webhooks are not served here")
        }
        do throws(StreamIDError) { return try StreamID(name) } catch {
            throw DurableStreamsRefusal(400, "no stream has such a name: \(error)")
        }
    }

    private func delete(_ stream: StreamID) async throws(DurableStreamsRefusal) -> DurableStreamsAnswer {
        try await refusing { () throws(EventLogError) in try await log.delete(stream) }
        return DurableStreamsAnswer(204)
    }

    // What is known of a stream, which does not extend its life (§5.5).
    private func describe(_ stream: StreamID) async throws(DurableStreamsRefusal) -> DurableStreamsAnswer {
        let info = try await refusing { () throws(EventLogError) in try await log.info(stream) }
        var answer = DurableStreamsAnswer(200)
        answer.set("content-type", info.options.contentType)
        answer.set(DurableStreamsField.nextOffset, info.tail)
        answer.set("cache-control", "no-store")
        if info.isClosed { answer.set(DurableStreamsField.closed, "true") }
        switch info.options.lifetime {
        case .unlimited: break
        case .sliding(let duration): answer.set(DurableStreamsField.ttl, duration.components.seconds)
        case .until(let end):
            if let text = InternetDate.text(end) { answer.set(DurableStreamsField.expiresAt, text) }
        }
        return answer
    }
}
