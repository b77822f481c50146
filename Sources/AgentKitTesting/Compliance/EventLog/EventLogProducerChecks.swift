import DurableLog
import StreamCore

extension EventLogCompliance {
    static let producerChecks = [
        Check("an append that comes again is acknowledged, not written twice") { run in
            try await run.log.create(run.stream)
            let epoch = try await run.log.claim(run.producer("p"), in: run.stream)
            var results: [AppendResult] = []
            for number in 0..<6 { results.append(try await run.append(number, run.stamp("p", epoch, UInt64(number)))) }
            try await run.log.append([run.event(6)], to: run.stream)
            // Those that may be on their way at once, the last one first.
            for number in (2..<6).reversed() {
                let again = try await run.append(number, run.stamp("p", epoch, UInt64(number)))
                try run.equal(
                    again,
                    AppendResult(last: results[number].last, isDuplicate: true, producerSequence: 5),
                    "the result of number \(number)")
            }
            try run.equal(try await run.numbers(), Array(0...6), "the events")
            try run.require(
                try await !run.append(7, run.stamp("p", epoch, 6)).isDuplicate, "the next append is a duplicate")
        },
        Check("a number that comes again with another content is an error") { run in
            try await run.log.create(run.stream)
            let stamp = try run.stamp("p", 0, 0)
            _ = try await run.append(1, stamp)
            try await run.fails("another payload", .checksumMismatch) { try await run.append(2, stamp) }
            try await run.fails("another header", .checksumMismatch) {
                _ = try await run.log.append(
                    [run.event(1, type: .tool)], to: run.stream, options: AppendOptions(producer: stamp))
            }
            try await run.fails("one more event", .checksumMismatch) {
                _ = try await run.log.append(
                    run.events(1...2), to: run.stream, options: AppendOptions(producer: stamp))
            }
            try await run.fails("the same, and the end", .checksumMismatch) {
                _ = try await run.log.append(
                    [run.event(1)], to: run.stream, options: AppendOptions(producer: stamp, closes: true))
            }
            try run.equal(try await run.numbers(), [1], "the events")
            try run.require(try await !run.log.info(run.stream).isClosed, "the stream is closed")
        },
        Check("a producer that skips a number is told the one that comes next") { run in
            try await run.log.create(run.stream)
            for (number, expected) in [(3, 0), (1, 0)] {
                let error = try await run.fails("number \(number) first", .producerGap) {
                    try await run.append(9, run.stamp("p", 0, UInt64(number)))
                }
                try run.equal(error.expectedSequence, UInt64(expected), "the number that comes next")
            }
            _ = try await run.append(0, run.stamp("p", 0, 0))
            _ = try await run.append(1, run.stamp("p", 0, 1))
            let error = try await run.fails("number 3 after 1", .producerGap) {
                try await run.append(9, run.stamp("p", 0, 3))
            }
            try run.equal(error.expectedSequence, 2, "the number that comes next")
            _ = try await run.append(2, run.stamp("p", 0, 2))
            try run.equal(try await run.numbers(), [0, 1, 2], "the events")
        },
        Check("a repetition is a repetition, whatever its sequence text says") { run in
            try await run.log.create(run.stream)
            let options = AppendOptions(producer: try run.stamp("p", 0, 0), sequence: "a")
            let first = try await run.log.append([run.event(1)], to: run.stream, options: options)
            let again = try await run.log.append([run.event(1)], to: run.stream, options: options)
            try run.equal(again, AppendResult(last: first.last, isDuplicate: true, producerSequence: 0), "its result")
        },
        Check("the append that closed a stream can be repeated") { run in
            try await run.log.create(run.stream)
            let options = AppendOptions(producer: try run.stamp("p", 0, 0), closes: true)
            let first = try await run.log.append([run.event(1)], to: run.stream, options: options)
            let again = try await run.log.append([run.event(1)], to: run.stream, options: options)
            try run.equal(again, AppendResult(last: first.last, isDuplicate: true, producerSequence: 0), "its result")
            try await run.fails("another content", .checksumMismatch) {
                _ = try await run.log.append([run.event(2)], to: run.stream, options: options)
            }
            try await run.fails("the next number", .closed) { try await run.append(2, run.stamp("p", 0, 1)) }
        },
        Check("producers and streams have each their own numbers") { run in
            let other: StreamID = "compliance/other"
            try await run.log.create(run.stream)
            try await run.log.create(other)
            for number in 0..<3 {
                for producer in ["p", "q", "Π"] {
                    let options = AppendOptions(producer: try run.stamp(producer, 0, UInt64(number)))
                    for stream in [run.stream, other] {
                        let result = try await run.log.append([run.event(number)], to: stream, options: options)
                        try run.require(
                            !result.isDuplicate, "number \(number) of \(producer) is a duplicate in \(stream)")
                    }
                }
            }
            try run.equal(try await run.numbers(), [0, 0, 0, 1, 1, 1, 2, 2, 2], "the events")
        },
    ]

