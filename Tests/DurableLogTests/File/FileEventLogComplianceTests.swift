import AgentKitTesting
import DurableLog
import StreamCore
import Synchronization
import Testing

/// The suite that every log passes, on a real directory and on the one in memory, reopened after a shutdown and after a crash.
@Suite struct FileEventLogComplianceTests {
    @Test(arguments: EventLogCompliance.checks)
    func compliesOnDisk(_ check: EventLogCompliance.Check) async throws {
        let folders = Mutex<[ObjectIdentifier: String]>([:])
        @Sendable func open(_ folder: String, _ clock: @escaping @Sendable () -> Timestamp) throws -> FileEventLog {
            let log = try FileEventLog(
                directory: folder, options: FileLogOptions(maxBatchBytes: 1 << 20, maxOpenStreams: 8, wallClock: clock))
            folders.withLock { $0[ObjectIdentifier(log)] = folder }
            return log
        }
        @Sendable func close(_ log: any EventLog) async -> String {
            guard let log = log as? FileEventLog else { return "" }
            await log.shutDown()
            return folders.withLock { $0[ObjectIdentifier(log)] } ?? ""
        }
        try await check.run(
            on: EventLogCompliance.Subject(
                reopen: { log, clock in try open(await close(log), clock) },
                discard: { TemporaryFolder.remove(await close($0)) },
                make: { try open(TemporaryFolder.make(), $0) }),
            expecting: .init(refusedBatchSize: 1 << 20))
    }

    @Test(arguments: EventLogCompliance.checks)
    func compliesAfterACrash(_ check: EventLogCompliance.Check) async throws {
        let systems = Mutex<[ObjectIdentifier: FaultInjectingFileSystem]>([:])
        @Sendable func open(
            _ system: FaultInjectingFileSystem, _ clock: @escaping @Sendable () -> Timestamp
        ) throws -> FileEventLog {
            let log = try system.openLog(
                options: FileLogOptions(segmentBytes: 64 << 10, maxOpenStreams: 8, wallClock: clock))
            systems.withLock { $0[ObjectIdentifier(log)] = system }
            return log
        }
        try await check.run(
            on: EventLogCompliance.Subject(
                reopen: { log, clock in
                    let system = systems.withLock { $0[ObjectIdentifier(log as AnyObject)] }
                    return try open((system ?? FaultInjectingFileSystem()).crashed(), clock)
                },
                make: { try open(FaultInjectingFileSystem(), $0) }))
    }
}
