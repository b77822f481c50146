import DurableLog
import StreamCore

extension EventLogCompliance {
    static let appendChecks = [
        Check("events come back as they went in") { run in
            try await run.log.create(run.stream)
            var events = [
                StreamEvent(type: .content, source: "agent-1", payload: Array("{\"a\":\"ä €\"}".utf8)),
                StreamEvent(type: .reasoning, visibility: .internal, source: "Ω", payload: Array("0".utf8)),
                StreamEvent(type: .init(rawValue: "x:é"), payload: []),
                StreamEvent(type: .tool, payload: Array(0...255)),
            ]
            events.append(StreamEvent(type: .usage, payload: [UInt8](repeating: 7, count: 300_000)))
            for event in events { try await run.log.append([event], to: run.stream) }
            try await run.log.append(events, to: run.stream)
            let found = try await run.readAll()
            try run.require(found.map(\.event) == events + events, "other events come back")
            if run.expectations.takesWallClock {
                try run.require(found.allSatisfy { $0.timestamp == run.time.timestamp }, "they have another time")
            }
        },
        Check("offsets are dense, and each append tells its last one") { run in
            try await run.log.create(run.stream)
            var last = try await run.log.info(run.stream).tail
            for count in [1, 3, 1, 20, 2] {
                let result = try await run.log.append(run.events(0..<count), to: run.stream)
                let expected = Offset(era: result.last.era, index: last.index + UInt64(count))
                try run.equal(result.last, try run.value(expected, "an offset"), "the last of \(count) events")
                try run.require(!result.isDuplicate, "an append without a stamp is a duplicate")
                try run.equal(try await run.log.info(run.stream).tail, result.last, "the tail")
                last = result.last
            }
            let offsets = try await run.readAll().map(\.offset)
            try run.equal(offsets.count, 27, "the number of events")
            for (before, after) in zip(offsets, offsets.dropFirst()) {
                try run.equal(after, try run.value(before.successor, "an offset"), "the offset after \(before)")
            }
            let oldest = try await run.log.info(run.stream).oldest
            try run.equal(oldest, offsets.first, "the oldest")
            try run.equal(offsets.last, last, "the newest")
        },
        Check("both durabilities append, in order") { run in
            try await run.log.create(run.stream)
            for number in 0..<20 {
                let durability: Durability = number.isMultiple(of: 3) ? .synced : .buffered
                _ = try await run.log.append(
                    [run.event(number)], to: run.stream, options: AppendOptions(durability: durability))
            }
            try run.equal(try await run.numbers(), Array(0..<20), "the events")
        },
        Check("an empty batch changes nothing and returns the tail") { run in
            try await run.log.create(run.stream)
            let before = try await run.log.info(run.stream)
            for durability in [Durability.buffered, .synced] {
                let result = try await run.log.append([], to: run.stream, options: .init(durability: durability))
                try run.equal(result, AppendResult(last: before.tail), "the result in an empty stream")
            }
            let tail = try await run.log.append(run.events(0..<3), to: run.stream).last
            let result = try await run.log.append([], to: run.stream, options: AppendOptions(durability: .synced))
            try run.equal(result, AppendResult(last: tail), "the result")
            try run.equal(try await run.log.info(run.stream).tail, tail, "the tail")
        },
        Check("a batch can close the stream in the same step") { run in
            try await run.log.create(run.stream)
            let result = try await run.log.append(
                run.events(0..<3), to: run.stream, options: AppendOptions(closes: true))
            let page = try await run.log.read(run.stream, after: .start, limit: PageLimit())
            try run.require(page.isAtEnd && page.events.count == 3, "its page is \(page)")
            let error = try await run.fails("appending more", .closed) {
                try await run.log.append([run.event(3)], to: run.stream)
            }
            try run.equal(error.last, result.last, "the end that the error tells")
            try await run.fails("appending and closing", .closed) {
                _ = try await run.log.append([run.event(3)], to: run.stream, options: AppendOptions(closes: true))
            }
            try run.equal(try await run.log.close(run.stream), result.last, "the end that another close tells")
        },
    ]

