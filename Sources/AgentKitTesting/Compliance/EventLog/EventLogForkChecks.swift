import DurableLog
import StreamCore

extension EventLogCompliance {
    static let forkChecks = [
        Check("a fork has its source's beginning, and goes its own way from there") { run in
            try await run.log.create(run.stream)
            try await run.log.append(run.events(0..<10), to: run.stream)
            let all = try await run.readAll()
            let points: [Offset?] = [.start, all[0].offset, all[4].offset, all[9].offset, nil]
            for (place, offset) in points.enumerated() {
                let fork = try StreamID("fork/\(place)")
                let shared = [0, 1, 5, 10, 10][place]
                let creation = try await run.fork(fork, of: run.stream, at: offset)
                try run.require(creation.isNew, "creating a fork finds one")
                try run.equal(try await run.readAll(fork), Array(all.prefix(shared)), "what \(fork) shares")
                try await run.log.append(run.events(100...102), to: fork)
                try run.equal(try await run.numbers(fork), Array(0..<shared) + [100, 101, 102], "what \(fork) has")
                for event in all.prefix(shared) {
                    try run.equal(
                        try await run.readAll(fork, after: event.offset).count,
                        shared - run.number(event.event) + 2, "the events of \(fork) after \(event.offset)")
                }
            }
            try await run.log.append([run.event(10)], to: run.stream)
            try run.equal(try await run.numbers(), Array(0...10), "what the source has")
        },
        Check("an offset of the source behind the fork's point means nothing in the fork") { run in
            try await run.log.create(run.stream)
            try await run.log.append(run.events(0..<10), to: run.stream)
            let all = try await run.readAll()
            try await run.fork("fork", of: run.stream, at: all[4].offset)
            try await run.log.append(run.events(100..<110), to: "fork")
            try await run.fails("reading the fork after it", .gap) {
                _ = try await run.readAll("fork", after: all[6].offset)
            }
            let own = try await run.readAll("fork", after: all[4].offset)
            try run.require(
                Set(own.map(\.offset)).isDisjoint(with: all.map(\.offset)),
                "an offset means one event in the source and another in the fork")
        },
        Check("forking again finds the fork, and elsewhere is a conflict") { run in
            try await run.log.create(run.stream)
            try await run.log.append(run.events(0..<10), to: run.stream)
            let all = try await run.readAll()
            try await run.fork("fork", of: run.stream, at: all[4].offset)
            let again = try await run.fork("fork", of: run.stream, at: all[4].offset)
            try run.require(!again.isNew, "the fork is made twice")
            try await run.fails("forking at another place", .conflict) {
                try await run.fork("fork", of: run.stream, at: all[5].offset)
            }
            try await run.fails("a stream of its own", .conflict) { try await run.log.create("fork") }
            try await run.fork("newest", of: run.stream, at: nil)
            try await run.log.append([run.event(10)], to: run.stream)
            let newest = try await run.fork("newest", of: run.stream, at: nil)
            try run.require(!newest.isNew, "the fork of the newest is made twice")
            try run.equal(newest.info.options.fork?.offset, all[9].offset, "its point")
        },
        Check("what is not there cannot be forked") { run in
            try await run.fails("forking a stream that is not there", .notFound) {
                try await run.fork("fork", of: run.stream, at: nil)
            }
            try await run.log.create(run.stream)
            let tail = try await run.log.append(run.events(0..<3), to: run.stream).last
            let beyond = try run.value(tail.successor, "an offset")
            try await run.fails("forking beyond the end", .gap) {
                try await run.fork("fork", of: run.stream, at: beyond)
            }
            try await run.fails("the fork", .notFound) { _ = try await run.log.info("fork") }
        },
        Check("a fork begins open and with producers of its own") { run in
            try await run.log.create(run.stream)
            _ = try await run.append(0, run.stamp("p", 5, 0))
            _ = try await run.log.append([run.event(1)], to: run.stream, options: .init(sequence: "z"))
            try await run.log.close(run.stream)
            try await run.fork("fork", of: run.stream, at: nil)
            let options = AppendOptions(producer: try run.stamp("p", 0, 0), sequence: "a")
            let result = try await run.log.append([run.event(2)], to: "fork", options: options)
            try run.require(!result.isDuplicate, "its first append is a duplicate")
            try run.equal(try await run.numbers("fork"), [0, 1, 2], "its events")
        },
        Check("a source is kept for its forks, and its name with it") { run in
            try await run.log.create(run.stream)
            let last = try await run.log.append(run.events(0..<10), to: run.stream).last
            try await run.fork("fork", of: run.stream, at: nil)
            try await run.fork("fork/of/fork", of: "fork", at: nil)
            try await run.log.delete(run.stream)
            let stream = run.stream
            try await run.fails("asking for the source", .deleted) { _ = try await run.log.info(stream) }
            try await run.fails("reading it", .deleted) { _ = try await run.readAll() }
            try await run.fails("appending", .deleted) { try await run.log.append([run.event(1)], to: stream) }
            try await run.fails("deleting it again", .deleted) { try await run.log.delete(stream) }
            try await run.fails("making it again", .deleted) { try await run.log.create(stream) }
            try run.equal(
                try await run.log.list(prefix: "", after: nil, limit: 9), ["fork", "fork/of/fork"], "the streams")
            for fork: StreamID in ["fork", "fork/of/fork"] {
                try run.equal(try await run.numbers(fork), Array(0..<10), "what \(fork) has")
            }
            try await run.log.delete("fork")
            try run.equal(try await run.numbers("fork/of/fork"), Array(0..<10), "what the fork's fork has")
            try await run.fails("asking for what a kept fork was made from", .deleted) {
                _ = try await run.log.info(stream)
            }
            try await run.log.delete("fork/of/fork")
            for gone in [stream, "fork", "fork/of/fork"] {
                try await run.fails("asking for \(gone) when nothing needs it", .notFound) {
                    _ = try await run.log.info(gone)
                }
            }
            try await run.log.create(stream)
            let offset = try await run.log.append([run.event(1)], to: stream).last
            try run.require(offset > last, "\(offset) comes after \(last) was given")
        },
    ]

