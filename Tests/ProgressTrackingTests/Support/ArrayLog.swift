import DurableLog
import ProgressTracking
import StreamCore
import Synchronization

/// A log of one array per stream, that fails and forgets when the test says so.
final class ArrayLog: EventLog {
    struct Stream {
        var events: [LoggedEvent] = []
        var era: UInt32 = 0
        var next: UInt64 = 1
        var isClosed = false
    }

    struct State {
        var streams: [StreamID: Stream] = [:]
        var failures = 0
        var appends: [AppendOptions] = []
        var reads = 0
    }

    let state = Mutex(State())
    private let signals = Mutex<[StreamID: AppendSignal]>([:])

    init(_ streams: StreamID...) {
        state.withLock { state in for stream in streams { state.streams[stream] = Stream() } }
    }

    /// What a stream holds.
    func events(_ stream: StreamID) -> [LoggedEvent] { state.withLock { $0.streams[stream]?.events ?? [] } }
    /// The progress that a stream holds.
    func records(_ stream: StreamID) throws -> [AgentProgress] {
        try events(stream).filter { $0.event.type == .progress }.map { try AgentProgress(json: $0.event.payload) }
    }
    /// Lets the next appends fail.
    func failAppends(_ count: Int) { state.withLock { $0.failures = count } }
    /// Forgets the oldest events.
    func trim(_ stream: StreamID, keeping count: Int) {
        state.withLock { state in
            let excess = (state.streams[stream]?.events.count ?? 0) - count
            if excess > 0 { state.streams[stream]?.events.removeFirst(excess) }
        }
    }
    /// Loses the newest events, as a crash would: a new era begins.
    func lose(_ stream: StreamID, _ count: Int) {
        state.withLock { state in
            state.streams[stream]?.events.removeLast(count)
            state.streams[stream]?.next -= UInt64(count)
            state.streams[stream]?.era += 1
        }
    }

    func create(_ stream: StreamID, options: StreamOptions) async throws(EventLogError) -> StreamCreation {
        let isNew = state.withLock { state in
            if state.streams[stream] != nil { return false }
            state.streams[stream] = Stream()
            return true
        }
        return StreamCreation(isNew: isNew, info: try await info(stream))
    }

    func append(
        _ events: [StreamEvent], to stream: StreamID, options: AppendOptions
    ) async throws(EventLogError) -> AppendResult {
        // A log refuses a cancelled task; whoever has something left to say must not ask in one.
        if Task.isCancelled { throw EventLogError(.cancelled, stream, "cancelled") }
        let result = state.withLock { state -> Result<AppendResult, EventLogError> in
            guard var kept = state.streams[stream] else { return .failure(EventLogError(.notFound, stream, "none")) }
            if state.failures > 0 {
                state.failures -= 1
                return .failure(EventLogError(.storage, stream, "planned; nothing was written"))
            }
            var last = Offset(era: kept.era, index: kept.next - 1)!
            if kept.isClosed {
                return events.isEmpty
                    ? .success(AppendResult(last: last)) : .failure(EventLogError(.closed, stream, "closed"))
            }
            state.appends.append(options)
            for event in events {
                last = Offset(era: kept.era, index: kept.next)!
                kept.events.append(
                    LoggedEvent(offset: last, timestamp: Timestamp(millisecondsSince1970: 0), event: event))
                kept.next += 1
            }
            kept.isClosed = options.closes
            state.streams[stream] = kept
            return .success(AppendResult(last: last))
        }
        signals.withLock { $0[stream] }?.notify()
        return try result.get()
    }

    func read(_ stream: StreamID, after offset: Offset, limit: PageLimit) async throws(EventLogError) -> EventPage {
        let kept = state.withLock { state in
            state.reads += 1
            return state.streams[stream]
        }
        guard let kept else { throw EventLogError(.notFound, stream, "none") }
        let isKnown =
            offset == .start || kept.events.contains { $0.offset == offset }
            || kept.events.isEmpty && offset.index == kept.next - 1
        // A page of few events, so that every reader has to go on.
        guard isKnown else { throw EventLogError(.gap, stream, "\(offset) is not kept") }
        let rest = kept.events.filter { $0.offset > offset }
        let page = Array(rest.prefix(min(7, limit.events)))
        let isUpToDate = page.count == rest.count
        return EventPage(
            events: page, next: page.last?.offset ?? offset, isUpToDate: isUpToDate,
            isAtEnd: isUpToDate && kept.isClosed)
    }

    func info(_ stream: StreamID) async throws(EventLogError) -> StreamInfo {
        guard let kept = state.withLock({ $0.streams[stream] }) else {
            throw EventLogError(.notFound, stream, "none")
        }
        return StreamInfo(
            options: StreamOptions(), tail: Offset(era: kept.era, index: kept.next - 1)!,
            oldest: kept.events.first?.offset, isClosed: kept.isClosed)
    }

    func signal(for stream: StreamID) async throws(EventLogError) -> AppendSignal {
        signals.withLock { signals in
            let signal = signals[stream] ?? AppendSignal()
            signals[stream] = signal
            return signal
        }
    }

    func claim(_ producer: ProducerID, in stream: StreamID) async throws(EventLogError) -> UInt64 { 0 }
    func delete(_ stream: StreamID) async throws(EventLogError) { state.withLock { $0.streams[stream] = nil } }
    func list(prefix: String, after name: StreamID?, limit: Int) async throws(EventLogError) -> [StreamID] { [] }
}