    static let refusalChecks = [
        Check("the content type is the stream's") { run in
            _ = try await run.log.create(run.stream, options: StreamOptions(contentType: "text/plain"))
            try await run.fails("appending JSON", .contentTypeMismatch) {
                _ = try await run.log.append(
                    [run.event(1)], to: run.stream, options: AppendOptions(contentType: "application/json"))
            }
            _ = try await run.log.append(
                [run.event(2)], to: run.stream, options: AppendOptions(contentType: "text/plain"))
            try run.equal(try await run.numbers(), [2], "the events")
        },
        Check("the sequence text must rise, bytewise") { run in
            try await run.log.create(run.stream)
            @Sendable func append(_ number: Int, _ sequence: String?) async throws {
                _ = try await run.log.append(
                    [run.event(number)], to: run.stream, options: AppendOptions(sequence: sequence))
            }
            try await append(1, "2")
            for refused in ["2", "10", "1", ""] {
                try await run.fails("'\(refused)' after '2'", .sequenceRegression) { try await append(9, refused) }
            }
            try await append(2, nil)
            try await append(3, "20")
            try await append(4, "a")
            try await run.fails("'B' after 'a'", .sequenceRegression) { try await append(9, "B") }
            try await append(5, "ä")
            try run.equal(try await run.numbers(), [1, 2, 3, 4, 5], "the events")
        },
        Check("of several reasons to refuse, the first in the protocol's order is told") { run in
            try await run.log.create(run.stream)
            _ = try await run.log.append([run.event(1)], to: run.stream, options: AppendOptions(sequence: "5"))
            var wrong = AppendOptions(sequence: "1", contentType: "text/plain")
            let type = wrong
            try await run.fails("another type, with a lower sequence", .contentTypeMismatch) {
                _ = try await run.log.append([run.event(2)], to: run.stream, options: type)
            }
            wrong.contentType = nil
            wrong.producer = try run.stamp("p", 0, 7)
            let sequence = wrong
            let refused = try await run.fails("a lower sequence, with a gap", .sequenceRegression) {
                do {
                    _ = try await run.log.append([run.event(2)], to: run.stream, options: sequence)
                } catch let error as EventLogError where error.code == .producerGap {
                    // Both are wrong, and to a producer the gap is what it needs to know.
                    throw EventLogError(.sequenceRegression, run.stream, error.message)
                }
            }
            try run.equal(refused.stream ?? run.stream, run.stream, "the stream that the error is about")
            try await run.log.close(run.stream)
            try await run.fails("all of it in a closed stream", .closed) {
                _ = try await run.log.append([run.event(2)], to: run.stream, options: type)
            }
        },
        Check("what is refused writes nothing") { run in
            try await run.log.create(run.stream)
            let epoch = try await run.log.claim(run.producer("p"), in: run.stream)
            let last = try await run.append(1, run.stamp("p", epoch, 0)).last
            let before = try await run.log.info(run.stream)
            var options = AppendOptions(closes: true, sequence: "z", contentType: "text/plain")
            let mismatch = options
            options.contentType = nil
            options.producer = try run.stamp("p", epoch, 5)
            let gap = options
            try await run.fails("another content type", .contentTypeMismatch) {
                _ = try await run.log.append(run.events(2...3), to: run.stream, options: mismatch)
            }
            try await run.fails("a gap", .producerGap) {
                _ = try await run.log.append(run.events(2...3), to: run.stream, options: gap)
            }
            try run.equal(try await run.log.info(run.stream), before, "the stream")
            // Neither the sequence text nor the stamp of what was refused counts.
            _ = try await run.log.append(
                [run.event(2)], to: run.stream,
                options: AppendOptions(producer: run.stamp("p", epoch, 1), sequence: "a"))
            try run.equal(try await run.numbers(after: last), [2], "what follows")
        },
        Check("a batch beyond the log's limit is refused whole") { run in
            guard let size = run.expectations.refusedBatchSize else { return }
            try await run.log.create(run.stream)
            let half = [UInt8](repeating: 1, count: size / 2)
            let batch = [StreamEvent](repeating: StreamEvent(type: .content, payload: half), count: 3)
            try await run.fails("a batch of more than \(size) bytes", .tooLarge) {
                try await run.log.append(batch, to: run.stream)
            }
            try await run.log.append([run.event(1)], to: run.stream)
            try run.equal(try await run.numbers(), [1], "the events")
        },
    ]
}
