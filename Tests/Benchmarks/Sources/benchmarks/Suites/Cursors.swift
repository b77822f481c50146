import CReference
import DurableLog
import StreamCore
import Synchronization

/// Readers that wait at the end of a stream in memory, all on one core, beside bare continuations that are resumed with the event.
///
/// The reference has no log, no offsets and no way to be late: it shows what waking a task costs in Swift, and no more.
let cursors = Suite(name: "cursors") { scale in
    let rounds = scale == .quick ? 10 : 200
    return [
        comparison("1,000 tail one stream, event by event", readers: 1000, rounds: rounds, batch: 1, limit: 500),
        comparison("1,000 tail one stream, 10 events at once", readers: 1000, rounds: rounds / 2, batch: 10),
        comparison("1 tails one stream, event by event", readers: 1, rounds: rounds * 200, batch: 1),
    ]
}

private func comparison(
    _ name: String, readers: Int, rounds: Int, batch: Int, limit: Double? = nil
) -> Comparison {
    let events = [StreamEvent](
        repeating: StreamEvent(
            type: .content, source: "agent-1", payload: Array(#"{"type":"content","content":" token"}"#.utf8)),
        count: batch)
    return Comparison(
        name: name, unit: "deliveries", count: readers * rounds * batch, bytes: 0,
        ours: Contender(name: "MemoryEventLog, EventCursor") {
            await pinned { await tail(events, readers: readers, rounds: rounds) }
        },
        references: [
            Contender(name: "bare continuations") {
                await pinned { await wake(events, readers: readers, rounds: rounds) }
            }
        ], limit: limit)
}

private func pinned(_ work: () async -> Int) async -> Int {
    _ = reference_pin()
    defer { reference_unpin() }
    return await work()
}

private func tail(_ events: [StreamEvent], readers: Int, rounds: Int) async -> Int {
    let log = MemoryEventLog(firstEra: 1)
    let arrivals = Arrivals()
    return await withTaskGroup(of: Int.self) { group in
        do throws(EventLogError) {
            try await log.create("bench")
            let signal = try await log.signal(for: "bench")
            for _ in 0..<readers {
                group.addTask {
                    var cursor = log.cursor(over: "bench").makeAsyncIterator()
                    var bytes = 0
                    do throws(EventLogError) {
                        while let batch = try await cursor.nextBatch() {
                            for event in batch { bytes += event.event.payload.count }
                            arrivals.arrive(batch.count)
                        }
                    } catch {
                        preconditionFailure("\(error)")
                    }
                    return bytes
                }
            }
            while signal.subscriberCount < readers { await Task.yield() }
            for _ in 0..<rounds {
                arrivals.expect(readers * events.count)
                try await log.append(events, to: "bench")
                await arrivals.wait()
            }
            try await log.close("bench")
        } catch {
            preconditionFailure("\(error)")
        }
        return await group.reduce(0, +)
    }
}

private func wake(_ events: [StreamEvent], readers: Int, rounds: Int) async -> Int {
    let parking = Parking()
    let arrivals = Arrivals()
    return await withTaskGroup(of: Int.self) { group in
        for _ in 0..<readers {
            group.addTask {
                var bytes = 0
                while true {
                    let batch = await parking.wait()
                    guard let batch else { return bytes }
                    for event in batch { bytes += event.payload.count }
                    arrivals.arrive(batch.count)
                }
            }
        }
        for round in 0...rounds {
            // All have come back to wait.
            while parking.count < readers { await Task.yield() }
            arrivals.expect(readers * events.count)
            parking.resumeAll(round < rounds ? events : nil)
            if round < rounds { await arrivals.wait() }
        }
        return await group.reduce(0, +)
    }
}

/// Where readers wait for a batch, or for the end.
private final class Parking: Sendable {
    private let waiting = Mutex<[UnsafeContinuation<[StreamEvent]?, Never>]>([])

    var count: Int { waiting.withLock { $0.count } }

    func wait() async -> [StreamEvent]? {
        await withUnsafeContinuation { continuation in waiting.withLock { $0.append(continuation) } }
    }

    func resumeAll(_ batch: [StreamEvent]?) {
        let continuations = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for continuation in continuations { continuation.resume(returning: batch) }
    }
}

/// Tells the writer when all readers have what it wrote.
private final class Arrivals: Sendable {
    private let missing = Atomic(0)
    private let writer = Mutex<(isDone: Bool, continuation: UnsafeContinuation<Void, Never>?)>((false, nil))

    func expect(_ count: Int) {
        writer.withLock { $0 = (false, nil) }
        missing.store(count, ordering: .sequentiallyConsistent)
    }

    func arrive(_ count: Int) {
        guard missing.subtract(count, ordering: .sequentiallyConsistent).newValue == 0 else { return }
        let continuation = writer.withLock { writer in
            writer.isDone = true
            return writer.continuation.take()
        }
        continuation?.resume()
    }

    func wait() async {
        await withUnsafeContinuation { continuation in
            let isDone = writer.withLock { writer in
                if !writer.isDone { writer.continuation = continuation }
                return writer.isDone
            }
            if isDone { continuation.resume() }
        }
    }
}
