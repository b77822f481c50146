import DurableLog
import StreamCore
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

#if os(macOS) || os(Linux)
    /// A reader follows a stream while processes that write it are killed in the middle of their appends and others take over.
    @Suite struct KilledWriterTests {
        @Test func eachEventIsSeenOnceInOrder() async throws {
            let directory = KilledWriterTests.directory(of: getpid())
            TemporaryFolder.remove(directory)
            defer { TemporaryFolder.remove(directory) }
            let reader = FileEventLog.reader(directory: directory)
            let missing = await #expect(throws: EventLogError.self) { try await reader.signal(for: "s") }
            #expect(missing?.code == .notFound)
            // The stream, and nobody who writes it: then it is followed before the first writer begins.
            do {
                let log = try FileEventLog(directory: directory)
                try await log.create("s")
                await log.shutDown()
            }
            let tail = Task { () throws(EventLogError) -> [LoggedEvent] in
                var seen: [LoggedEvent] = []
                for try await event in reader.cursor(over: "s") { seen.append(event) }
                return seen
            }
            await #expect(processExitsWith: .signal(SIGKILL)) { await KilledWriterTests.write(untilKilledAfter: 700) }
            await #expect(processExitsWith: .signal(SIGKILL)) { await KilledWriterTests.write(untilKilledAfter: 350) }
            await #expect(processExitsWith: .success) { await KilledWriterTests.write(untilKilledAfter: nil) }
            let seen = try await tail.value
            var stored: [LoggedEvent] = []
            var page = try await reader.read("s", after: .start, limit: PageLimit())
            while !page.events.isEmpty {
                stored += page.events
                page = try await reader.read("s", after: page.next, limit: PageLimit())
            }
            #expect(seen == stored)
            // Each writer goes on with the number behind the last that is there, so that none is missing and none there twice.
            let numbers = seen.map { Int(String(decoding: $0.event.payload, as: UTF8.self)) }
            #expect(numbers == Array(0..<seen.count))
            #expect(seen.count > 1050)
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.offset < $1.offset })
        }

        private static func directory(of process: pid_t) -> String { "/tmp/filelog-killed-\(process)" }

        /// What a writing process does: two tasks append, so that frames are written one by one and in groups.
        private static func write(untilKilledAfter count: Int?) async {
            do {
                let log = try FileEventLog(
                    directory: directory(of: getppid()), options: FileLogOptions(segmentBytes: 64 << 10))
                let first = Int(try await log.info("s").tail.index)
                let number = Counter(first)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<2 {
                        group.addTask {
                            for step in 0..<(count ?? 200) {
                                try await number.append(to: log, isSynced: task == 0 && step % 16 == 15)
                                if count == step + 1 { kill(getpid(), SIGKILL) }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try await log.close("s")
                await log.shutDown()
                exit(EXIT_SUCCESS)
            } catch {
                exit(EXIT_FAILURE)
            }
        }

        /// Gives the numbers in the order in which the log gets the events.
        private actor Counter {
            private var number: Int

            init(_ number: Int) { self.number = number }

            func append(to log: FileEventLog, isSynced: Bool) async throws {
                let event = StreamEvent(type: .content, payload: Array("\(number)".utf8))
                number += 1
                _ = try await log.append(
                    [event], to: "s", options: AppendOptions(durability: isSynced ? .synced : .buffered))
            }
        }
    }
#endif
