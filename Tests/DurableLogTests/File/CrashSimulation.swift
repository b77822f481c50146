import AgentKitTesting
import DurableLog
import StreamCore
import Synchronization
import Testing

/// Appends at random to a log whose file system fails and loses its power, and holds what is found against what was acknowledged.
struct CrashSimulation {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// An append as its caller knows it.
    struct Batch: Sendable {
        var numbers: [Int]
        var last: Offset?
        var isSynced = false
        /// Nil until it was answered.
        var isAcknowledged: Bool?
    }

    let seed: UInt64
    /// Whether calls of the file system fail on the way.
    var hasFaults = false
    let stream: StreamID = "s"

    private var options: FileLogOptions { FileLogOptions(segmentBytes: 64 << 10, recentBytes: 2048) }

    func run(rounds: Int = 4) async throws {
        var random = SeededRandom(seed: seed)
        var system = FaultInjectingFileSystem()
        var kept: [Batch] = []
        var greatest = Offset.start
        var number = 0
        // When only the process ends, the system lives on, and has everything that it was given.
        var losesNothing = true
        for _ in 0..<rounds {
            let log = try system.openLog(options: options)
            try await log.create(stream)
            kept = try await check(log, kept, greatest, losesNothing: losesNothing)
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                if hasFaults, Int.random(in: 0..<10, using: &random) == 0 { inject(into: system, &random) }
                var batch = Batch(numbers: [])
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    batch.numbers.append(number)
                    number += 1
                }
                batch.isSynced = Int.random(in: 0..<4, using: &random) == 0
                let size = [20, 200, 3000, 30_000].randomElement(using: &random) ?? 20
                let events = batch.numbers.map { event($0, size) }
                do throws(EventLogError) {
                    let result = try await log.append(
                        events, to: stream, options: AppendOptions(durability: batch.isSynced ? .synced : .buffered))
                    batch.last = result.last
                    batch.isAcknowledged = true
                    try require(result.last > greatest, "\(result.last) was given before, up to \(greatest)")
                    greatest = max(greatest, result.last)
                } catch {
                    guard error.code == .storage else { throw error }
                    batch.isAcknowledged = false
                }
                kept.append(batch)
                if batch.isAcknowledged == true, batch.isSynced {
                    // What was appended before is as durable, whatever became of it.
                    for index in kept.indices where kept[index].isAcknowledged == true { kept[index].isSynced = true }
                }
            }
            system.heal()
            let isPowerLoss = Bool.random(using: &random)
            let old = system
            system = isPowerLoss ? old.withoutPower(seed: random.next()) : old.crashed()
            losesNothing = !isPowerLoss
        }
        let log = try system.openLog(options: options)
        _ = try await check(log, kept, greatest, losesNothing: losesNothing)
    }

    private func inject(into system: FaultInjectingFileSystem, _ random: inout SeededRandom) {
        let calls: [FileFailure.Call] = [.write, .allocate, .sync, .syncDirectory, .open, .truncate, .rename]
        let kinds: [FileFailure.Kind] = [.full, .inputOutput, .short(7), .shortThenFull(100)]
        let call = calls.randomElement(using: &random) ?? .write
        let kind = call == .write ? kinds.randomElement(using: &random) ?? .full : .inputOutput
        system.fail(
            FileFailure(
                call, number: Int.random(in: 1...4, using: &random), kind, times: Int.random(in: 1...3, using: &random))
        )
    }

    /// What is there must be what was acknowledged, in order, without holes, and with everything that was synced.
    private func check(
        _ log: FileEventLog, _ kept: [Batch], _ greatest: Offset, losesNothing: Bool
    ) async throws -> [Batch] {
        let found = try await numbers(log)
        var rest = kept[...]
        var position = 0
        var left: [Batch] = []
        while position < found.count {
            guard let batch = rest.popFirst() else { throw failure("\(found[position]) was never appended") }
            if found[position] != batch.numbers[0] {
                try require(batch.isAcknowledged != true, "batch \(batch) is missing before \(found[position])")
                continue
            }
            try require(batch.isAcknowledged == true, "batch \(batch) was refused, and is there")
            try require(
                found[position...].starts(with: batch.numbers), "batch \(batch) is there in part")
            position += batch.numbers.count
            left.append(batch)
        }
        for batch in rest where batch.isAcknowledged == true {
            try require(
                !losesNothing && !batch.isSynced,
                "batch \(batch) was synced, and is gone; \(found.count) events are left")
            if let last = batch.last { try await requireGap(log, last) }
        }
        return left
    }

    private func requireGap(_ log: FileEventLog, _ offset: Offset) async throws {
        do throws(EventLogError) {
            let page = try await log.read(stream, after: offset, limit: PageLimit())
            throw EventLogError(.corrupt, stream, "the page after a lost offset is \(page)")
        } catch {
            if error.code != .gap { throw failure("after the lost offset \(offset) comes \(error)") }
        }
    }

    private func numbers(_ log: FileEventLog) async throws -> [Int] {
        var numbers: [Int] = []
        var offset = Offset.start
        while true {
            let page = try await log.read(stream, after: offset, limit: PageLimit(events: 100))
            numbers += page.events.map { number($0.event) }
            offset = page.next
            if page.isUpToDate { return numbers }
        }
    }

    private func event(_ number: Int, _ size: Int) -> StreamEvent {
        let text = "{\"n\":\(number)}"
        return StreamEvent(
            type: .content, source: "a", payload: Array((text + String(repeating: " ", count: size)).utf8))
    }

    private func number(_ event: StreamEvent) -> Int {
        Int(String(decoding: event.payload.dropFirst(5).prefix { $0 != UInt8(ascii: "}") }, as: UTF8.self)) ?? -1
    }

    private func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(EventLogError) {
        if !condition { throw EventLogError(.corrupt, stream, "seed \(seed): " + message()) }
    }

    private func failure(_ text: String) -> Failure { Failure(description: "seed \(seed): " + text) }
}
