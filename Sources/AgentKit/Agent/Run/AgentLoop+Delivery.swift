import StreamCore

extension AgentLoop {
    /// Hands out chunks of an attempt, cut and paced as configured, and empties `chunks`; `flush` leaves nothing held back.
    mutating func deliver(
        _ chunks: inout [AgentChunk], of attempt: inout Attempt, flush: Bool = false
    ) async throws(RunFailure) {
        for chunk in chunks {
            if case .content(let text) = chunk.payload { attempt.text += text }
        }
        if smoother != nil { smooth(&chunks, flush: flush) }
        guard !chunks.isEmpty else { return }
        attempt.isShown = true
        if let delay = configuration.smoothing?.delay, delay > .zero {
            try await pace(chunks, delay)
        } else {
            try await outlet.send(chunks)
        }
        chunks.removeAll(keepingCapacity: true)
    }

    private mutating func smooth(_ chunks: inout [AgentChunk], flush: Bool) {
        var cut: [AgentChunk] = []
        for chunk in chunks { smoother?.append(chunk, to: &cut) }
        if flush { smoother?.flush(to: &cut) }
        chunks = cut
    }

    /// Hands out chunks with the distance between pieces of content that the configuration asks for.
    mutating func pace(_ chunks: [AgentChunk], _ delay: Duration) async throws(RunFailure) {
        for (index, chunk) in chunks.enumerated() {
            if case .content = chunk.payload {
                if hasPaced {
                    do {
                        try await configuration.clock.sleep(for: delay)
                    } catch {
                        // The run ends: there is no time to be nice, but nothing is to be lost.
                        try await outlet.send(Array(chunks[index...]))
                        throw .cancelled
                    }
                }
                hasPaced = true
            }
            try await outlet.send([chunk])
        }
    }
}
