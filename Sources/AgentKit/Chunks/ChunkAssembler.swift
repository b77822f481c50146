public import StreamCore

/// Turns the events of a run's model responses, one response after another, into the chunks that readers see.
///
/// A value without I/O. It numbers blocks over the whole run, takes reasoning out of content by its tags, and stamps each
/// chunk with confidence and time. Usage and finish are the agent's to report, as one run may take many responses.
public struct ChunkAssembler: Sendable {
    private enum Kind {
        case content, reasoning, tool
    }

    // A block of the current response. Tags can cut one content block into several of the run's blocks.
    private struct OpenBlock {
        let number: Int
        var kind: Kind
        // Taken when the first chunk appears, so that what is hidden or empty leaves no hole in the run's numbers.
        var runBlock: Int?
        var extractor: ReasoningExtractor?
    }

    private let options: ChunkOptions
    private var nextRunBlock = 0
    private var open: [OpenBlock] = []
    private var callBlocks: [String: Int] = [:]
    private var segments: [ReasoningExtractor.Segment] = []
    private var unattachedReasoning = ""
    private var lexical = LexicalConfidence()
    private var logprobs = LogprobConfidence()
    private var responseHasLogprobs = false

    /// An assembler for one run.
    public init(options: ChunkOptions = ChunkOptions()) {
        self.options = options
    }

    /// Appends the chunks of some events of the current response to `chunks`.
    public mutating func append(
        _ events: some Sequence<ModelEvent>, at timestamp: Timestamp?, to chunks: inout [AgentChunk]
    ) {
        for event in events { append(event, timestamp, &chunks) }
    }

    /// Ends the current response, whether it went well or broke: appends what was held back, and makes ready for the next.
    public mutating func endResponse(at timestamp: Timestamp?, to chunks: inout [AgentChunk]) {
        for index in open.indices { flush(index, timestamp, &chunks) }
        open.removeAll(keepingCapacity: true)
        flushUnattachedReasoning(timestamp, &chunks)
        responseHasLogprobs = false
    }

    /// Appends the chunk of a tool's result, in the block of its call.
    public mutating func append(_ result: ToolResult, at timestamp: Timestamp?, to chunks: inout [AgentChunk]) {
        let block = callBlocks.removeValue(forKey: result.callID) ?? takeRunBlock()
        chunks.append(AgentChunk(.toolResult(result), block: block, timestamp: timestamp))
    }

    private mutating func append(_ event: ModelEvent, _ timestamp: Timestamp?, _ chunks: inout [AgentChunk]) {
        switch event {
        case .content(let number, let text): appendContent(number, text, timestamp, &chunks)
        case .reasoning(let number, let text):
            appendReasoning(text, inBlock: openBlock(number, as: .reasoning), timestamp, &chunks)
        case .toolInput(let number, let piece):
            let block = runBlock(openBlock(number, as: .tool), .tool)
            chunks.append(AgentChunk(.toolInput(piece), block: block, timestamp: timestamp))
        case .toolCall(let number, let call):
            let block = runBlock(openBlock(number, as: .tool), .tool)
            callBlocks[call.id] = block
            chunks.append(AgentChunk(.toolCall(call), block: block, timestamp: timestamp))
        case .toolResult(_, let result): append(result, at: timestamp, to: &chunks)
        case .citation(let number, let citation):
            let block = runBlock(openBlock(number, as: .content), .content)
            chunks.append(AgentChunk(.citation(citation), block: block, timestamp: timestamp))
        case .logprobs(_, let tokens):
            responseHasLogprobs = true
            for token in tokens { logprobs.append(logprob: token.logprob) }
        case .blockFinished(let number):
            guard let index = open.lastIndex(where: { $0.number == number }) else { return }
            flush(index, timestamp, &chunks)
            open.remove(at: index)
        case .responseStarted, .providerData, .usage, .cursor, .finish: break
        }
    }

    // MARK: Text