    static let fencingChecks = [
        Check("claims give rising epochs, to each producer its own") { run in
            try await run.log.create(run.stream)
            var last: UInt64 = 0
            for _ in 0..<5 {
                let epoch = try await run.log.claim(run.producer("p"), in: run.stream)
                try run.require(epoch > last, "epoch \(epoch) is claimed after \(last)")
                last = epoch
            }
            _ = try await run.append(1, run.stamp("p", last + 10, 0))
            let next = try await run.log.claim(run.producer("p"), in: run.stream)
            try run.require(next > last + 10, "epoch \(next) is claimed after \(last + 10) was used")
            try await run.log.close(run.stream)
            try await run.fails("claiming in a closed stream", .closed) {
                _ = try await run.log.claim(run.producer("p"), in: run.stream)
            }
        },
        Check("no two claims at once get the same epoch") { run in
            try await run.log.create(run.stream)
            let epochs = try await withThrowingTaskGroup(of: UInt64.self) { group in
                for _ in 0..<32 {
                    group.addTask { try await run.log.claim(run.producer("p"), in: run.stream) }
                }
                return try await group.reduce(into: Set<UInt64>()) { $0.insert($1) }
            }
            try run.equal(epochs.count, 32, "the different epochs of 32 claims")
        },
        Check("an older epoch is refused and told the newest") { run in
            try await run.log.create(run.stream)
            let first = try await run.log.claim(run.producer("p"), in: run.stream)
            _ = try await run.append(0, run.stamp("p", first, 0))
            let second = try await run.log.claim(run.producer("p"), in: run.stream)
            for sequence: UInt64 in [0, 1, 2] {
                let error = try await run.fails("number \(sequence) of the older epoch", .staleEpoch) {
                    try await run.append(9, run.stamp("p", first, sequence))
                }
                try run.equal(error.epoch, second, "the newest epoch")
            }
            _ = try await run.append(1, run.stamp("p", second, 0))
            try run.equal(try await run.numbers(), [0, 1], "the events")
        },
        Check("an epoch that a producer takes by itself fences too, and begins with number 0") { run in
            try await run.log.create(run.stream)
            _ = try await run.append(0, run.stamp("p", 0, 0))
            let error = try await run.fails("number 1 of a new epoch", .newEpochSequence) {
                try await run.append(9, run.stamp("p", 7, 1))
            }
            try run.equal(error.expectedSequence, 0, "the number that comes next")
            // What was refused fences nobody.
            _ = try await run.append(1, run.stamp("p", 0, 1))
            _ = try await run.append(2, run.stamp("p", 7, 0))
            try await run.fails("the older epoch", .staleEpoch) { try await run.append(9, run.stamp("p", 0, 2)) }
            try run.equal(try await run.numbers(), [0, 1, 2], "the events")
        },
        Check("of claimants at once, none writes after another took over") { run in
            try await run.log.create(run.stream)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<10 {
                            let epoch = try await run.log.claim(run.producer("p"), in: run.stream)
                            do throws(EventLogError) {
                                for sequence in 0..<5 {
                                    let stamp = ProducerStamp(
                                        id: ProducerID(rawValue: "p")!, epoch: epoch, sequence: UInt64(sequence))
                                    _ = try await run.log.append(
                                        [run.event(Int(epoch) * 10 + sequence)], to: run.stream,
                                        options: AppendOptions(producer: stamp))
                                }
                            } catch {
                                guard error.code == .staleEpoch else { throw error }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let numbers = try await run.numbers()
            for (before, after) in zip(numbers, numbers.dropFirst()) {
                let follows = after == before + 1 || (after > before && after % 10 == 0)
                try run.require(follows, "event \(after % 10) of epoch \(after / 10) comes behind \(before)")
            }
            try run.equal(numbers.last.map { $0 % 10 }, 4, "the last number of the last epoch")
        },
        Check("who was fenced stays so, however many producers come") { run in
            try await run.log.create(run.stream)
            let first = try await run.log.claim(run.producer("p"), in: run.stream)
            let second = try await run.log.claim(run.producer("p"), in: run.stream)
            for number in 0..<2500 { _ = try await run.append(number, run.stamp("other-\(number)", 0, 0)) }
            for sequence: UInt64 in [0, 1] {
                try await run.fails("number \(sequence) of the older epoch", .staleEpoch) {
                    try await run.append(9, run.stamp("p", first, sequence))
                }
            }
            let third = try await run.log.claim(run.producer("p"), in: run.stream)
            try run.require(third > second, "epoch \(third) is claimed after \(second)")
            try run.equal(try await run.numbers().count, 2500, "the events")
        },
    ]
}
