import AgentKitTesting
import DurableLog
import StreamCore
import Testing

/// The suite that every log passes, with writes that go through the writer and reads through a reader beside it.
@Suite struct ReaderComplianceTests {
    /// What only the writer can do: reading beside it changes nothing, not even a lifetime.
    static let leftOut: Set<String> = ["a sliding lifetime is extended by appends and reads, and by nothing else"]

    @Test(arguments: EventLogCompliance.checks.filter { !leftOut.contains($0.name) })
    func complies(_ check: EventLogCompliance.Check) async throws {
        try await check.run(
            on: EventLogCompliance.Subject(
                reopen: { log, clock in
                    guard let log = log as? SplitLog else { return log }
                    await log.writer.shutDown()
                    return try SplitLog(log.directory, clock)
                },
                discard: { log in
                    guard let log = log as? SplitLog else { return }
                    await log.writer.shutDown()
                    TemporaryFolder.remove(log.directory)
                },
                make: { try SplitLog(TemporaryFolder.make(), $0) }),
            expecting: .init(refusedBatchSize: 1 << 20, patience: .seconds(120)))
    }
}

/// A log whose writes go through a writer and whose reads go through a reader of the same directory.
struct SplitLog: EventLog {
    let directory: String
    let writer: FileEventLog
    let reader: FileLogReader

    init(_ directory: String, _ clock: @escaping @Sendable () -> Timestamp) throws {
        self.directory = directory
        let options = FileLogOptions(
            segmentBytes: 64 << 10, maxBatchBytes: 1 << 20, maxOpenStreams: 8, wallClock: clock)
        writer = try FileEventLog(directory: directory, options: options)
        reader = FileEventLog.reader(directory: directory, options: options)
    }

    func create(_ stream: StreamID, options: StreamOptions) async throws(EventLogError) -> StreamCreation {
        try await writer.create(stream, options: options)
    }

    func append(
        _ events: [StreamEvent], to stream: StreamID, options: AppendOptions
    ) async throws(EventLogError) -> AppendResult {
        try await writer.append(events, to: stream, options: options)
    }

    func claim(_ producer: ProducerID, in stream: StreamID) async throws(EventLogError) -> UInt64 {
        try await writer.claim(producer, in: stream)
    }

    func delete(_ stream: StreamID) async throws(EventLogError) { try await writer.delete(stream) }

    func read(_ stream: StreamID, after offset: Offset, limit: PageLimit) async throws(EventLogError) -> EventPage {
        try await reader.read(stream, after: offset, limit: limit)
    }

    func info(_ stream: StreamID) async throws(EventLogError) -> StreamInfo { try await reader.info(stream) }

    func signal(for stream: StreamID) async throws(EventLogError) -> AppendSignal {
        try await reader.signal(for: stream)
    }

    func list(prefix: String, after name: StreamID?, limit: Int) async throws(EventLogError) -> [StreamID] {
        try await reader.list(prefix: prefix, after: name, limit: limit)
    }
}
