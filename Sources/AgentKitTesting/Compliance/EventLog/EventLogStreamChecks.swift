import DurableLog
import StreamCore

extension EventLogCompliance {
    static let streamChecks = [
        Check("a new stream is empty and as it was ordered") { run in
            let options = StreamOptions(contentType: "text/plain", retention: Retention(maxEvents: 1000))
            let creation = try await run.log.create(run.stream, options: options)
            try run.require(creation.isNew, "creating a stream finds one")
            let info = try await run.log.info(run.stream)
            try run.equal(creation.info, info, "what the creation tells of the stream")
            try run.equal(info.options, options, "the options")
            try run.require(info.oldest == nil && !info.isClosed && info.expiresAt == nil, "a new stream is \(info)")
            let page = try await run.log.read(run.stream, after: .start, limit: PageLimit())
            try run.equal(
                page, EventPage(events: [], next: info.tail, isUpToDate: true, isAtEnd: false), "the first page")
            try run.equal(try await run.readAll(after: info.tail).count, 0, "the events after the tail")
        },
        Check("a stream that is there with the same options is found") { run in
            let options = StreamOptions(contentType: "text/plain", lifetime: .sliding(.seconds(60)))
            _ = try await run.log.create(run.stream, options: options)
            try await run.log.append(run.events(1...3), to: run.stream)
            let again = try await run.log.create(run.stream, options: options)
            try run.require(!again.isNew, "the stream is made twice")
            try run.equal(again.info, try await run.log.info(run.stream), "what is told of it")
            try run.equal(try await run.numbers(), [1, 2, 3], "the events")
        },
        Check("a stream that is there with other options is a conflict") { run in
            let options = StreamOptions(lifetime: .sliding(.seconds(60)), retention: Retention(maxEvents: 9))
            _ = try await run.log.create(run.stream, options: options)
            var others = [StreamOptions](repeating: options, count: 4)
            others[0].contentType = "text/plain"
            others[1].lifetime = .unlimited
            others[2].retention.maxEvents = 10
            others[3].isClosed = true
            for other in others {
                try await run.fails("creating it with \(other)", .conflict) {
                    _ = try await run.log.create(run.stream, options: other)
                }
            }
        },
        Check("whether a stream is closed counts as it is now") { run in
            try await run.log.create(run.stream)
            try await run.log.close(run.stream)
            try await run.fails("creating it open", .conflict) { try await run.log.create(run.stream) }
            let creation = try await run.log.create(run.stream, options: StreamOptions(isClosed: true))
            try run.require(!creation.isNew, "the closed stream is made twice")
        },
        Check("a stream can be made closed") { run in
            let creation = try await run.log.create(run.stream, options: StreamOptions(isClosed: true))
            try run.require(creation.info.isClosed, "it is open")
            let page = try await run.log.read(run.stream, after: .start, limit: PageLimit())
            try run.require(page.isAtEnd && page.events.isEmpty, "its first page is \(page)")
            try await run.fails("appending", .closed) { try await run.log.append([run.event(1)], to: run.stream) }
        },
        Check("closing is for good, and may be repeated") { run in
            try await run.log.create(run.stream)
            let last = try await run.log.append(run.events(1...3), to: run.stream).last
            try run.equal(try await run.log.close(run.stream), last, "the end")
            try run.equal(try await run.log.close(run.stream), last, "the end, told again")
            let info = try await run.log.info(run.stream)
            try run.require(info.isClosed && info.tail == last, "it is \(info)")
            let page = try await run.log.read(run.stream, after: last, limit: PageLimit())
            try run.require(page.isAtEnd && page.isUpToDate && page.events.isEmpty, "the page at its end is \(page)")
            let all = try await run.log.read(run.stream, after: .start, limit: PageLimit())
            try run.require(all.isAtEnd && all.events.count == 3, "the page up to its end is \(all)")
            let some = try await run.log.read(run.stream, after: .start, limit: PageLimit(events: 2))
            try run.require(!some.isAtEnd && !some.isUpToDate, "a page before its end is \(some)")
        },
        Check("what is not there is notFound") { run in
            let stream = run.stream
            let producer = try run.producer("p")
            try await run.fails("appending", .notFound) { try await run.log.append([run.event(1)], to: stream) }
            try await run.fails("closing", .notFound) { try await run.log.close(stream) }
            try await run.fails("reading", .notFound) {
                _ = try await run.log.read(stream, after: .start, limit: PageLimit())
            }
            try await run.fails("asking", .notFound) { _ = try await run.log.info(stream) }
            try await run.fails("subscribing", .notFound) { _ = try await run.log.signal(for: stream) }
            try await run.fails("claiming", .notFound) { _ = try await run.log.claim(producer, in: stream) }
            try await run.fails("deleting", .notFound) { try await run.log.delete(stream) }
            try await run.fails("a cursor", .notFound) {
                var events = run.log.cursor(over: stream).makeAsyncIterator()
                _ = try await events.next()
            }
        },
        Check("a deleted stream is gone") { run in
            try await run.log.create(run.stream)
            try await run.log.append([run.event(1)], to: run.stream)
            try await run.log.delete(run.stream)
            try await run.fails("reading", .notFound) { _ = try await run.readAll() }
            try await run.fails("deleting again", .notFound) { try await run.log.delete(run.stream) }
            try run.equal(try await run.log.list(prefix: "", after: nil, limit: 10), [], "the streams that are left")
        },
        Check("a stream made again gives no offset a second time") { run in
            var last = Offset.start
            for round in 0..<3 {
                try await run.log.create(run.stream)
                let batch = run.events(0..<(5 - round))
                try await run.log.append(batch, to: run.stream)
                for event in try await run.readAll() {
                    try run.require(event.offset > last, "\(event.offset) comes after \(last) was given")
                }
                if last != .start {
                    let old = last
                    try await run.fails("reading after an offset of the stream before", .gap) {
                        _ = try await run.readAll(after: old)
                    }
                }
                last = try await run.log.info(run.stream).tail
                try await run.log.delete(run.stream)
            }
        },
        Check("streams have nothing to do with each other") { run in
            let streams = try (0..<50).map { try StreamID("many/\($0)") }
            for stream in streams { try await run.log.create(stream) }
            for round in 0..<3 {
                for (index, stream) in streams.enumerated() {
                    try await run.log.append([run.event(index * 10 + round)], to: stream)
                }
            }
            try await run.log.delete(streams[7])
            try await run.log.close(streams[8])
            for (index, stream) in streams.enumerated() where index != 7 {
                try run.equal(try await run.numbers(stream), (0..<3).map { index * 10 + $0 }, "what \(stream) has")
                try run.equal(try await run.log.info(stream).isClosed, index == 8, "whether \(stream) is closed")
            }
        },
        Check("streams are listed in bytewise order, by prefix, page by page") { run in
            let names: [StreamID] = ["B", "a", "a-b", "a/b", "a/b/c", "a0", "ab", "~z"]
            for name in names.reversed() { try await run.log.create(name) }
            func list(_ prefix: String, _ after: StreamID?, _ limit: Int) async throws -> [StreamID] {
                try await run.log.list(prefix: prefix, after: after, limit: limit)
            }
            try run.equal(try await list("", nil, 100), names, "all streams")
            try run.equal(try await list("a", nil, 100), Array(names[1...6]), "those with the prefix a")
            try run.equal(try await list("a/", nil, 100), ["a/b", "a/b/c"], "those with the prefix a/")
            try run.equal(try await list("no", nil, 100), [], "those with another prefix")
            try run.equal(try await list("a", "a-b", 2), ["a/b", "a/b/c"], "two with the prefix a after a-b")
            try run.equal(try await list("", "a1", 100), ["ab", "~z"], "those after a name that there is not")
            try run.equal(try await list("", "~z", 100), [], "those after the last")
            try run.equal(try await list("", nil, 1), ["B"], "the first")
        },
    ]
}
