import AgentKitTesting
import DurableLog
import StreamCore
import Testing

/// `verify()` says what is whole and what is not, and changes nothing.
@Suite struct VerifyTests {
    private static let stream: StreamID = "runs/1"

    /// A log with one stream of some segments, whose last event is buffered.
    private func makeLog(_ system: FaultInjectingFileSystem) async throws {
        let log = try system.openLog(options: FileLogOptions(segmentBytes: 64 << 10))
        try await log.create(Self.stream)
        for number in 0..<200 {
            await Task.yield()
            let event = StreamEvent(type: .content, payload: [UInt8](repeating: UInt8(number % 100), count: 1000))
            let options = AppendOptions(durability: number % 20 == 19 ? .synced : .buffered)
            _ = try await log.append([event], to: Self.stream, options: options)
        }
        _ = try await log.append([StreamEvent(type: .content, payload: [1])], to: Self.stream)
    }

    private func verify(_ system: FaultInjectingFileSystem) async throws -> FileLogReport {
        let before = system.paths.map { system.contents(of: $0) }
        let report = try await FileLogReader(directory: "/log", options: FileLogOptions(), system: system).verify()
        #expect(before == system.paths.map { system.contents(of: $0) })
        return report
    }

    private func segments(_ system: FaultInjectingFileSystem) -> [String] {
        system.paths.filter { $0.hasSuffix(".seg") }
    }

    @Test func aWholeLogIsWhole() async throws {
        let system = FaultInjectingFileSystem()
        try await makeLog(system)
        let report = try await verify(system)
        #expect(report.isWhole)
        let stream = try #require(report.streams.first)
        #expect(report.streams.count == 1 && stream.stream == Self.stream)
        #expect(stream.events == 201 && stream.segments == segments(system).count && stream.segments > 2)
        #expect(stream.range?.lowerBound == Offset(index: 1) && stream.range?.upperBound == Offset(index: 201))
        #expect(stream.bytes > 201_000 && stream.tornTail == nil && !stream.isClosed)
        #expect(report.description.hasSuffix("/log: whole, 1 streams"))
    }

    @Test func everySegmentsDamageIsFoundWithItsPlace() async throws {
        for (number, _) in segments(try await made()).enumerated() {
            let system = try await made()
            let path = segments(system)[number]
            var bytes = try #require(system.contents(of: path))
            // In the third record's payload, which was synced with those behind it, but for the last segment's.
            bytes[4000] ^= 1
            system.replace(path, with: bytes)
            let report = try await verify(system)
            #expect(!report.isWhole)
            let damage = try #require(report.streams.first?.damage)
            #expect(damage.count == 1 && damage.first?.path == path)
            #expect((2000..<4000).contains(damage.first?.position ?? 0))
            #expect(report.description.contains(path))
            // The others are whole, and counted.
            #expect((100..<201).contains(report.streams.first?.events ?? 0))
        }
    }

    @Test func aTornTailIsNoDamage() async throws {
        let system = try await made()
        let path = try #require(segments(system).last)
        var bytes = try #require(system.contents(of: path))
        let end = try #require(bytes.lastIndex { $0 != 0 })
        bytes[end] ^= 1
        system.replace(path, with: bytes)
        let report = try await verify(system)
        #expect(report.isWhole && report.streams.first?.events == 200)
        #expect(report.streams.first?.tornTail?.path == path)
    }

    @Test func damagedFilesBesideTheSegmentsAreFound() async throws {
        for name in ["/stream", "/mark"] {
            let system = try await made()
            let path = try #require(system.paths.first { $0.hasSuffix(name) })
            var bytes = try #require(system.contents(of: path))
            for index in bytes.indices { bytes[index] = ~bytes[index] }
            system.replace(path, with: bytes)
            let report = try await verify(system)
            #expect(report.streams.first?.damage.contains { $0.path == path } == true)
        }
        let system = try await made()
        system.replace("/log/log", with: [1, 2, 3])
        #expect(try await verify(system).damage.map(\.path) == ["/log/log"])
    }

    @Test func itIsUsableWhileTheWriterWrites() async throws {
        try await TemporaryFolder.with { folder in
            let log = try FileEventLog(directory: folder, options: FileLogOptions(segmentBytes: 64 << 10))
            _ = try await log.create("s", options: StreamOptions(retention: Retention(maxBytes: 128 << 10)))
            let writing = Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    await Task.yield()
                    let options = AppendOptions(durability: number % 8 == 0 ? .synced : .buffered)
                    _ = try? await log.append(
                        [StreamEvent(type: .content, payload: [UInt8](repeating: 7, count: 500))], to: "s",
                        options: options)
                }
            }
            for _ in 0..<8 {
                let report = try await FileEventLog.reader(directory: folder).verify()
                #expect(report.isWhole, "\(report)")
            }
            writing.cancel()
            await writing.value
            #expect(try await log.verify().isWhole)
            await log.shutDown()
        }
    }

    private func made() async throws -> FaultInjectingFileSystem {
        let system = FaultInjectingFileSystem()
        try await makeLog(system)
        return system
    }
}
