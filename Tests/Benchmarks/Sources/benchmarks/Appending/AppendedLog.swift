import CReference
import DurableLog
import StreamCore

/// A `FileEventLog` that is appended to.
@MainActor
final class AppendedLog {
    private static let stream: StreamID = "bench"
    private let event: StreamEvent
    private var log: FileEventLog?
    private var appended = 0
    private static let maxEvents = 1_000_000

    init(payload: [UInt8]) {
        event = StreamEvent(type: .content, source: "agent-1", payload: payload)
    }

    /// The seconds that `count` appends of one event take, by so many tasks at once and by a clock.
    func append(
        _ count: Int, writers: Int, _ durability: Durability, clock: @escaping @Sendable () -> Double
    ) async -> Double {
        do throws(EventLogError) {
            let log = try await prepared()
            appended += count
            return await measure(
                log, AppendedLog.stream, event, count, writers, AppendOptions(durability: durability), clock)
        } catch {
            fatalError("\(error)")
        }
    }

    /// The log with its stream, whose first segment is there.
    ///
    /// The stream is made anew seldom: what a file system does about files that were just removed would be measured otherwise.
    private func prepared() async throws(EventLogError) -> FileEventLog {
        if let log, appended < AppendedLog.maxEvents { return log }
        if let log {
            try await log.delete(AppendedLog.stream)
        } else {
            log = try FileEventLog(directory: ScratchFolder.fresh("log"))
        }
        guard let log else { fatalError("it was just made") }
        appended = 0
        try await log.create(AppendedLog.stream)
        _ = try await log.append([event], to: AppendedLog.stream, options: AppendOptions(durability: .synced))
        return log
    }

    func end() async {
        await log?.shutDown()
        log = nil
        _ = ScratchFolder.fresh("log")
    }
}

@concurrent
private func measure(
    _ log: FileEventLog, _ stream: StreamID, _ event: StreamEvent, _ count: Int, _ writers: Int,
    _ options: AppendOptions,
    _ clock: @Sendable () -> Double
) async -> Double {
    let start = clock()
    if writers == 1 {
        await append(log, stream, event, count, options)
    } else {
        await withDiscardingTaskGroup { group in
            for _ in 0..<writers { group.addTask { await append(log, stream, event, count / writers, options) } }
        }
    }
    return clock() - start
}

@concurrent
private func append(
    _ log: FileEventLog, _ stream: StreamID, _ event: StreamEvent, _ count: Int, _ options: AppendOptions
) async {
    do throws(EventLogError) {
        for _ in 0..<count { _ = try await log.append([event], to: stream, options: options) }
    } catch {
        fatalError("\(error)")
    }
}
