import StreamCore

/// Where a run's chunks go: past the hook, then to the consumer.
struct ChunkOutlet: Sendable {
    let hook: (@Sendable (AgentChunk) async throws -> Void)?
    let instrumentation: Instrumentation
    let emit: @Sendable ([AgentChunk]) async throws -> Void

    /// Hands out nothing.
    static let none = ChunkOutlet(hook: nil, instrumentation: .none, emit: { _ in })

    /// Hands out a batch; when the hook refuses a chunk, those before it are handed out.
    func send(_ chunks: [AgentChunk]) async throws(RunFailure) {
        guard !chunks.isEmpty else { return }
        if let hook {
            for (index, chunk) in chunks.enumerated() {
                do {
                    try await hook(chunk)
                } catch {
                    if index > 0 { try await pass(Array(chunks[..<index])) }
                    throw .host(error, what: "the hook onChunk", isOutlet: false)
                }
            }
        }
        try await pass(chunks)
    }

    /// Hands out the chunk that tells of a failure; nothing can be done when that fails too.
    func send(_ failure: Failure, at timestamp: Timestamp?) async {
        let chunk = AgentChunk(.error(failure), timestamp: timestamp)
        try? await hook?(chunk)
        try? await pass([chunk])
    }

    private func pass(_ chunks: [AgentChunk]) async throws(RunFailure) {
        do {
            try await emit(chunks)
        } catch is ReaderGone {
            throw .cancelled
        } catch {
            throw .host(error, what: "the consumer of the chunks", isOutlet: true)
        }
        instrumentation.report(.chunks(count: chunks.count))
    }
}
