import StreamCore

extension ContentGenerator {
    /// Takes the chunks that came together.
    typealias Emit = @Sendable ([ContentChunk]) async throws -> Void

    /// Writes all parts, and pushes their chunks.
    func write(_ section: ContentSection, emit: @escaping Emit) async throws(ContentError) -> GeneratedContent {
        let progress = await SectionProgress(of: self)
        var written: [Int: AgentResult] = [:]
        do throws(ContentError) {
            try await write(section, progress, into: &written, emit)
        } catch {
            await progress?.end()
            throw error
        }
        await progress?.end()
        let inOrder = written.sorted { $0.key < $1.key }
        return GeneratedContent(
            parts: inOrder.map { GeneratedContent.Part(name: parts[$0.key].name, text: $0.value.text) },
            usage: inOrder.reduce(into: .zero) { $0 += $1.value.usage })
    }

    private func write(
        _ section: ContentSection, _ progress: SectionProgress?, into written: inout [Int: AgentResult],
        _ emit: @escaping Emit
    ) async throws(ContentError) {
        switch mode {
        case .inOrder:
            for index in parts.indices {
                let earlier = (0..<index).compactMap { earlier in
                    written[earlier].map { (part: parts[earlier].name, text: $0.text) }
                }
                let result = try await write(index, of: section, after: earlier, progress, emit)
                written[index] = result
                if result.finish == .interrupted { break }
            }
        case .concurrent(let limit):
            do {
                try await write(section, limit: max(1, limit), progress, into: &written, emit)
            } catch let error as ContentError {
                throw error
            } catch {
                // The group throws nothing else: its children throw content errors.
                preconditionFailure("a part failed with an error of another kind: \(error)")
            }
        }
    }

    private func write(
        _ section: ContentSection, limit: Int, _ progress: SectionProgress?,
        into written: inout [Int: AgentResult], _ emit: @escaping Emit
    ) async throws {
        try await withThrowingTaskGroup(of: (Int, AgentResult).self) { group in
            var waiting = Array(parts.indices.reversed())
            func startNext() {
                guard let index = waiting.popLast() else { return }
                group.addTask { (index, try await write(index, of: section, after: [], progress, emit)) }
            }
            for _ in 0..<limit { startNext() }
            while let (index, result) = try await group.next() {
                written[index] = result
                if result.finish == .interrupted { waiting = [] }
                startNext()
            }
        }
    }

    private func write(
        _ index: Int, of section: ContentSection, after earlier: [(part: String, text: String)],
        _ progress: SectionProgress?, _ emit: @escaping Emit
    ) async throws(ContentError) -> AgentResult {
        let part = parts[index]
        let name = part.name
        let prompt = part.prompt(for: section, after: earlier)
        let time = agent.configuration.wallClock
        // A reader that has gone is noticed within the run; a mark that it does not get is no loss.
        try? await emit([ContentChunk(part: name, metadata: .init(timestamp: time()), mark: .started)])
        do throws(AgentError) {
            let run = progress?.begin(index)
            let result = try await agent.run(AgentInput(prompt), id: run?.id, in: run?.place ?? .own) { chunks in
                let pieces = chunks.compactMap { ContentChunk($0, of: name) }
                if !pieces.isEmpty { try await emit(pieces) }
            }
            let metadata = ContentChunk.Metadata(timestamp: time(), usage: result.usage)
            try? await emit([ContentChunk(part: name, metadata: metadata, mark: .finished)])
            return result
        } catch {
            throw ContentError(part: name, error: error)
        }
    }
}
