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

/// What must not grow with a log: what is read to open a stream or to read in its middle, and memory.
@Suite struct FileLogLimitsTests {
    /// LOG_BYTES=1073741824 makes the stream that large; what is read stays the same.
    private static let streamBytes = getenv("LOG_BYTES").flatMap { Int(String(cString: $0)) } ?? 24 << 20

    private static let options = FileLogOptions(segmentBytes: 4 << 20)

    /// Bytes are counted, as times say little on a machine that is busy.
    @Test func openingAndReadingInTheMiddleDoNotScan() async throws {
        try await TemporaryFolder.with { folder in
            let payload = [UInt8](repeating: 7, count: 16 << 10)
            let event = StreamEvent(type: .content, payload: payload)
            let count = FileLogLimitsTests.streamBytes / payload.count
            do {
                let log = try FileEventLog(directory: folder, options: FileLogLimitsTests.options)
                try await log.create("s")
                for number in 0..<count / 8 {
                    // Nothing here ever waits: the other tests have their turns.
                    await Task.yield()
                    let options = AppendOptions(durability: number % 24 == 23 ? .synced : .buffered)
                    _ = try await log.append([StreamEvent](repeating: event, count: 8), to: "s", options: options)
                }
                // Not shut down: as after a kill, the next opening has to look for the end.
            }
            let system = ObservedFileSystem(SystemFileSystem())
            let log = try FileEventLog(directory: folder, options: FileLogLimitsTests.options, system: system)
            #expect(try await log.info("s").tail == Offset(index: UInt64(count / 8 * 8)))
            // What was not synced when the process ended, 3 MiB, from the last ledger before it, which is 1 MiB away at most.
            #expect(system.bytesRead < 8 << 20)
            try await read(from: log, system, count)
            let reader = FileLogReader(directory: folder, options: FileLogLimitsTests.options, system: system)
            let before = system.bytesRead
            #expect(try await reader.info("s").tail == Offset(index: UInt64(count / 8 * 8)))
            #expect(system.bytesRead - before < 8 << 20)
            try await read(from: reader, system, count)
            // And of a log that was shut down, its last ledger.
            await log.shutDown()
            let last = system.bytesRead
            let again = FileLogReader(directory: folder, options: FileLogLimitsTests.options, system: system)
            #expect(try await again.info("s").tail == Offset(index: UInt64(count / 8 * 8)))
            #expect(system.bytesRead - last < 512 << 10)
        }
    }

    private func read(from log: any EventLog, _ system: ObservedFileSystem, _ count: Int) async throws {
        for place in 1..<8 {
            let offset = try #require(Offset(index: UInt64(count / 8 * place)))
            let before = system.bytesRead
            let page = try await log.read("s", after: offset, limit: PageLimit(events: 1))
            #expect(page.events.first?.offset == offset.successor)
            // The page's events and those before it in a stretch of the index, and a segment's header and seal.
            #expect(system.bytesRead - before < 768 << 10)
        }
    }

    /// A segment that was opened while it was written to is not walked through from its beginning when it has been sealed.
    @Test func aSegmentThatWasReadWhileItGrewIsFoundByItsIndexLater() async throws {
        try await TemporaryFolder.with { folder in
            let system = ObservedFileSystem(SystemFileSystem())
            let options = FileLogOptions(segmentBytes: 1 << 20, recentBytes: 0)
            let log = try FileEventLog(directory: folder, options: options, system: system)
            try await log.create("s")
            let event = StreamEvent(type: .content, payload: [UInt8](repeating: 7, count: 4 << 10))
            for _ in 0..<400 {
                await Task.yield()
                try await log.append([event], to: "s")
                _ = try await log.read("s", after: .start, limit: PageLimit(events: 1))
            }
            let before = system.bytesRead
            _ = try await log.read("s", after: try #require(Offset(index: 200)), limit: PageLimit(events: 1))
            #expect(system.bytesRead - before < 300 << 10)
            await log.shutDown()
        }
    }

    #if os(Linux)
        /// In a process of its own, whose memory is measured: a million events, a thousand cursors, each at another place.
        @Test func aMillionEventsAndAThousandCursorsTakeLittleMemory() async throws {
            await #expect(processExitsWith: .success) { await FileLogLimitsTests.readByAThousand() }
        }

        private static func readByAThousand() async {
            let folder = TemporaryFolder.make()
            do {
                let log = try FileEventLog(directory: folder)
                try await log.create("s")
                let events = (0..<1000).map { _ in
                    StreamEvent(type: .content, source: "agent", payload: [UInt8](repeating: 0x20, count: 100))
                }
                for _ in 0..<1000 { try await log.append(events, to: "s") }
                var cursors: [EventCursor.Iterator] = []
                for number in 0..<1000 {
                    guard let offset = Offset(index: UInt64(number * 999)) else { exit(3) }
                    cursors.append(log.cursor(over: "s", after: offset).makeAsyncIterator())
                }
                // Each cursor is in the middle of a page of its own at the end of each round.
                for _ in 0..<2 {
                    for index in cursors.indices {
                        for _ in 0..<257 { guard try await cursors[index].next() != nil else { exit(4) } }
                    }
                }
                let peak = ProcessMemory.peak
                TemporaryFolder.remove(folder)
                exit((1..<100 << 20).contains(peak) ? 0 : Int32(min(255, max(5, peak >> 20))))
            } catch {
                TemporaryFolder.remove(folder)
                exit(2)
            }
        }
    #endif
}

#if os(Linux)
    /// The memory of this process.
    private enum ProcessMemory {
        /// The most bytes that were resident (proc(5), `VmHWM`); 0 where that cannot be read.
        static var peak: Int {
            guard let file = fopen("/proc/self/status", "r") else { return 0 }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 256)
            while fgets(&line, Int32(line.count), file) != nil {
                let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                guard text.hasPrefix("VmHWM:") else { continue }
                return (Int(text.filter(\.isNumber)) ?? 0) << 10
            }
            return 0
        }
    }
#endif
