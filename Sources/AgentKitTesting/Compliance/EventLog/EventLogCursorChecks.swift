import DurableLog
import StreamCore

extension EventLogCompliance {
    static let cursorChecks = [
        Check("a cursor catches up, waits for more, and ends with the stream") { run in
            try await run.log.create(run.stream)
            try await run.log.append(run.events(0..<5), to: run.stream)
            let reader = run.reader(after: .start, pageLimit: PageLimit(events: 2))
            for number in 5..<10 { try await run.log.append([run.event(number)], to: run.stream) }
            _ = try await run.log.append(run.events(10..<12), to: run.stream, options: AppendOptions(closes: true))
            let seen = try await run.inTime("the reader") { try await reader.value }
            try run.equal(seen.map { run.number($0.event) }, Array(0..<12), "what it has seen")
            let late = run.reader(after: seen[6].offset)
            let rest = try await run.inTime("a reader from the middle") { try await late.value }
            try run.require(rest == Array(seen[7...]), "a reader from the middle has seen other events")
        },
        Check("append, close and delete each wake those who wait") { run in
            for what in ["append", "close", "delete"] {
                try await run.log.create(run.stream)
                let signal = try await run.log.signal(for: run.stream)
                let woken = Gate()
                let subscription = signal.subscribe { woken.open() }
                switch what {
                case "append": try await run.log.append([run.event(1)], to: run.stream)
                case "close": try await run.log.close(run.stream)
                default: try await run.log.delete(run.stream)
                }
                try await run.inTime("\(what): the wake-up") { try await woken.wait() }
                withExtendedLifetime(subscription) {}
                if what != "delete" { try await run.log.delete(run.stream) }
            }
        },
        Check("all who wait share one signal") { run in
            try await run.log.create(run.stream)
            let signal = try await run.log.signal(for: run.stream)
            try run.require(try await run.log.signal(for: run.stream) === signal, "it has two")
            try await run.log.delete(run.stream)
            try await run.log.create(run.stream)
            try run.require(try await run.log.signal(for: run.stream) !== signal, "another stream has the same")
        },
        Check("a waiting cursor is told when its stream is deleted, made again or not") { run in
            for isMadeAgain in [false, true] {
                try await run.log.create(run.stream)
                let signal = try await run.log.signal(for: run.stream)
                let count = signal.subscriberCount
                let reader = run.reader(after: .start)
                try await run.inTime("a cursor's subscription") {
                    while signal.subscriberCount == count { await Task.yield() }
                }
                try await run.log.delete(run.stream)
                if isMadeAgain {
                    try await run.log.create(run.stream)
                    _ = try await run.log.append([run.event(9)], to: run.stream, options: AppendOptions(closes: true))
                }
                let outcome = try await run.inTime("the cursor") { () async -> (Int, EventLogError.Code?) in
                    switch await reader.result {
                    case .success(let seen): (seen.count, nil)
                    case .failure(let error): (0, (error as? EventLogError)?.code)
                    }
                }
                // It may have waited still, or not have read yet: then it knows only the new stream.
                let isTold = outcome.1 == .notFound || isMadeAgain && (outcome.1 == .gap || outcome.0 == 1)
                try run.require(isTold, "it ends with \(outcome.0) events and \(outcome.1?.rawValue ?? "no error")")
                if isMadeAgain { try await run.log.delete(run.stream) }
            }
        },
        Check("a cancelled cursor that waits says so") { run in
            try await run.log.create(run.stream)
            try await run.log.append([run.event(1)], to: run.stream)
            let started = Gate()
            let task = Task {
                var events = run.log.cursor(over: run.stream).makeAsyncIterator()
                _ = try await events.next()
                started.open()
                _ = try await events.next()
            }
            try await run.inTime("the first event") { try await started.wait() }
            task.cancel()
            try await run.fails("the waiting cursor", .cancelled) { try await task.value }
        },
        Check("a cursor passes over what its filter does not want, and says how far it is") { run in
            try await run.log.create(run.stream)
            let events = (0..<30).map { run.event($0, type: $0 % 3 == 0 ? .tool : .content) }
            let last = try await run.log.append(events, to: run.stream).last
            let filter = EventFilter(types: [.tool])
            var cursor = run.log.cursor(over: run.stream, filter: filter, pageLimit: PageLimit(events: 2))
                .makeAsyncIterator()
            var seen: [Int] = []
            while cursor.offset < last { seen += try await cursor.nextPage()?.map { run.number($0.event) } ?? [] }
            try run.equal(seen, Array(stride(from: 0, to: 30, by: 3)), "what it has seen")
            let next = try await run.log.append([run.event(30)], to: run.stream).last
            try run.equal(try await cursor.nextPage()?.count, 0, "the events that pass the filter")
            try run.equal(cursor.offset, next, "where the cursor stands")
            try await run.log.close(run.stream)
            try run.require(try await cursor.nextPage() == nil, "it does not end")
        },
    ]
}

extension EventLogRun {
    /// A task that reads to the end of the stream.
    func reader(after offset: Offset, pageLimit: PageLimit = PageLimit()) -> Task<[LoggedEvent], any Error> {
        Task {
            var seen: [LoggedEvent] = []
            for try await event in log.cursor(over: stream, after: offset, filter: .all, pageLimit: pageLimit) {
                seen.append(event)
            }
            return seen
        }
    }
}
