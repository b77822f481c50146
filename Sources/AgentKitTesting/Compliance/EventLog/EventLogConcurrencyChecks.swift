import DurableLog
import StreamCore

extension EventLogCompliance {
    static let concurrencyChecks = [
        Check("many producers, many readers: each sees everything once and in order") { run in
            try await run.log.create(run.stream)
            let count = run.expectations.eventsPerProducer
            let readers = (0..<6).map { run.reader(after: .start, pageLimit: PageLimit(events: 1 + $0 * 13)) }
            try await run.inTime("the producers") {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for producer in 0..<4 {
                        group.addTask {
                            for number in 0..<count {
                                _ = try await run.log.append(
                                    [run.event(producer * 1_000_000 + number)], to: run.stream,
                                    options: AppendOptions(producer: run.stamp("p\(producer)", 1, UInt64(number))))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await run.log.close(run.stream)
            let all = try await run.readAll()
            try run.equal(all.count, 4 * count, "the events")
            for producer in 0..<4 {
                let own = all.map { run.number($0.event) }.filter { $0 / 1_000_000 == producer }
                try run.equal(own, (0..<count).map { producer * 1_000_000 + $0 }, "those of producer \(producer)")
            }
            for (place, reader) in readers.enumerated() {
                let seen = try await run.inTime("reader \(place)") { try await reader.value }
                try run.require(seen == all, "reader \(place) has seen \(seen.count) events, and not what is there")
            }
        },
        Check("readers that come at any time lose nothing between catching up and waiting") { run in
            try await run.log.create(run.stream)
            let count = 4 * run.expectations.eventsPerProducer
            var readers: [(Int, Task<[LoggedEvent], any Error>)] = []
            for number in 0..<count {
                let last = try await run.log.append([run.event(number)], to: run.stream).last
                if number.isMultiple(of: max(1, count / 50)) {
                    readers.append((number, run.reader(after: last, pageLimit: PageLimit(events: 3))))
                }
            }
            try await run.log.close(run.stream)
            for (start, reader) in readers {
                let seen = try await run.inTime("the reader from \(start)") { try await reader.value }
                try run.equal(
                    seen.map { run.number($0.event) }, Array((start + 1)..<count),
                    "what the reader from \(start) has seen")
            }
        },
        Check("no reader sees a part of a batch") { run in
            try await run.log.create(run.stream)
            let rounds = max(10, run.expectations.eventsPerProducer / 2)
            let writer = Task {
                for round in 0..<rounds {
                    try await run.log.append(run.events((round * 7)..<(round * 7 + 7)), to: run.stream)
                }
            }
            var offset = Offset.start
            var seen = 0
            while seen < rounds * 7 {
                let page = try await run.log.read(run.stream, after: offset, limit: PageLimit(events: 100_000))
                seen += page.events.count
                try run.require(seen.isMultiple(of: 7), "a reader sees \(seen % 7) events of a batch of 7")
                offset = page.next
                await Task.yield()
            }
            try await run.inTime("the writer") { try await writer.value }
        },
        Check("of appends at once to a stream that closes, those before the end are there and no other") { run in
            try await run.log.create(run.stream)
            let written = try await run.inTime("the appends") {
                try await withThrowingTaskGroup(of: Int?.self) { group in
                    for number in 0..<40 {
                        group.addTask {
                            do throws(EventLogError) {
                                let options = AppendOptions(closes: number == 20)
                                _ = try await run.log.append([run.event(number)], to: run.stream, options: options)
                                return number
                            } catch {
                                guard error.code == .closed else { throw error }
                                return nil
                            }
                        }
                    }
                    return try await group.reduce(into: Set<Int>()) { if let number = $1 { $0.insert(number) } }
                }
            }
            let numbers = try await run.numbers()
            try run.equal(Set(numbers), written, "the events")
            try run.equal(numbers.count, written.count, "the number of events")
            try run.equal(numbers.last, 20, "the last event")
        },
    ]
}
