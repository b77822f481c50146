import AgentKitTesting
import DurableLog
import StreamCore
import Testing

/// The files are what Documentation/FileLogFormat.md says: read with its numbers, and none of the code's.
@Suite struct FileLogFormatTests {
    private static let time = Timestamp(millisecondsSince1970: 1_767_225_600_000)

    private func made() async throws -> FaultInjectingFileSystem {
        let system = FaultInjectingFileSystem()
        let log = try system.openLog(options: FileLogOptions(wallClock: { FileLogFormatTests.time }))
        _ = try await log.create("Runs/1", options: StreamOptions(lifetime: .sliding(.seconds(60))))
        let producer = try #require(ProducerID(rawValue: "p"))
        let events = [
            StreamEvent(type: .content, source: "a", payload: Array("one".utf8)),
            StreamEvent(type: .usage, visibility: .internal, source: "", payload: Array("second".utf8)),
        ]
        try await log.append(events, to: "Runs/1")
        let stamp = ProducerStamp(id: producer, epoch: 3, sequence: 0)
        let options = AppendOptions(durability: .synced, producer: stamp, closes: true, sequence: "x")
        _ = try await log.append([], to: "Runs/1", options: options)
        return system
    }

    @Test func theDirectory() async throws {
        let system = try await made()
        let names = system.paths.map { $0.replacing("/log/", with: "") }
        #expect(names.contains("lock") && names.contains("log") && names.contains("expiring/!runs!-1"))
        #expect(names.contains("streams/!runs!-1/stream") && names.contains("streams/!runs!-1/mark"))
        #expect(names.contains("streams/!runs!-1/0000000000000001-000000000000000-00000000.seg"))
    }

    @Test func aSegmentAndItsRecords() async throws {
        let system = try await made()
        let path = "/log/streams/!runs!-1/0000000000000001-000000000000000-00000000.seg"
        let file = Bytes(try #require(system.contents(of: path)))
        #expect(file.text(0, 8) == "AGSTRSEG" && file.u32(8) == 1)
        let size = Int(file.u32(16))
        #expect(size.isMultiple(of: 8) && size >= 80 + Int(file.u32(20)))
        #expect(file.u32(12) == checksum(file.all[0..<12], file.all[16..<size]))
        let salt = Array(file.all[32..<40])
        #expect(file.u64(40) == 1 && file.u64(48) == 0 && file.u64(56) == 0 && file.u32(68) == 0)

        let first = Bytes(Array(file.all[size...]))
        let length = Int(first.u32(0))
        #expect(first.u32(4) == checksum(salt[...], first.all[0..<4], first.all[8..<length]))
        #expect(first.u64(8) == 1 && first.u64(16) == 0 && first.u64(24) == 1_767_225_600_000)
        #expect(first.u64(32) == 0 && first.u32(48) == 2 && first.u16(52) == 0 && first.u32(56) == 0)
        #expect(first.u32(64) == 3 && first.u16(68) == 13 && first.u16(70) == 1 && first.all[72] == 0)
        #expect(first.text(73, 13) == "agent:content" && first.text(86, 1) == "a" && first.text(87, 3) == "one")
        #expect(first.u32(90) == 6 && first.u16(94) == 11 && first.u16(96) == 0 && first.all[98] == 1)
        #expect(first.text(99, 17) == "agent:usagesecond")
        #expect(length == 120)

        // Held, closes, stamped, sequenced; the producer, its numbers, the batch's checksum, the sequence.
        let second = Bytes(Array(first.all[length...]))
        #expect(second.u64(8) == 2 && second.u64(32) == 2 && second.u32(48) == 0)
        #expect(second.u16(52) == 0b1111 && second.u32(56) == 3 + 20 + 3)
        #expect(second.u16(64) == 1 && second.text(66, 1) == "p" && second.u64(67) == 3 && second.u64(75) == 0)
        #expect(second.u16(87) == 1 && second.text(89, 1) == "x")
        #expect(second.all[Int(second.u32(0))...].allSatisfy { $0 == 0 })
    }

    @Test func theMarkAndTheManifest() async throws {
        let system = try await made()
        let mark = Bytes(try #require(system.contents(of: "/log/streams/!runs!-1/mark")))
        let slots = [0, 4096].filter { mark.all.count >= $0 + 128 && mark.text($0, 8) == "AGSTRMRK" }
        let newest = try #require(slots.max { mark.u64($0 + 16) < mark.u64($1 + 16) })
        #expect(mark.u32(newest + 8) == 1 && newest == Int(mark.u64(newest + 16) % 2) * 4096)
        let sum = checksum(mark.all[newest..<newest + 12], mark.all[newest + 16..<newest + 128])
        #expect(mark.u32(newest + 12) == sum)
        #expect(mark.u64(newest + 32) == 2 && mark.u64(newest + 40) == 2 && mark.u64(newest + 48) == 1)
        #expect(mark.u64(newest + 72) == 1 && mark.u64(newest + 88) == 1_767_225_600_000 && mark.u32(newest + 104) == 0)

        let manifest = Bytes(try #require(system.contents(of: "/log/streams/!runs!-1/stream")))
        #expect(manifest.text(0, 8) == "AGSTRMAN" && manifest.u32(8) == 1)
        #expect(manifest.u32(12) == checksum(manifest.all[0..<12], manifest.all[16...]))
        #expect(manifest.u64(16) == mark.u64(newest + 96) && manifest.u64(24) == 1_767_225_600_000)
        #expect(manifest.u16(32) == 6 && manifest.text(34, 6) == "Runs/1" && manifest.u16(40) == 16)
        // Closed, a sliding lifetime of 60 seconds, no retention, no fork.
        #expect(manifest.all[58...].elementsEqual([0, 1, 60, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 12)))
        let record = Bytes(try #require(system.contents(of: "/log/log")))
        #expect(record.text(4096, 8) == "AGSTRLOG" && record.u64(4096 + 16) == 1 && record.u64(4096 + 24) == 1)
    }

    /// CRC32C, bit by bit.
    private func checksum(_ parts: ArraySlice<UInt8>...) -> UInt32 {
        var value: UInt32 = ~0
        for byte in parts.joined() {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
        }
        return ~value
    }

    private struct Bytes {
        let all: [UInt8]

        init(_ all: [UInt8]) { self.all = all }

        func u16(_ position: Int) -> UInt16 { UInt16(number(position, 2)) }
        func u32(_ position: Int) -> UInt32 { UInt32(number(position, 4)) }
        func u64(_ position: Int) -> UInt64 { number(position, 8) }
        func text(_ position: Int, _ count: Int) -> String {
            String(decoding: all[position..<position + count], as: UTF8.self)
        }

        private func number(_ position: Int, _ count: Int) -> UInt64 {
            all[position..<position + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
