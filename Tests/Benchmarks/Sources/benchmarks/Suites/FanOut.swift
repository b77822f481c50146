import DurableLog
import ServerSentEvents
import StreamCore
import StreamDelivery

/// The readers of one stream as a host pulls them, without a network: an event is appended, and every reader is pulled for it.
///
/// The reference writes the event anew for each reader, as a server does that has no feed: into one buffer, without a log, an offset or a place per reader.
let fanOut = Suite(name: "fan-out") { scale in
    let rounds = scale == .quick ? 10 : 500
    return [
        comparison("1,000 readers of an event stream, event by event", readers: 1000, rounds: rounds, batch: 1),
        comparison("1,000 readers, 10 events at once", readers: 1000, rounds: rounds / 5, batch: 10),
        comparison(
            "1,000 readers who want one agent of ten, 10 events at once", readers: 1000, rounds: rounds / 5, batch: 10,
            filter: EventFilter(sources: ["agent-3"])),
    ]
}

private func comparison(
    _ name: String, readers: Int, rounds: Int, batch: Int, filter: EventFilter = .public
) -> Comparison {
    let events = (0..<batch).map { number in
        StreamEvent(
            type: .content, source: "agent-\(number % 10)",
            payload: Array(#"{"type":"content","block":0,"content":" token"}"#.utf8))
    }
    let wanted = events.filter { filter.includes($0) }
    return Comparison(
        name: name, unit: "deliveries", count: readers * rounds * wanted.count, bytes: 0,
        ours: Contender(name: "MemoryEventLog, DeliveryHub") {
            await pull(events, filter, readers: readers, rounds: rounds)
        },
        references: [
            Contender(name: "written for each reader") {
                write(wanted, readers: readers, rounds: rounds)
            }
        ])
}

private func pull(_ events: [StreamEvent], _ filter: EventFilter, readers count: Int, rounds: Int) async -> Int {
    let log = MemoryEventLog(firstEra: 1)
    let hub = DeliveryHub(log: log)
    var bytes = 0
    do throws(EventLogError) {
        try await log.create("bench")
        var readers: [FeedReader] = []
        for _ in 0..<count {
            readers.append(try await hub.open("bench", filter: filter, format: .serverSentEvents).reader)
        }
        for _ in 0..<rounds {
            try await log.append(events, to: "bench")
            for reader in readers {
                while case .piece(let piece) = reader.next(maxBytes: 64 << 10) { bytes += piece.range.count }
            }
        }
    } catch {
        preconditionFailure("\(error)")
    }
    return bytes
}

private func write(_ events: [StreamEvent], readers: Int, rounds: Int) -> Int {
    var bytes = 0
    var buffer: [UInt8] = []
    var index: UInt64 = 0
    for _ in 0..<rounds {
        for _ in 0..<readers {
            buffer.removeAll(keepingCapacity: true)
            for (place, event) in events.enumerated() {
                let offset = Offset(era: 1, index: index + UInt64(place) + 1) ?? .start
                try? ServerSentEventSerializer.append(
                    data: event.payload, type: event.type.rawValue, id: offset.description, to: &buffer)
            }
            bytes += buffer.count
        }
        index += UInt64(events.count)
    }
    return bytes
}