    static let lifetimeChecks = [
        Check("a stream ends at its time") { run in
            guard run.expectations.takesWallClock else { return }
            var end = run.time.timestamp
            end.millisecondsSince1970 += 60_000
            let options = StreamOptions(lifetime: .until(end))
            _ = try await run.log.create(run.stream, options: options)
            let last = try await run.log.append([run.event(1)], to: run.stream).last
            try run.equal(try await run.log.info(run.stream).expiresAt, end, "the time of its end")
            run.time.advance(seconds: 59)
            try run.equal(try await run.numbers(), [1], "its events before")
            run.time.advance(seconds: 1)
            try await run.fails("reading", .notFound) { _ = try await run.readAll() }
            try await run.fails("asking", .notFound) { _ = try await run.log.info(run.stream) }
            try await run.fails("appending", .notFound) { try await run.log.append([run.event(2)], to: run.stream) }
            try run.equal(try await run.log.list(prefix: "", after: nil, limit: 9), [], "the streams")
            try run.require(try await run.log.create(run.stream).isNew, "it is found when made again")
            let offset = try await run.log.append([run.event(1)], to: run.stream).last
            try run.require(offset > last, "\(offset) comes after \(last) was given")
        },
        Check("a sliding lifetime is extended by appends and reads, and by nothing else") { run in
            guard run.expectations.takesWallClock else { return }
            _ = try await run.log.create(run.stream, options: StreamOptions(lifetime: .sliding(.seconds(60))))
            run.time.advance(seconds: 50)
            try await run.log.append([run.event(1)], to: run.stream)
            run.time.advance(seconds: 50)
            try run.equal(try await run.numbers(), [1], "its events")
            var end = run.time.timestamp
            end.millisecondsSince1970 += 60_000
            run.time.advance(seconds: 50)
            try run.equal(try await run.log.info(run.stream).expiresAt, end, "the time of its end")
            run.time.advance(seconds: 11)
            try await run.fails("reading", .notFound) { _ = try await run.readAll() }
        },
        Check("a source whose time is over is kept for its forks") { run in
            guard run.expectations.takesWallClock else { return }
            _ = try await run.log.create(run.stream, options: StreamOptions(lifetime: .sliding(.seconds(60))))
            try await run.log.append(run.events(0..<3), to: run.stream)
            try await run.fork("fork", of: run.stream, at: nil)
            run.time.advance(seconds: 100)
            try await run.fails("asking for the source", .deleted) { _ = try await run.log.info(run.stream) }
            try run.equal(try await run.numbers("fork"), [0, 1, 2], "what the fork has")
        },
    ]
}

extension EventLogRun {
    @discardableResult
    func fork(_ fork: StreamID, of source: StreamID, at offset: Offset?) async throws -> StreamCreation {
        try await log.create(fork, options: StreamOptions(fork: ForkPoint(source: source, offset: offset)))
    }
}
