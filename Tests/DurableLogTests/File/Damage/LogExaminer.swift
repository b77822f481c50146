import AgentKitTesting
import DurableLog
import StreamCore

/// Holds what a log has against what is remembered of it.
struct LogExaminer {
    let log: FileEventLog
    let memory: LogMemory
    /// Whether what was not synced may be gone.
    var losesUnsynced: Bool

    /// What a stream gives to a reader from its beginning, and what stops the reader.
    struct Reading {
        var events: [LoggedEvent] = []
        var error: EventLogError?
    }

    func read(_ id: StreamID) async -> Reading {
        var reading = Reading()
        var offset = Offset.start
        do throws(EventLogError) {
            while true {
                let page = try await log.read(id, after: offset, limit: PageLimit(events: 7))
                reading.events += page.events
                offset = page.next
                if page.isUpToDate { return reading }
                if page.events.isEmpty {
                    throw EventLogError(.unavailable, id, "a page after \(offset) is empty and not up to date")
                }
            }
        } catch {
            reading.error = error
        }
        return reading
    }

    /// Every stream, whole.
    func examineAll() async throws {
        for (id, stream) in memory.streams { try await examine(id, stream) }
    }

    func examine(_ id: StreamID, _ stream: LogMemory.Stream) async throws {
        let reading = await read(id)
        if let error = reading.error {
            if error.code == .notFound, stream.existence != .made { return }
            throw Misread("\(id) cannot be read: \(error)")
        }
        if stream.existence == .removed { throw Misread("\(id) was removed, and is there") }
        if stream.existence == .unknown { return try requireOrder(reading.events, id) }
        try compare(reading.events, with: stream, id)
        try await examineEnd(id, stream)
    }

    /// What was read must be what was acknowledged, in order: all of it, or all but an end that was not synced.
    func compare(_ events: [LoggedEvent], with stream: LogMemory.Stream, _ id: StreamID) throws {
        try requireOrder(events, id)
        let missing = try missing(from: events, of: stream, id)
        if let first = missing.first(where: { !losesUnsynced || $0.isSynced }) {
            throw Misread("\(first) of \(id) was acknowledged and is gone; \(events.count) events are left")
        }
    }

    /// The acknowledged batches that are not there; throws where something is there that should not be, or in part.
    func missing(
        from events: [LoggedEvent], of stream: LogMemory.Stream, _ id: StreamID
    ) throws -> [LogMemory.Batch] {
        var rest = (stream.inherited + stream.batches)[...]
        var position = 0
        var passed: [LogMemory.Batch] = []
        while position < events.count {
            let number = LogMemory.number(of: events[position].event)
            guard let batch = rest.popFirst() else { throw Misread("\(number) of \(id) was never appended") }
            guard batch.numbers.first == number else {
                passed.append(batch)
                continue
            }
            let found = events[position...].prefix(batch.numbers.count)
            // A page may end within a batch where an error stops the reader.
            guard found.map({ LogMemory.number(of: $0.event) }) == batch.numbers else {
                throw Misread("\(batch) of \(id) is there in part")
            }
            if let last = batch.last, found.last?.offset != last {
                throw Misread("\(batch) of \(id) is at \(found.last?.offset.description ?? "no place")")
            }
            position += batch.numbers.count
        }
        if let hole = passed.first(where: { $0.last != nil }) {
            throw Misread("\(hole) of \(id) is missing, and what followed it is there")
        }
        return rest.filter { $0.last != nil }
    }

    private func requireOrder(_ events: [LoggedEvent], _ id: StreamID) throws {
        for (before, after) in zip(events, events.dropFirst()) {
            guard before.offset < after.offset, before.offset.index + 1 == after.offset.index else {
                throw Misread("\(after.offset) of \(id) follows \(before.offset)")
            }
        }
    }

    /// Whether the stream is closed and who may append, and that what is appended now has an offset of its own.
    func examineEnd(_ id: StreamID, _ stream: LogMemory.Stream) async throws {
        if stream.isClosed == true, try await !log.info(id).isClosed { throw Misread("\(id) was closed, and is open") }
        if stream.isClosed == false, try await log.info(id).isClosed {
            throw Misread("\(id) is closed, and nobody did it")
        }
        if stream.epoch > 1, let producer = LogMemory.producer {
            let stale = ProducerStamp(id: producer, epoch: stream.epoch - 1, sequence: stream.sequence)
            do throws(EventLogError) {
                _ = try await log.append(
                    [LogMemory.event(-2)], to: id, options: AppendOptions(producer: stale))
                throw EventLogError(.unavailable, id, "an append under a fenced epoch is taken")
            } catch {
                let codes: [EventLogError.Code] = [.staleEpoch, .closed, .corrupt]
                if !codes.contains(error.code) { throw Misread("an append to \(id) under a fenced epoch: \(error)") }
            }
        }
        guard stream.isClosed == false else { return }
        do throws(EventLogError) {
            let last = try await log.append(
                [LogMemory.event(-1)], to: id, options: AppendOptions(durability: .synced)
            ).last
            if last <= stream.greatest { throw EventLogError(.unavailable, id, "\(last) was given before") }
        } catch {
            throw Misread("nothing can be appended to \(id): \(error)")
        }
    }
}
