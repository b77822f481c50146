import DurableLog
import StreamCore

extension EventLogCompliance {
    static let readChecks = [
        Check("reading after any offset gives exactly what follows") { run in
            try await run.log.create(run.stream)
            for first in [0, 1, 4, 11, 30] {
                try await run.log.append(run.events(first..<(first * 2 + 1)), to: run.stream)
            }
            let all = try await run.readAll()
            try run.require(all.count > 40, "\(all.count) events are there")
            for (index, event) in all.enumerated() {
                let rest = try await run.readAll(after: event.offset)
                try run.require(rest == Array(all[(index + 1)...]), "after \(event.offset) come other events")
            }
        },
        Check("pages keep to their limits, and together are everything") { run in
            try await run.log.create(run.stream)
            try await run.log.append((0..<60).map { run.event($0, size: 100) }, to: run.stream)
            for limit in [PageLimit(events: 1), PageLimit(events: 7), PageLimit(events: 60), PageLimit(events: 61)] {
                let all = try await run.readAll(limit: limit)
                try run.equal(all.map { run.number($0.event) }, Array(0..<60), "the events by \(limit.events)")
            }
            for bytes in [1, 99, 100, 250, 1000] {
                let limit = PageLimit(bytes: bytes)
                let page = try await run.log.read(run.stream, after: .start, limit: limit)
                try run.require(
                    (1...max(1, bytes / 100)).contains(page.events.count),
                    "a page of \(bytes) bytes has \(page.events.count) events of 100")
                try run.require(!page.isUpToDate, "a page before the tail is up to date")
                let all = try await run.readAll(limit: limit)
                try run.equal(all.map { run.number($0.event) }, Array(0..<60), "the events by \(bytes) bytes")
            }
        },
        Check("an event larger than the limit comes alone, and whole") { run in
            try await run.log.create(run.stream)
            let events = [run.event(1), run.event(2, size: 500_000), run.event(3)]
            try await run.log.append(events, to: run.stream)
            let all = try await run.readAll(limit: PageLimit(bytes: 1000))
            try run.require(all.map(\.event) == events, "other events come back")
        },
        Check("an offset that was never given is a gap, and says what is kept") { run in
            try await run.log.create(run.stream)
            try await run.log.append(run.events(0..<5), to: run.stream)
            let info = try await run.log.info(run.stream)
            let tail = info.tail
            let wrong = [
                Offset(era: tail.era, index: tail.index + 1), Offset(era: tail.era, index: Offset.maxIndex),
                Offset(era: tail.era + 1, index: 1), Offset(era: Offset.maxEra, index: tail.index),
            ]
            for offset in wrong.compactMap({ $0 }) {
                let error = try await run.fails("reading after \(offset)", .gap) {
                    _ = try await run.log.read(run.stream, after: offset, limit: PageLimit())
                }
                try run.equal(
                    error.kept, EventLogError.KeptRange(oldest: info.oldest, newest: tail), "what is kept")
            }
            // What was not given may be given later, and is none then.
            let later = try await run.log.append([run.event(5)], to: run.stream).last
            try run.equal(try await run.readAll(after: later).count, 0, "the events after the new tail")
        },
    ]

    static let retentionChecks = [
        Check("events beyond the retention go, the oldest first, and what is kept is whole") { run in
            guard let oldest = try await run.trimmed() else { return }
            let all = try await run.readAll()
            try run.equal(all.first?.offset, oldest, "the first event from the start")
            try run.require(all.count >= 8, "\(all.count) events are kept of 8")
            let numbers = all.map { run.number($0.event) }
            try run.equal(numbers, Array((numbers.first ?? 0)..<(numbers.last ?? 0) + 1), "what is kept")
            try run.equal(try await run.log.info(run.stream).tail, all.last?.offset, "the tail")
        },
        Check("a reader behind what is kept gets a gap, and one at its edge none") { run in
            let first = try await run.first()
            guard let oldest = try await run.trimmed() else { return }
            let info = try await run.log.info(run.stream)
            let error = try await run.fails("reading after the first event", .gap) {
                _ = try await run.log.read(run.stream, after: first, limit: PageLimit())
            }
            try run.equal(error.kept, EventLogError.KeptRange(oldest: oldest, newest: info.tail), "what is kept")
            let edge = try run.value(Offset(era: oldest.era, index: oldest.index - 1), "the offset before the oldest")
            try run.equal(
                try await run.readAll(after: edge).first?.offset, oldest, "what follows the last that is gone")
            try await run.fails("a cursor that fell behind", .gap) {
                var events = run.log.cursor(over: run.stream, after: first).makeAsyncIterator()
                _ = try await events.next()
            }
            // From the start is never a gap.
            var events = run.log.cursor(over: run.stream).makeAsyncIterator()
            try run.equal(try await events.next()?.offset, oldest, "the first that a cursor from the start gives")
        },
        Check("what is known of producers survives the loss of their events") { run in
            guard run.expectations.eventsUntilTrimmed != nil else { return }
            _ = try await run.log.create(run.stream, options: StreamOptions(retention: Retention(maxEvents: 8)))
            let epoch = try await run.log.claim(run.producer("p"), in: run.stream)
            let first = try await run.append(0, run.stamp("p", epoch, 0))
            guard try await run.trimmed() != nil else { return }
            let again = try await run.append(0, run.stamp("p", epoch, 0))
            try run.equal(
                again, AppendResult(last: first.last, isDuplicate: true, producerSequence: 0),
                "the result of a repetition")
            let next = try await run.log.claim(run.producer("p"), in: run.stream)
            try run.require(next > epoch, "epoch \(next) is claimed after \(epoch)")
            try await run.fails("an append under the older epoch", .staleEpoch) {
                try await run.append(1, run.stamp("p", epoch, 1))
            }
        },
        Check("events beyond their age go") { run in
            guard run.expectations.takesWallClock, let count = run.expectations.eventsUntilTrimmed else { return }
            let retention = Retention(maxAge: .seconds(60))
            _ = try await run.log.create(run.stream, options: StreamOptions(retention: retention))
            for number in 0..<count { try await run.log.append([run.event(number, size: 1024)], to: run.stream) }
            run.time.advance(seconds: 59)
            try run.equal(try await run.numbers().count, count, "the events that are not too old")
            run.time.advance(seconds: 2)
            for number in count..<(2 * count) {
                try await run.log.append([run.event(number, size: 1024)], to: run.stream)
            }
            let kept = try await run.numbers()
            try run.require((kept.first ?? 0) > 0, "the oldest event is kept, two seconds beyond its age")
            try run.equal(Array(kept.suffix(count)), Array(count..<(2 * count)), "the new events")
        },
    ]
}

extension EventLogRun {
    /// The offset of the first event in a new stream that keeps 8 events.
    func first() async throws -> Offset {
        _ = try await log.create(stream, options: StreamOptions(retention: Retention(maxEvents: 8)))
        return try await log.append([event(0, size: 1024)], to: stream).last
    }

    /// Appends to a stream that keeps 8 events until it lets go of its first; returns the oldest that is left, or nil for a log without retention.
    func trimmed() async throws -> Offset? {
        guard let count = expectations.eventsUntilTrimmed else { return nil }
        _ = try await log.create(stream, options: StreamOptions(retention: Retention(maxEvents: 8)))
        let known = try await log.info(stream).oldest?.index
        for number in 1...count { try await log.append([event(number, size: 1024)], to: stream) }
        let oldest = try value(try await log.info(stream).oldest, "the oldest event")
        try require(oldest.index > known ?? 1, "the first event is there after \(count) more; 8 are to be kept")
        return oldest
    }
}
