import ServerSentEvents
import Testing

@Suite("Random streams")
struct RandomStreamTests {
    /// Pieces of which lines that come close to meaning something are made.
    private static let pieces: [[UInt8]] =
        [
            "data", "event", "id", "retry", ":", ":", ": ", " ", "\n", "\n", "\n\n", "\r", "\r\n", "\r\n\r\n", "x",
            "abc", "7", "1234",
            "data: hello\n", "data: hello, world; this is a longer line\n", "event: content_block_delta\n",
            "event: x\r\n", "id: 12\n",
            "id: 00000000-0000-0000-0000\n", ": ping\n", "\0", "é", "日本", "🙂", "\u{FEFF}", "\u{2028}", "retry: 10\n",
            "retry: x\n",
            "dat", "a", "even", "t", "d", "data:\n", "data\n", "event\n", "id\n", "event:\n", "event: \n",
        ].map { Array($0.utf8) } + [
            [0xFF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F], [0x80], [0xED, 0xA0], [0xEF, 0xBB], [0xEF],
        ]

    static func stream(using random: inout Random) -> [UInt8] {
        var bytes: [UInt8] = []
        if Int.random(in: 0..<8, using: &random) == 0 { bytes += [0xEF, 0xBB, 0xBF] }
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            bytes += pieces.randomElement(using: &random)!
        }
        return bytes
    }

    @Test("Any chunking gives what the reference gives", arguments: 0..<20)
    func chunkings(seed: Int) throws {
        var random = Random(seed: UInt64(seed))
        for _ in 0..<150 {
            let bytes = Self.stream(using: &random)
            let expected = ReferenceParser.parse(bytes)
            #expect(try parse([bytes]) == expected)
            for _ in 0..<4 {
                let chunks = randomChunks(of: bytes, using: &random)
                #expect(try parse(chunks) == expected, "\(chunks)")
                #expect(try parseBorrowed(chunks) == expected, "\(chunks)")
            }
        }
    }

    @Test("Limits fail at the same byte with the same events, whatever the chunking", arguments: 0..<10)
    func limits(seed: Int) {
        var random = Random(seed: UInt64(1000 + seed))
        for _ in 0..<200 {
            let bytes = Self.stream(using: &random)
            let limits = ServerSentEventLimits(
                line: Int.random(in: 0...12, using: &random), event: Int.random(in: 0...20, using: &random))
            let whole = Attempt([bytes], limits: limits)
            for _ in 0..<3 {
                #expect(Attempt(randomChunks(of: bytes, using: &random), limits: limits) == whole, "\(bytes) \(limits)")
            }
        }
    }

    /// The events up to a failure, and the failure.
    private struct Attempt: Equatable {
        var events: [ServerSentEvent] = []
        var failure: ServerSentEventError?

        init(_ chunks: [[UInt8]], limits: ServerSentEventLimits) {
            var parser = ServerSentEventParser(limits: limits)
            do {
                for chunk in chunks {
                    try parser.parse(chunk, into: &events)
                }
            } catch {
                failure = error
            }
        }
    }
}
