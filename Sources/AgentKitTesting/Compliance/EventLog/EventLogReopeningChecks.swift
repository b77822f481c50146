import DurableLog
import StreamCore

extension EventLogCompliance {
    /// Of logs that store what they hold.
    static let reopeningChecks = [
        Check("a log that is opened again has what was appended, under the same offsets") { run in
            guard run.canReopen else { return }
            try await run.log.create(run.stream)
            try await run.log.create("empty")
            for number in 0..<20 {
                let options = AppendOptions(durability: number == 19 ? .synced : .buffered)
                _ = try await run.log.append([run.event(number)], to: run.stream, options: options)
            }
            let all = try await run.readAll()
            for round in 0..<3 {
                try await run.reopen()
                let found = try await run.readAll()
                try run.require(Array(found.prefix(20)) == all, "opened \(round + 1) times, it has other events")
                for event in all {
                    try run.equal(
                        try await run.readAll(after: event.offset).first?.offset,
                        found.first { $0.offset > event.offset }?.offset, "what follows \(event.offset)")
                }
                let next = try await run.log.append([run.event(20 + round)], to: run.stream).last
                try run.require(next > found[found.count - 1].offset, "\(next) comes after what was there")
                try run.equal(try await run.numbers(), Array(0...(20 + round)), "the events")
            }
            try run.equal(
                try await run.log.list(prefix: "", after: nil, limit: 9), [run.stream, "empty"].sorted(), "streams")
        },
        Check("options, the end, and the sequence text are stored") { run in
            guard run.canReopen else { return }
            let options = StreamOptions(
                contentType: "text/plain", lifetime: .sliding(.seconds(3600)),
                retention: Retention(maxEvents: 1000, maxBytes: 1 << 30, maxAge: .seconds(86400)))
            _ = try await run.log.create(run.stream, options: options)
            _ = try await run.log.append([run.event(1)], to: run.stream, options: AppendOptions(sequence: "m"))
            try await run.log.create("closed")
            let end = try await run.log.append([run.event(2)], to: "closed", options: AppendOptions(closes: true)).last
            try await run.reopen()
            try run.equal(try await run.log.info(run.stream).options, options, "the options")
            try run.require(try await !run.log.create(run.stream, options: options).isNew, "it is made again")
            try await run.fails("an older sequence", .sequenceRegression) {
                _ = try await run.log.append([run.event(9)], to: run.stream, options: AppendOptions(sequence: "b"))
            }
            let error = try await run.fails("appending behind the end", .closed) {
                try await run.log.append([run.event(9)], to: "closed")
            }
            try run.equal(error.last, end, "the end")
            let page = try await run.log.read("closed", after: .start, limit: PageLimit())
            try run.require(page.isAtEnd && page.events.count == 1, "the closed stream's page is \(page)")
        },
        Check("what is known of producers is stored") { run in
            guard run.canReopen else { return }
            try await run.log.create(run.stream)
            let first = try await run.log.claim(run.producer("p"), in: run.stream)
            let second = try await run.log.claim(run.producer("p"), in: run.stream)
            let written = try await run.append(0, run.stamp("p", second, 0))
            try await run.reopen()
            let again = try await run.append(0, run.stamp("p", second, 0))
            try run.equal(
                again, AppendResult(last: written.last, isDuplicate: true, producerSequence: 0), "a repetition's result"
            )
            try await run.fails("another content", .checksumMismatch) {
                try await run.append(1, run.stamp("p", second, 0))
            }
            try await run.fails("an older epoch", .staleEpoch) { try await run.append(1, run.stamp("p", first, 0)) }
            try await run.fails("a gap", .producerGap) { try await run.append(1, run.stamp("p", second, 2)) }
            _ = try await run.append(1, run.stamp("p", second, 1))
            let third = try await run.log.claim(run.producer("p"), in: run.stream)
            try await run.reopen()
            let fourth = try await run.log.claim(run.producer("p"), in: run.stream)
            try run.require(first < second && second < third && third < fourth, "epochs do not rise")
            try run.equal(try await run.numbers(), [0, 1], "the events")
        },
        Check("a deletion is stored, and its offsets are not given again") { run in
            guard run.canReopen else { return }
            try await run.log.create(run.stream)
            let last = try await run.log.append(run.events(0..<5), to: run.stream).last
            try await run.log.delete(run.stream)
            try await run.reopen()
            try await run.fails("asking", .notFound) { _ = try await run.log.info(run.stream) }
            try await run.log.create(run.stream)
            let offset = try await run.log.append([run.event(1)], to: run.stream).last
            try run.require(offset > last, "\(offset) comes after \(last) was given")
            try await run.fails("reading after the old offset", .gap) { _ = try await run.readAll(after: last) }
        },
        Check("forks are stored, and what they need with them") { run in
            guard run.canReopen else { return }
            try await run.log.create(run.stream)
            try await run.log.append(run.events(0..<5), to: run.stream)
            try await run.fork("fork", of: run.stream, at: nil)
            try await run.log.append([run.event(5)], to: "fork")
            try await run.log.delete(run.stream)
            try await run.reopen()
            try run.equal(try await run.numbers("fork"), Array(0...5), "what the fork has")
            try await run.fails("asking for the source", .deleted) { _ = try await run.log.info(run.stream) }
            try await run.log.delete("fork")
            try await run.reopen()
            try run.require(try await run.log.create(run.stream).isNew, "the source's name is not free")
        },
        Check("what the retention took stays a gap") { run in
            guard run.canReopen, run.expectations.eventsUntilTrimmed != nil else { return }
            let first = try await run.first()
            guard let oldest = try await run.trimmed() else { return }
            try await run.reopen()
            try run.require(try await run.log.info(run.stream).oldest ?? .start >= oldest, "older events are back")
            try await run.fails("reading after the first event", .gap) { _ = try await run.readAll(after: first) }
            let numbers = try await run.numbers()
            try run.equal(numbers, Array((numbers.first ?? 0)..<(numbers.last ?? 0) + 1), "what is kept")
        },
        Check("a lifetime goes on while the log is closed") { run in
            guard run.canReopen, run.expectations.takesWallClock else { return }
            _ = try await run.log.create(run.stream, options: StreamOptions(lifetime: .sliding(.seconds(60))))
            try await run.log.append([run.event(1)], to: run.stream)
            run.time.advance(seconds: 61)
            try await run.reopen()
            try await run.fails("asking", .notFound) { _ = try await run.log.info(run.stream) }
        },
    ]
}
