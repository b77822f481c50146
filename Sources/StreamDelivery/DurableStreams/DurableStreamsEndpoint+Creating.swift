import DurableLog
import StreamCore
import WireProtocols

extension DurableStreamsEndpoint {
    /// Makes a stream, or finds it as it is asked for (§5.1).
    ///
    /// The body is appended when the stream is new. That is a second step: a client whose request got no answer finds by a HEAD whether it was made.
    func create(
        _ stream: StreamID, _ request: DeliveryRequest
    ) async throws(DurableStreamsRefusal) -> DurableStreamsAnswer {
        let asked = try reading { () throws(DurableStreamsViolation) in
            try DurableStreamsCreation(headers: request.headers)
        }
        let plan = try await plan(asked)
        var options = plan.options
        let messages = request.body.isEmpty ? [] : try messages(request.body, StreamContent(options.contentType))
        let isClosed = options.isClosed
        let first = plan.prefix.map { [$0] } ?? []
        // It is closed together with its content; where it is there already, it must be as it will be then.
        if !(first.isEmpty && messages.isEmpty), try await !exists(stream) { options.isClosed = false }
        let creation = try await createOrFind(stream, options)
        var tail = creation.info.tail
        if creation.isNew, !(first.isEmpty && messages.isEmpty) {
            let events = first + messages.map(event)
            tail = try await refusing { () throws(EventLogError) in
                try await log.append(
                    events, to: stream,
                    options: AppendOptions(
                        durability: options.isClosed ? .synced : self.options.durability, closes: isClosed)
                ).last
            }
        } else if !creation.isNew, let prefix = plan.prefix {
            try await checkPrefix(prefix, of: stream, behind: plan.options.fork?.offset ?? .start)
        }
        var answer = DurableStreamsAnswer(creation.isNew ? 201 : 200)
        answer.set("content-type", creation.info.options.contentType)
        answer.set(DurableStreamsField.nextOffset, tail)
        if isClosed { answer.set(DurableStreamsField.closed, "true") }
        if creation.isNew { answer.set("location", location(request)) }
        return answer
    }

    private func location(_ request: DeliveryRequest) -> String {
        guard let host = request.headers["host"] else { return request.path }
        return "\(request.scheme)://\(host)\(request.path)"
    }

    private func exists(_ stream: StreamID) async throws(DurableStreamsRefusal) -> Bool {
        do throws(EventLogError) {
            _ = try await log.info(stream)
            return true
        } catch {
            if error.code == .notFound { return false }
            throw forkRefusal(error)
        }
    }

    private func createOrFind(
        _ stream: StreamID, _ options: StreamOptions
    ) async throws(DurableStreamsRefusal) -> StreamCreation {
        do throws(EventLogError) { return try await log.create(stream, options: options) } catch {
            throw forkRefusal(error)
        }
    }

    /// What a stream is to be made with.
    private struct Plan {
        var options: StreamOptions
        /// For a fork that leaves its source within a message: that message's beginning.
        var prefix: StreamEvent?
    }

    private func plan(_ asked: DurableStreamsCreation) async throws(DurableStreamsRefusal) -> Plan {
        var options = StreamOptions(
            contentType: asked.contentType ?? "application/octet-stream", isClosed: asked.isClosed)
        switch asked.lifetime {
        case nil: break
        // A stream that nobody could use is of no use: it lives for the shortest time that a log knows.
        case .ttl(let seconds): options.lifetime = .sliding(.seconds(max(1, Int64(seconds))))
        case .until(let end): options.lifetime = .until(end)
        }
        guard let fork = asked.fork else { return Plan(options: options) }
        let source = try stream(at: fork.source)
        let info: StreamInfo
        do throws(EventLogError) { info = try await log.info(source) } catch {
            throw forkRefusal(error)
        }
        if asked.contentType == nil { options.contentType = info.options.contentType }
        guard StreamContent.isSame(options.contentType, info.options.contentType) else {
            throw DurableStreamsRefusal(
                409, "the source holds \(info.options.contentType), and a fork holds what its source does")
        }
        options.contentType = info.options.contentType
        if asked.lifetime == nil { options.lifetime = info.options.lifetime }
        let point = try await forkPoint(fork, source, info)
        options.fork = ForkPoint(source: source, offset: point.offset)
        return Plan(options: options, prefix: point.prefix)
    }
}
