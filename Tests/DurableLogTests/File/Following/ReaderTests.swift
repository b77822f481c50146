import AgentKitTesting
import DurableLog
import StreamCore
import Synchronization
import Testing

/// What is particular to reading beside the writer; what every log does is in the compliance suite.
@Suite struct ReaderTests {
    private func event(_ number: Int) -> [StreamEvent] {
        [StreamEvent(type: .content, payload: Array("\(number)".utf8))]
    }

    private func code(_ body: () async throws -> Void) async -> EventLogError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? EventLogError)?.code
        }
    }

    @Test func whatIsNotThereYetIsSaidSoAndFoundLater() async throws {
        try await TemporaryFolder.with { folder in
            let directory = folder + "/log"
            let reader = FileEventLog.reader(directory: directory)
            #expect(await code { _ = try await reader.read("s", after: .start, limit: PageLimit()) } == .notFound)
            #expect(await code { _ = try await reader.list(prefix: "", after: nil, limit: 1) } == .notFound)
            #expect(await code { _ = try await reader.verify() } == .notFound)
            let log = try FileEventLog(directory: directory)
            #expect(try await reader.list(prefix: "", after: nil, limit: 1).isEmpty)
            #expect(await code { _ = try await reader.info("s") } == .notFound)
            try await log.create("s")
            try await log.append(event(1), to: "s")
            #expect(try await reader.read("s", after: .start, limit: PageLimit()).events.count == 1)
            await log.shutDown()
        }
    }

    @Test func writingIsRefused() async throws {
        try await TemporaryFolder.with { folder in
            let log = try FileEventLog(directory: folder)
            try await log.create("s")
            let reader = FileEventLog.reader(directory: folder)
            let producer = try #require(ProducerID(rawValue: "p"))
            #expect(await code { _ = try await reader.create("t") } == .unavailable)
            #expect(await code { _ = try await reader.append(event(1), to: "s") } == .unavailable)
            #expect(await code { _ = try await reader.claim(producer, in: "s") } == .unavailable)
            #expect(await code { try await reader.delete("s") } == .unavailable)
            await log.shutDown()
        }
    }

    @Test func manyCursorsHaveOneWatchAndLeaveNothing() async throws {
        try await TemporaryFolder.with { folder in
            let log = try FileEventLog(directory: folder)
            try await log.create("s")
            let reader = FileEventLog.reader(directory: folder)
            let sums = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        var sum = 0
                        for try await event in reader.cursor(over: "s") {
                            sum += Int(String(decoding: event.event.payload, as: UTF8.self)) ?? 0
                        }
                        return sum
                    }
                }
                // Nobody has missed the beginning, whether it waits already or not.
                let signal = try await reader.signal(for: "s")
                while signal.subscriberCount < 100 { await Task.yield() }
                #expect(reader.watchCount == 1)
                for number in 1...100 { try await log.append(event(number), to: "s") }
                try await log.close("s")
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(sums == [Int](repeating: 5050, count: 100))
            #expect(reader.watchCount == 0)
            await log.shutDown()
        }
    }

    @Test func aCursorIsToldWhenItsStreamIsDeletedAndMadeAgain() async throws {
        try await TemporaryFolder.with { folder in
            let log = try FileEventLog(directory: folder)
            try await log.create("s")
            try await log.append(event(1), to: "s")
            let reader = FileEventLog.reader(directory: folder)
            var cursor = reader.cursor(over: "s").makeAsyncIterator()
            let first = try await cursor.next()
            try await log.delete("s")
            try await log.create("s")
            try await log.append(event(2), to: "s")
            let outcome = await code { _ = try await cursor.next() }
            #expect(first != nil && (outcome == .gap || outcome == .notFound))
            let again = try await reader.read("s", after: .start, limit: PageLimit())
            #expect(again.events.map { $0.event.payload } == [Array("2".utf8)])
            await log.shutDown()
        }
    }

    @Test func aLifetimeThatTheWriterExtendsIsNotOverForReaders() async throws {
        try await TemporaryFolder.with { folder in
            let time = Mutex(Timestamp(millisecondsSince1970: 1_767_225_600_000))
            let options = FileLogOptions(wallClock: { time.withLock { $0 } })
            let log = try FileEventLog(directory: folder, options: options)
            _ = try await log.create("s", options: StreamOptions(lifetime: .sliding(.seconds(60))))
            let reader = FileEventLog.reader(directory: folder, options: options)
            #expect(try await reader.read("s", after: .start, limit: PageLimit()).events.isEmpty)
            for number in 1...3 {
                time.withLock { $0.millisecondsSince1970 += 50_000 }
                try await log.append(event(number), to: "s")
            }
            #expect(try await reader.read("s", after: .start, limit: PageLimit()).events.count == 3)
            time.withLock { $0.millisecondsSince1970 += 70_000 }
            #expect(await code { _ = try await reader.read("s", after: .start, limit: PageLimit()) } == .notFound)
            await log.shutDown()
        }
    }

    /// Many streams, few descriptors: for the writer by putting streams away, for a reader by opening files only to read them.
    @Test func streamsAreManyAndDescriptorsFew() async throws {
        let system = ObservedFileSystem(FaultInjectingFileSystem())
        let options = FileLogOptions(maxOpenStreams: 4)
        let log = try FileEventLog(directory: "/log", options: options, system: system)
        let names = try (0..<120).map { try StreamID("s\($0)") }
        var most = 0
        for name in names {
            // Nothing here ever waits: the other tests have their turns.
            await Task.yield()
            try await log.create(name)
            try await log.append(event(1), to: name)
            most = max(most, system.openDescriptors)
        }
        // Two for each stream that is open for writing, one for each segment that is kept open for reading, and those of the log.
        #expect(most <= 2 * 4 + 64 + 16)
        await log.shutDown()
        let reader = FileLogReader(directory: "/log", options: options, system: system)
        let before = system.openDescriptors
        for name in names { #expect(try await reader.read(name, after: .start, limit: PageLimit()).events.count == 1) }
        #expect(system.openDescriptors - before <= 64)
    }
}
