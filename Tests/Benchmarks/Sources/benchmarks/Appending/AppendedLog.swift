import CReference
import DurableLog
import StreamCore

/// A `FileEventLog` that is appended to; its stream is made anew for each run, outside of what is measured.
@MainActor
final class AppendedLog {
    private static let stream: StreamID = "bench"
    private let event: StreamEvent
    private var log: FileEventLog?

    init(payload: [UInt8]) {
        event = StreamEvent(type: .content, source: "agent-1", payload: payload)
    }

    /// The seconds that `count` appends of one event take, by so many tasks at once and by a clock.
    func append(
        _ count: Int, writers: Int, _ durability: Durability, clock: @escaping @Sendable () -> Double
    ) async -> Double {
        do throws(EventLogError) {
            if self.log == nil { self.log = try FileEventLog(directory: ScratchFolder.fresh("log")) }
            guard let log = self.log else { return 0 }
            if try await log.list(prefix: "bench", after: nil, limit: 1).count > 0 {
                try await log.delete(AppendedLog.stream)
            }
            try await log.create(AppendedLog.stream)
            // The first segment is there.
            _ = try await log.append(
                [event], to: AppendedLog.stream, options: AppendOptions(durability: .synced))
            return await measure(
                log, AppendedLog.stream, event, count, writers, AppendOptions(durability: durability), clock)
        } catch {
            fatalError("\(error)")
        }
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
