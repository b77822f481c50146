import DurableLog
import StreamCore
import Testing

/// Reading in the middle of a stream that was opened again, where the index is made by looking through the file, and the first thing that
/// is found there is the checkpoint that the last writer left behind.
@Suite struct ReopenedReadingTests {
    /// Streams of every length around the distance of two entries of the index: in some of them the checkpoint is the first frame behind it.
    @Test(arguments: [(450, 50..<75), (1000, 24..<36)])
    func everyPlaceIsFound(size: Int, lengths: Range<Int>) async throws {
        try await TemporaryFolder.with { folder in
            let log = try FileEventLog(directory: folder)
            for length in lengths { try await append(size, 0..<length, to: length, log, creating: true) }
            await log.shutDown()
            let second = try FileEventLog(directory: folder)
            for length in lengths { try await append(size, length..<length + 3, to: length, second) }
            for length in lengths { try await expectEveryPlace(length, length + 3, second) }
            await second.shutDown()
            let third = try FileEventLog(directory: folder)
            for length in lengths { try await expectEveryPlace(length, length + 3, third) }
            await third.shutDown()
        }
    }

    private func stream(_ length: Int) throws -> StreamID { try StreamID("s\(length)") }

    private func append(
        _ size: Int, _ numbers: Range<Int>, to length: Int, _ log: FileEventLog, creating: Bool = false
    ) async throws {
        if creating { try await log.create(stream(length)) }
        for number in numbers {
            let payload = Array("{\"n\":\(number)}".utf8) + [UInt8](repeating: 0x20, count: size)
            _ = try await log.append([StreamEvent(type: .content, source: "a", payload: payload)], to: stream(length))
        }
    }

    private func expectEveryPlace(_ length: Int, _ count: Int, _ log: FileEventLog) async throws {
        for place in 0..<count {
            let offset = place == 0 ? Offset.start : try #require(Offset(index: UInt64(place)))
            let page = try await log.read(stream(length), after: offset, limit: PageLimit(events: 1))
            #expect(page.events.first?.event.payload.starts(with: Array("{\"n\":\(place)}".utf8)) == true)
        }
    }
}
