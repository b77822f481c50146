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

    /// A block that is over, noted where it ended.
    struct Ending {
        /// How many chunks stand before it among those that were just appended.
        let position: Int
        /// The model's block; nil when only a part of it is over, at a tag.
        let number: Int?
        /// The run's block, when readers see it.
        let runBlock: Int?
    }

    private let options: ChunkOptions
    private var nextRunBlock = 0
    private var notesEndings = false
    /// The ends of blocks since they were taken last, for runs that are logged.
    private var endings: [Ending] = []
    // A block of the run that the response goes on with, and until when.
    private var continued: (block: Int, onlyFirst: Bool)?
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

    /// An assembler for a run that is logged, which may have begun elsewhere.
    ///
    /// - Parameters:
    ///   - nextBlock: The first block of the run that is not taken.
    ///   - text: The answer so far, which confidence is judged by.
    init(options: ChunkOptions, nextBlock: Int, after text: String) {
        self.init(options: options)
        notesEndings = true
        nextRunBlock = nextBlock
        if options.confidence == .lexical || options.confidence == .automatic { lexical.append(text) }
    }

    /// Lets the first content of the next response go on in a block of the run.
    ///
    /// - Parameter isSameResponse: Whether it is the same response of the provider's, so that a block of another kind ends this one.
    mutating func goOn(in block: Int, isSameResponse: Bool) {
        continued = (block, isSameResponse)
    }

    /// Lets the result of a call stand in a block of the run.
    mutating func note(call id: String, inBlock block: Int) {
        callBlocks[id] = block
    }

    /// The ends of blocks since they were taken last.
    mutating func takeEndings() -> [Ending] {
        if endings.isEmpty { return [] }
        defer { endings = [] }
        return endings
    }

    /// Whether all that the model wrote was handed out, so that a later assembler can go on from here.
    var isNeutral: Bool {
        unattachedReasoning.isEmpty && open.allSatisfy { $0.extractor?.isNeutral ?? true }
    }

    /// Appends the chunks of some events of the current response to `chunks`.
    public mutating func append(
        _ events: some Sequence<ModelEvent>, at timestamp: Timestamp?, to chunks: inout [AgentChunk]
    ) {
        for event in events { append(event, timestamp, &chunks) }
    }

    /// Ends the current response, whether it went well or broke: appends what was held back, and makes ready for the next.
    public mutating func endResponse(at timestamp: Timestamp?, to chunks: inout [AgentChunk]) {
        for index in open.indices {
            flush(index, timestamp, &chunks)
            noteEnd(index, chunks.count)
        }
        open.removeAll(keepingCapacity: true)
        endContinued(chunks.count)
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
            appendReasoning(text, inBlock: openBlock(number, as: .reasoning, chunks.count), timestamp, &chunks)
        case .toolInput(let number, let piece):
            let block = runBlock(openBlock(number, as: .tool, chunks.count), .tool, chunks.count)
            chunks.append(AgentChunk(.toolInput(piece), block: block, timestamp: timestamp))
        case .toolCall(let number, let call):
            let block = runBlock(openBlock(number, as: .tool, chunks.count), .tool, chunks.count)
            callBlocks[call.id] = block
            chunks.append(AgentChunk(.toolCall(call), block: block, timestamp: timestamp))
        case .toolResult(_, let result): append(result, at: timestamp, to: &chunks)
        case .citation(let number, let citation):
            let block = runBlock(openBlock(number, as: .content, chunks.count), .content, chunks.count)
            chunks.append(AgentChunk(.citation(citation), block: block, timestamp: timestamp))
        case .logprobs(_, let tokens):
            responseHasLogprobs = true
            for token in tokens { logprobs.append(logprob: token.logprob) }
        case .blockFinished(let number):
            guard let index = open.lastIndex(where: { $0.number == number }) else {
                if continued?.onlyFirst == true { endContinued(chunks.count) }
                return
            }
            flush(index, timestamp, &chunks)
            noteEnd(index, chunks.count)
            open.remove(at: index)
        case .responseStarted, .providerData, .usage, .cursor, .finish: break
        }
    }

    // MARK: Text

    private mutating func appendContent(
        _ number: Int, _ text: String, _ timestamp: Timestamp?, _ chunks: inout [AgentChunk]
    ) {
        let index = openBlock(number, as: .content, chunks.count)
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
        var chunk = AgentChunk(.content(text), block: runBlock(index, .content, chunks.count), timestamp: timestamp)
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
            let block = runBlock(index, .reasoning, chunks.count)
            chunks.append(AgentChunk(.reasoning(text), block: block, timestamp: timestamp))
        case .attached:
            leaveBlock(index, .reasoning, chunks.count)
            unattachedReasoning += text
        case .hidden: leaveBlock(index, .reasoning, chunks.count)
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

    // `count` is that of the chunks so far, for the ends of blocks.
    private mutating func openBlock(_ number: Int, as kind: Kind, _ count: Int) -> Int {
        if let index = open.lastIndex(where: { $0.number == number }) { return index }
        var block = OpenBlock(number: number, kind: kind)
        if kind == .content, !options.reasoningTags.isEmpty || options.startsInReasoning {
            block.extractor = ReasoningExtractor(
                tags: options.reasoningTags, startsInReasoning: options.startsInReasoning && continued == nil)
        }
        if kind == .content, let continued {
            block.runBlock = continued.block
            self.continued = nil
        } else if continued?.onlyFirst == true {
            endContinued(count)
        }
        open.append(block)
        return open.count - 1
    }

    private mutating func runBlock(_ index: Int, _ kind: Kind, _ count: Int) -> Int {
        leaveBlock(index, kind, count)
        if let block = open[index].runBlock { return block }
        let block = takeRunBlock()
        open[index].runBlock = block
        return block
    }

    // Text of another kind belongs to another block of the run.
    private mutating func leaveBlock(_ index: Int, _ kind: Kind, _ count: Int) {
        guard open[index].kind != kind else { return }
        if notesEndings, let block = open[index].runBlock {
            endings.append(Ending(position: count, number: nil, runBlock: block))
        }
        open[index].kind = kind
        open[index].runBlock = nil
    }

    private mutating func noteEnd(_ index: Int, _ count: Int) {
        guard notesEndings else { return }
        endings.append(Ending(position: count, number: open[index].number, runBlock: open[index].runBlock))
    }

    private mutating func endContinued(_ count: Int) {
        guard let block = continued?.block else { return }
        continued = nil
        if notesEndings { endings.append(Ending(position: count, number: nil, runBlock: block)) }
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
