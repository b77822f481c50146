import DurableLog
import StreamCore
import WireProtocols

extension DurableStreamsEndpoint {
    /// Where a fork leaves its source: behind a whole event, and with the beginning of the next one where that is asked for (§4.2).
    func forkPoint(
        _ fork: DurableStreamsCreation.Fork, _ source: StreamID, _ info: StreamInfo
    ) async throws(DurableStreamsRefusal) -> (offset: Offset, prefix: StreamEvent?) {
        let anchor = fork.offset ?? info.tail
        guard anchor == .start || anchor <= info.tail else { throw beyond(source, info) }
        var rest = fork.subOffset
        var offset = anchor
        let content = StreamContent(info.options.contentType)
        while rest > 0 {
            let page: EventPage
            do throws(EventLogError) {
                page = try await log.read(source, after: offset, limit: options.pageLimit)
            } catch {
                throw forkRefusal(error)
            }
            for event in page.events where event.event.visibility == .public {
                let size = content == .json ? 1 : UInt64(event.event.payload.count)
                guard rest > 0 else { break }
                guard size <= rest else { return (offset, beginning(of: event.event, count: Int(rest))) }
                rest -= size
                offset = event.offset
            }
            if rest > 0 {
                guard !page.isUpToDate else { throw beyond(source, info) }
                offset = max(offset, page.next)
            }
        }
        return (offset, nil)
    }

    /// What keeps a fork from being made: a name, or a source, that is only kept for its forks blocks it (§4.2), and so does a place that the source does
    /// not have.
    func forkRefusal(_ error: EventLogError) -> DurableStreamsRefusal {
        switch error.code {
        case .deleted: DurableStreamsRefusal(409, error.message)
        case .gap: DurableStreamsRefusal(400, error.message)
        default: DurableStreamsRefusal(error)
        }
    }

    private func beyond(_ source: StreamID, _ info: StreamInfo) -> DurableStreamsRefusal {
        DurableStreamsRefusal(400, "the fork begins beyond the end of \(source), which is at \(info.tail)")
    }

    /// The source of the events that are the beginning of one of the fork's source: so that they are known again.
    private static let prefixSource = "durable-streams:fork-prefix"

    private func beginning(of event: StreamEvent, count: Int) -> StreamEvent {
        StreamEvent(type: event.type, source: Self.prefixSource, payload: Array(event.payload.prefix(count)))
    }

    /// Checks that a fork that is there already has that beginning as its first own event.
    func checkPrefix(
        _ prefix: StreamEvent, of fork: StreamID, behind offset: Offset
    ) async throws(DurableStreamsRefusal) {
        let page = try await refusing { () throws(EventLogError) in
            try await log.read(fork, after: offset, limit: PageLimit(events: 1))
        }
        guard let first = page.events.first?.event, first.source == prefix.source, first.payload == prefix.payload
        else {
            throw DurableStreamsRefusal(
                409,
                "a fork of this name is there, which leaves its source elsewhere, or was not finished; delete it first")
        }
    }
}
