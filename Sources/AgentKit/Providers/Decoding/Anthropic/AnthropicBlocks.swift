internal import StreamCore

/// The open blocks of a response, from `content_block_start` to `content_block_stop`.
struct AnthropicBlocks: Sendable {
    private var open: [AnthropicBlock] = []
    /// A call that ended without input: only what follows tells whether it has none or was cut off before it.
    private var doubtful: AnthropicBlock?
    private var hostedTools = HostedToolNames()
    private var nextNumber = 0
    private var budget: RetentionBudget
    private let limits: DecodingLimits
    private var unreadable: String?
    /// Whether any block has come.
    var hasStarted: Bool { nextNumber > 0 }
    /// The text that was all that the last event brought, and the number of its block.
    var repeatable: RepeatableText?
    private var repeatableNumber = 0

    init(limits: DecodingLimits) {
        self.limits = limits
        budget = RetentionBudget(limits)
    }

    // MARK: Start

    /// Opens a block; what it has already counts as its first piece.
    mutating func start(_ node: JSONNode, at index: Int, into events: inout [ModelEvent]) throws(ModelError) {
        settleDoubtful(isComplete: true, into: &events)
        // A server that forgot to stop a block has begun another at its place.
        if let place = place(of: index) { finish(open.remove(at: place), into: &events) }
        try limits.checkOpenBlocks(open.count)
        var block = AnthropicBlock(index: index, number: nextNumber, node: node)
        nextNumber += 1
        switch block.kind {
        case .text:
            try AnthropicBlocks.add(node["text"], to: &block, &budget, into: &events)
            if let citations = node["citations"] {
                for citation in citations.elements { cite(citation, block.number, into: &events) }
            }
        case .thinking:
            try AnthropicBlocks.add(node["thinking"], to: &block, &budget, into: &events)
            block.signature = node["signature"]?.string ?? ""
        case .tool, .hostedTool:
            block.input.announce(block: block.number, into: &events)
            if block.kind == .hostedTool { hostedTools.note(block.input.callID, block.input.name) }
        case .hostedResult: events.append(.toolResult(block: block.number, hostedTools.result(block.start)))
        case .opaque: break
        }
        open.append(block)
    }

    // MARK: Deltas

    /// Adds a piece to an open block.
    mutating func apply(_ delta: JSONNode, at index: Int, into events: inout [ModelEvent]) throws(ModelError) {
        guard let type = delta["type"] else { return }
        guard let place = place(of: index) else {
            try applyToUnknown(delta, type, at: index, into: &events)
            return
        }
        if type.isString("text_delta") {
            let node = delta["text"]
            if let text = node?.string(joining: &open[place].carry), !text.isEmpty {
                events.append(.content(block: open[place].number, text: text))
                if !open[place].carry.isPending {
                    repeatable = RepeatableText(node)
                    repeatableNumber = open[place].number
                }
            }
        } else if type.isString("input_json_delta") {
            let number = open[place].number
            if let text = delta["partial_json"]?.string(joining: &open[place].input.carry) {
                try open[place].input.append(text, block: number, budget: &budget, into: &events)
            }
        } else if type.isString("thinking_delta") {
            try AnthropicBlocks.add(delta["thinking"], to: &open[place], &budget, into: &events)
        } else if type.isString("signature_delta") {
            let signature = delta["signature"]?.string ?? ""
            try budget.take(signature)
            open[place].signature = signature
        } else if type.isString("citations_delta") {
            if let citation = delta["citation"] { cite(citation, open[place].number, into: &events) }
        } else {
            // What is not understood cannot be put together, and half a block must not go back.
            open[place].isWhole = false
        }
    }

    /// Adds another piece to the block of the last one.
    @inline(__always)
    func `repeat`(_ text: String, into events: inout [ModelEvent]) {
        events.append(.content(block: repeatableNumber, text: text))
    }

    /// A piece of a block that was never started: text is not lost for it.
    private mutating func applyToUnknown(
        _ delta: JSONNode, _ type: JSONNode, at index: Int, into events: inout [ModelEvent]
    ) throws(ModelError) {
        let kind: AnthropicBlock.Kind
        if type.isString("text_delta") {
            kind = .text
        } else if type.isString("thinking_delta") {
            kind = .thinking
        } else {
            return
        }
        settleDoubtful(isComplete: true, into: &events)
        try limits.checkOpenBlocks(open.count)
        open.append(AnthropicBlock(index: index, number: nextNumber, kind: kind))
        nextNumber += 1
        try apply(delta, at: index, into: &events)
    }

    private static func add(
        _ node: JSONNode?, to block: inout AnthropicBlock, _ budget: inout RetentionBudget,
        into events: inout [ModelEvent]
    ) throws(ModelError) {
        guard let text = node?.string(joining: &block.carry), !text.isEmpty else { return }
        if block.kind == .thinking {
            try budget.take(text)
            block.thinking += text
            events.append(.reasoning(block: block.number, text: text))
        } else {
            events.append(.content(block: block.number, text: text))
        }
    }

    private func cite(_ node: JSONNode, _ number: Int, into events: inout [ModelEvent]) {
        let citation = Citation(
            url: node["url"]?.string ?? node["source"]?.string,
            title: node["title"]?.string ?? node["document_title"]?.string, citedText: node["cited_text"]?.string)
        events.append(.citation(block: number, citation))
    }

    // MARK: Stop

    /// Closes a block.
    mutating func stop(at index: Int, into events: inout [ModelEvent]) {
        guard let place = place(of: index) else { return }
        finish(open.remove(at: place), into: &events)
    }

    /// Closes what the stream left open; returns the tool of a call whose input is not whole JSON.
    ///
    /// - Parameter wasCut: Whether the limit of tokens cut the answer.
    mutating func finish(wasCut: Bool, into events: inout [ModelEvent]) -> String? {
        settleDoubtful(isComplete: !wasCut, into: &events)
        for var block in open {
            if block.kind == .tool {
                // An open call is never made.
                unreadable = unreadable ?? block.input.name
                events.append(.blockFinished(block: block.number))
            } else {
                block.isWhole = false
                finish(block, into: &events)
            }
        }
        open = []
        return unreadable
    }

    private mutating func finish(_ block: AnthropicBlock, into events: inout [ModelEvent]) {
        if block.kind == .tool, block.input.isEmpty, block.startInput == nil {
            settleDoubtful(isComplete: true, into: &events)
            doubtful = block
            return
        }
        if !block.finish(into: &events) { unreadable = unreadable ?? block.input.name }
    }

    private mutating func settleDoubtful(isComplete: Bool, into events: inout [ModelEvent]) {
        guard let block = doubtful else { return }
        doubtful = nil
        if isComplete {
            _ = block.finish(into: &events)
        } else {
            events.append(.blockFinished(block: block.number))
        }
    }

    private func place(of index: Int) -> Int? {
        open.lastIndex { $0.index == index }
    }
}
