/// The bytes of an event stream, and where its events end.
protocol EventBytes {
    var bytes: [UInt8] { get }
    /// The place after each event.
    var eventEnds: [Int] { get }
}

extension EventBytes {
    /// Chunks of `size` bytes each, but for the last.
    func chunks(of size: Int) -> [Range<Int>] {
        stride(from: 0, to: bytes.count, by: size).map { $0..<min($0 + size, bytes.count) }
    }

    /// Chunks of one to three whole events, as they come over a network from a model that thinks between tokens.
    func chunksOfEvents() -> [Range<Int>] {
        var numbers = SeededNumbers(seed: 7)
        var chunks: [Range<Int>] = []
        var start = 0
        var index = -1
        while index < eventEnds.count - 1 {
            index = min(index + numbers.number(in: 1...3), eventEnds.count - 1)
            chunks.append(start..<eventEnds[index])
            start = eventEnds[index]
        }
        return chunks
    }
}