    private mutating func appendContent(
        _ number: Int, _ text: String, _ timestamp: Timestamp?, _ chunks: inout [AgentChunk]
    ) {
        let index = openBlock(number, as: .content)
        guard open[index].extractor != nil else { return appendText(text, inBlock: index, timestamp, &chunks) }
        segments.removeAll(keepingCapacity: true)
        open[index].extractor?.append(text, to: &segments)
        appendSegments(inBlock: index, timestamp, &chunks)
    }

    private mutating func appendSegments(inBlock index: Int, _ timestamp: Timestamp?, _ chunks: inout [AgentChunk]) {
        for segment in segments {
            switch segment.kind {
            case .reasoning: appendReasoning(segment.text, inBlock: index, timestamp, &chunks)
            case .content: appendText(segment.text, inBlock: index, timestamp, &chunks)
            }
        }
    }

    private mutating func appendText(
        _ text: String, inBlock index: Int, _ timestamp: Timestamp?, _ chunks: inout [AgentChunk]
    ) {
        var chunk = AgentChunk(.content(text), block: runBlock(index, .content), timestamp: timestamp)
        chunk.confidence = confidence(after: text)
        if !unattachedReasoning.isEmpty {
            chunk.attachedReasoning = unattachedReasoning
            unattachedReasoning = ""
        }
        chunks.append(chunk)
    }

    private mutating func appendReasoning(
        _ text: String, inBlock index: Int, _ timestamp: Timestamp?, _ chunks: inout [AgentChunk]
    ) {
        switch options.reasoning {
        case .separate:
            chunks.append(AgentChunk(.reasoning(text), block: runBlock(index, .reasoning), timestamp: timestamp))
        case .attached:
            leaveBlock(index, .reasoning)
            unattachedReasoning += text
        case .hidden: leaveBlock(index, .reasoning)
        }
    }

    private mutating func confidence(after text: String) -> Confidence? {
        switch options.confidence {
        case .off: return nil
        case .logprobs: return responseHasLogprobs ? logprobs.confidence : nil
        case .lexical: break
        case .automatic: if responseHasLogprobs { return logprobs.confidence }
        }
        lexical.append(text)
        return lexical.confidence
    }

    // MARK: Blocks

    private mutating func openBlock(_ number: Int, as kind: Kind) -> Int {
        if let index = open.lastIndex(where: { $0.number == number }) { return index }
        var block = OpenBlock(number: number, kind: kind)
        if kind == .content, !options.reasoningTags.isEmpty || options.startsInReasoning {
            block.extractor = ReasoningExtractor(
                tags: options.reasoningTags, startsInReasoning: options.startsInReasoning)
        }
        open.append(block)
        return open.count - 1
    }

    private mutating func runBlock(_ index: Int, _ kind: Kind) -> Int {
        leaveBlock(index, kind)
        if let block = open[index].runBlock { return block }
        let block = takeRunBlock()
        open[index].runBlock = block
        return block
    }

    // Text of another kind belongs to another block of the run.
    private mutating func leaveBlock(_ index: Int, _ kind: Kind) {
        guard open[index].kind != kind else { return }
        open[index].kind = kind
        open[index].runBlock = nil
    }

    private mutating func takeRunBlock() -> Int {
        defer { nextRunBlock += 1 }
        return nextRunBlock
    }

    private mutating func flush(_ index: Int, _ timestamp: Timestamp?, _ chunks: inout [AgentChunk]) {
        guard open[index].extractor != nil else { return }
        segments.removeAll(keepingCapacity: true)
        open[index].extractor?.finish(to: &segments)
        appendSegments(inBlock: index, timestamp, &chunks)
    }

    private mutating func flushUnattachedReasoning(_ timestamp: Timestamp?, _ chunks: inout [AgentChunk]) {
        guard !unattachedReasoning.isEmpty else { return }
        chunks.append(AgentChunk(.reasoning(unattachedReasoning), block: takeRunBlock(), timestamp: timestamp))
        unattachedReasoning = ""
    }
}
