import DurableLog
import StreamCore
import WireProtocols

extension DurableStreamsEndpoint {
    /// Answers with an event stream (§5.8).
    func eventStream(
        _ stream: StreamID, _ asked: DurableStreamsRead, _ info: StreamInfo, _ content: StreamContent
    ) async throws(DurableStreamsRefusal) -> DurableStreamsAnswer {
        var start = DeliveryHub.Start.tail
        if asked.position != .now {
            let offset = asked.position.offset(info)
            // A place that is not kept is refused while there is a status to say so; and a read extends the stream's life.
            _ = try await refusing { () throws(EventLogError) in
                try await log.read(stream, after: offset, limit: PageLimit(events: 1))
            }
            start = .after(offset)
        }
        var random = SystemRandomNumberGenerator()
        let cursor = StreamCursor.next(at: options.wallClock(), after: asked.cursor, using: &random)
        let format = DurableStreamsFrames(content: content, cursor: cursor)
        let opening = try await refusing { () throws(EventLogError) in
            try await hub.open(stream, start, format: format.wireFormat)
        }
        var answer = DurableStreamsAnswer(200)
        answer.set("content-type", "text/event-stream")
        answer.set("cache-control", "no-cache, no-transform")
        answer.set("x-accel-buffering", "no")
        if content == .binary { answer.set(DurableStreamsField.dataEncoding, "base64") }
        answer.body = .stream(
            DurableStreamsSource(
                opening.reader, format, lifetime: options.eventStreamLifetime, age: Stopwatch(clock)))
        return answer
    }
}

/// The time since it was made.
struct Stopwatch: Sendable {
    private let read: @Sendable () -> Duration

    init(_ clock: any Clock<Duration>) {
        func reader<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
            let start = clock.now
            return { start.duration(to: clock.now) }
        }
        read = reader(clock)
    }

    var elapsed: Duration { read() }
}
