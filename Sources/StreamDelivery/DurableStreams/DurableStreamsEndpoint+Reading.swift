import DurableLog
import StreamCore
import WireProtocols

extension DurableStreamsEndpoint {
    /// Answers what there is, or waits for what comes (§5.6–5.8).
    func read(
        _ stream: StreamID, _ request: DeliveryRequest
    ) async throws(DurableStreamsRefusal) -> DurableStreamsAnswer {
        let asked = try reading { () throws(DurableStreamsViolation) in
            let parameters = request.queryItems
            // What cannot be read may have been the offset, and is not to be taken for none.
            guard parameters.isComplete else {
                throw DurableStreamsViolation("query", "it is not percent-encoded UTF-8, or has too many parameters")
            }
            return try DurableStreamsRead(query: parameters.items)
        }
        let info = try await refusing { () throws(EventLogError) in try await log.info(stream) }
        let content = StreamContent(info.options.contentType)
        switch asked.mode {
        case .sse: return try await eventStream(stream, asked, info, content)
        case .longPoll: return try await poll(stream, asked, info, content)
        case .catchUp: break
        }
        guard asked.position != .now else { return empty(info, content) }
        let page = try await page(stream, after: asked.position.offset(info))
        var answer = answer(page, info, content)
        let tag = "\"\(stream):\(asked.position.offset(info)):\(page.next)\(page.isAtEnd ? ":c" : "")\""
        answer.set("etag", tag)
        if request.headers["if-none-match"] == tag {
            answer.status = 304
            answer.body = .none
        }
        return answer
    }

    func page(_ stream: StreamID, after offset: Offset) async throws(DurableStreamsRefusal) -> EventPage {
        try await refusing { () throws(EventLogError) in
            try await log.read(stream, after: offset, limit: options.pageLimit)
        }
    }

    // The answer that holds a page.
    private func answer(_ page: EventPage, _ info: StreamInfo, _ content: StreamContent) -> DurableStreamsAnswer {
        var answer = DurableStreamsAnswer(200)
        answer.set("content-type", info.options.contentType)
        answer.set(DurableStreamsField.nextOffset, page.next)
        answer.set("cache-control", options.cacheControl)
        if page.isUpToDate { answer.set(DurableStreamsField.upToDate, "true") }
        if page.isAtEnd { answer.set(DurableStreamsField.closed, "true") }
        answer.body = .bytes(content.body(page.publicPayloads))
        return answer
    }

    // What `offset=now` is answered with: nothing, and where that is (§8).
    private func empty(_ info: StreamInfo, _ content: StreamContent) -> DurableStreamsAnswer {
        var answer = DurableStreamsAnswer(200)
        answer.set("content-type", info.options.contentType)
        answer.set(DurableStreamsField.nextOffset, info.tail)
        answer.set(DurableStreamsField.upToDate, "true")
        answer.set("cache-control", "no-store")
        if info.isClosed { answer.set(DurableStreamsField.closed, "true") }
        answer.body = .bytes(content.body([]))
        return answer
    }

    private func poll(
        _ stream: StreamID, _ asked: DurableStreamsRead, _ info: StreamInfo, _ content: StreamContent
    ) async throws(DurableStreamsRefusal) -> DurableStreamsAnswer {
        let page = try await firstPage(stream, after: asked.position.offset(info))
        var answer: DurableStreamsAnswer
        if page.publicPayloads.isEmpty {
            answer = DurableStreamsAnswer(204)
            answer.set(DurableStreamsField.nextOffset, page.next)
            answer.set(DurableStreamsField.upToDate, "true")
            answer.set("cache-control", "no-store")
            if page.isAtEnd { answer.set(DurableStreamsField.closed, "true") }
        } else {
            answer = self.answer(page, info, content)
        }
        var random = SystemRandomNumberGenerator()
        answer.set(
            DurableStreamsField.cursor,
            StreamCursor.next(at: options.wallClock(), after: asked.cursor, using: &random))
        return answer
    }

    // The first page with something for readers, or the last one before the time is up.
    private func firstPage(
        _ stream: StreamID, after offset: Offset
    ) async throws(DurableStreamsRefusal) -> EventPage {
        let signal = try await refusing { () throws(EventLogError) in try await log.signal(for: stream) }
        // Subscribed before the read, so that what comes in between is not missed.
        let subscription = signal.subscribe()
        var page = try await page(stream, after: offset)
        let deadline = Deadline(clock, after: options.longPollTimeout)
        while page.publicPayloads.isEmpty, !page.isAtEnd {
            if page.isUpToDate, await !deadline.wait(for: subscription) { break }
            page = try await self.page(stream, after: page.next)
        }
        return page
    }
}

extension DurableStreamsRead.Position {
    /// The offset to read after.
    func offset(_ info: StreamInfo) -> Offset {
        switch self {
        case .start: .start
        case .now: info.tail
        case .after(let offset): offset
        }
    }
}

extension EventPage {
    /// What readers outside may have of the page.
    var publicPayloads: [[UInt8]] { events.lazy.filter { $0.event.visibility == .public }.map(\.event.payload) }
}
