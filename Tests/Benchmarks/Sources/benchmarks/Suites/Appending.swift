import CReference
import DurableLog

/// Appends of single events of 200 bytes to a `FileEventLog`, beside plain files, SQLite and Redis.
///
/// What waits for the disk is measured by the wall clock, in rounds so short that what else the machine does falls on all; what does not, by CPU time.
let appending = Suite(name: "appending") { scale in
    let payload =
        Array(#"{"type":"content","content":""#.utf8) + [UInt8](repeating: 120, count: 169) + Array(#""}"#.utf8)
    let references = MainActor.assumeIsolated { AppendingReferences(event: payload) }
    let ours = MainActor.assumeIsolated { AppendedLog(payload: payload) }
    let one = scale == .quick ? 25 : 50
    let many = scale == .quick ? 256 * 20 : 256 * 80
    let buffered = scale == .quick ? 20_000 : 100_000

    func contender(
        _ name: String, _ count: Int, goal: Double? = nil, floor: Double? = nil,
        _ run: @escaping @MainActor () -> Double
    ) -> Contender {
        Contender(
            name: name, goal: goal, floor: floor, measuring: { Contender.Outcome(sum: count, seconds: await run()) })
    }
    func comparison(
        _ name: String, _ count: Int, writers: Int, _ durability: Durability, _ others: [Contender],
        clock: @escaping @Sendable () -> Double = { reference_wall_seconds() }, roundsEach: Int
    ) -> Comparison {
        Comparison(
            name: name, unit: "events", count: count, bytes: 0,
            ours: Contender(
                name: "FileEventLog",
                measuring: {
                    let seconds = await ours.append(count, writers: writers, durability, clock: clock)
                    return Contender.Outcome(sum: count, seconds: seconds)
                }),
            references: others, clock: clock, roundsEach: roundsEach,
            end: {
                await references.end()
                await ours.end()
            })
    }
    func databases(writers: Int, _ count: Int) -> [Contender] {
        var found: [Contender] = []
        if reference_sqlite_is_there() {
            found.append(
                contender("SQLite WAL FULL", count, goal: 1, floor: writers == 1 ? 0.3 : 1) {
                    // Writers who take turns: it would take too long to have them insert as much as the others.
                    let share = writers == 1 ? 1 : 20
                    return Double(share) * references.sqlite(writers, count / share)
                })
        } else {
            note("no libsqlite3 on this machine: not beside SQLite")
        }
        // Its client needs epoll; one writer is asked to be beside plain files and SQLite only.
        #if os(Linux)
            if writers > 1, RedisServer.program != nil {
                found.append(
                    contender("Redis always, connections", count, goal: 3, floor: 0.8) {
                        references.redis(writers, count)
                    })
            }
            if writers > 1, RedisServer.program == nil { note("no redis-server on the PATH: not beside Redis") }
        #endif
        return found
    }
    return [
        comparison(
            "synced, 1 writer", one, writers: 1, .synced,
            [
                contender("fdatasync, preallocated", one, goal: 0.8, floor: 0.25) { references.sync(one) }
            ] + databases(writers: 1, one), roundsEach: 4),
        comparison(
            "synced, 256 writers", many, writers: 256, .synced,
            [
                contender("group commit, threads", many, goal: 3, floor: 0.8) {
                    references.group(256, many, preallocated: false)
                },
                contender("the same, preallocated", many) { references.group(256, many, preallocated: true) },
                contender("no threads, preallocated", many) { references.batches(of: 256, many) },
            ] + databases(writers: 256, many), roundsEach: 1),
        comparison(
            "buffered, 1 writer, CPU", buffered, writers: 1, .buffered,
            [contender("write(2)", buffered, goal: 0.4, floor: 0.2) { references.write(buffered) }],
            clock: { reference_cpu_seconds() }, roundsEach: 2),
    ]
}
