import AgentKit
import StreamCore

/// What a scripted response does next.
enum ScriptedAction: Sendable {
    case event(ModelEvent)
    case sleep(Duration)
    case wait(Gate)
    case hang
    case fail(ModelError)
}

/// Turns the steps of a generation into events, with the blocks that a provider would have.
struct GenerationCompiler {
    private enum Kind {
        case text, reasoning
    }

    /// What the response does, in order.
    private(set) var actions: [ScriptedAction] = []
    private let requestNumber: Int
    private let tokenDelay: Duration
    private var nextBlock = 0
    private var open: (number: Int, kind: Kind)?
    private var callCount = 0
    private var isCut = false
    private var canFinish = true

    /// Compiles the answer to a request, counted from 1.
    init(_ generation: ScriptedGeneration, requestNumber: Int, tokenDelay: Duration) {
        self.requestNumber = requestNumber
        self.tokenDelay = generation.tokenDelay ?? tokenDelay
        for step in generation.steps where !isCut { append(step) }
        guard !isCut else { return }
        close()
        if let usage = generation.usage { event(.usage(usage)) }
        if canFinish { event(.finish(generation.finish ?? (callCount > 0 ? .toolCalls : .stop))) }
    }

    private mutating func append(_ step: ScriptedGeneration.Step) {
        switch step {
        case .text(let text, let logprob):
            let block = block(.text)
            for token in TokenSplitter.tokens(of: text) {
                delay()
                if let logprob { event(.logprobs(block: block, [TokenLogprob(token: token, logprob: logprob)])) }
                event(.content(block: block, text: token))
            }
        case .reasoning(let text):
            let block = block(.reasoning)
            for token in TokenSplitter.tokens(of: text) {
                delay()
                event(.reasoning(block: block, text: token))
            }
        case .toolCall(let name, let input, let id):
            let id = id ?? makeCallID()
            let block = appendInput(name, id, input.jsonString)
            callCount += 1
            event(.toolCall(block: block, ToolCall(id: id, name: name, input: input)))
            event(.blockFinished(block: block))
        case .openToolCall(let name, let input): _ = appendInput(name, makeCallID(), input)
        case .usage(let usage): event(.usage(usage))
        case .event(let raw):
            if case .finish = raw { canFinish = false }
            event(raw)
        case .wait(let duration): actions.append(.sleep(duration))
        case .waitAt(let gate): actions.append(.wait(gate))
        case .hang:
            actions.append(.hang)
            isCut = true
        case .fail(let error):
            actions.append(.fail(error))
            isCut = true
        case .cut: isCut = true
        }
    }

    private mutating func appendInput(_ name: String, _ id: String, _ input: String) -> Int {
        close()
        let block = takeBlock()
        event(.toolInput(block: block, ToolInputDelta(callID: id, toolName: name, delta: "")))
        for piece in TokenSplitter.pieces(of: input, length: 8) {
            delay()
            event(.toolInput(block: block, ToolInputDelta(callID: id, toolName: name, delta: piece)))
        }
        return block
    }

    private func makeCallID() -> String { "call-\(requestNumber)-\(callCount + 1)" }

    private mutating func block(_ kind: Kind) -> Int {
        if let open, open.kind == kind { return open.number }
        close()
        let number = takeBlock()
        open = (number, kind)
        return number
    }

    private mutating func takeBlock() -> Int {
        defer { nextBlock += 1 }
        return nextBlock
    }

    private mutating func close() {
        if let open { event(.blockFinished(block: open.number)) }
        open = nil
    }

    private mutating func delay() {
        if tokenDelay > .zero { actions.append(.sleep(tokenDelay)) }
    }

    private mutating func event(_ event: ModelEvent) {
        actions.append(.event(event))
    }
}

/// Cuts text as a tokenizer roughly would.
enum TokenSplitter {
    /// Words, each with the white space before it.
    static func tokens(of text: String) -> [String] {
        var tokens: [String] = []
        var start = text.startIndex
        var hasWord = false
        for index in text.indices {
            if text[index].isWhitespace {
                if hasWord {
                    tokens.append(String(text[start..<index]))
                    start = index
                    hasWord = false
                }
            } else {
                hasWord = true
            }
        }
        if start < text.endIndex { tokens.append(String(text[start...])) }
        return tokens
    }

    /// Pieces of a number of characters.
    static func pieces(of text: String, length: Int) -> [String] {
        var pieces: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}
