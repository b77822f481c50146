import ServerSentEvents

/// Parses chunks into owned events.
func parse(
    _ chunks: [[UInt8]], limits: ServerSentEventLimits = .default
) throws(ServerSentEventError) -> Outcome {
    var parser = ServerSentEventParser(limits: limits)
    var outcome = Outcome()
    for chunk in chunks {
        try parser.parse(chunk, into: &outcome.events)
    }
    outcome.lastEventID = parser.lastEventID
    outcome.retry = parser.reconnectionTime
    return outcome
}

/// Parses chunks into borrowed events, each chunk in memory of its own that is overwritten as soon as it has been read.
func parseBorrowed(
    _ chunks: [[UInt8]], limits: ServerSentEventLimits = .default
) throws(ServerSentEventError) -> Outcome {
    var parser = ServerSentEventParser(limits: limits)
    var outcome = Outcome()
    for chunk in chunks {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk.count, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: chunk)
        var rest = UnsafeRawBufferPointer(memory)
        while let event = try parser.next(from: &rest) {
            outcome.events.append(ServerSentEvent(event))
        }
        for index in memory.indices { memory[index] = UInt8(ascii: "!") }
    }
    outcome.lastEventID = parser.lastEventID
    outcome.retry = parser.reconnectionTime
    return outcome
}

/// The bytes cut in two at every place, the ends included; byte by byte; and as a whole.
func everySplit(of bytes: [UInt8]) -> [[[UInt8]]] {
    (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] } + [bytes.map { [$0] }, [bytes]]
}

/// The bytes in chunks of random sizes, mostly small ones, some empty.
func randomChunks(of bytes: [UInt8], using random: inout Random) -> [[UInt8]] {
    var chunks: [[UInt8]] = []
    var rest = bytes[...]
    let largest = [2, 5, 20, 100, 1000].randomElement(using: &random)!
    while !rest.isEmpty {
        let count = min(rest.count, Int.random(in: 0...largest, using: &random))
        chunks.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
    }
    return chunks
}

/// SplitMix64: the same numbers for the same seed.
struct Random: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
