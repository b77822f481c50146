import AgentKit
import StreamCore

/// What decoding a stream gave: its events, and the error that ended it.
struct Decoded: Equatable {
    var events: [ModelEvent] = []
    var error: ModelError?

    /// Decodes a body that comes in the given pieces.
    init(_ dialect: ModelDialect, pieces: some Sequence<ArraySlice<UInt8>>, parsesAll: Bool = false) {
        var decoder = ModelStreamDecoder(dialect: dialect, parsesAll: parsesAll)
        do {
            for piece in pieces { try decoder.decode(Array(piece), into: &events) }
            try decoder.finish(into: &events)
        } catch {
            self.error = error
        }
    }

    /// Decodes a body that comes at once.
    init(_ dialect: ModelDialect, _ body: some Sequence<UInt8>) {
        self.init(dialect, pieces: [Array(body)[...]])
    }

    /// Decodes a stream with an event for each JSON text; without names, as Chat Completions sends them.
    init(_ dialect: ModelDialect, data: [String]) {
        self.init(dialect, Decoded.body(data))
    }

    static func body(_ data: [String]) -> [UInt8] {
        Array(data.map { "data: \($0)\n\n" }.joined().utf8)
    }

    /// Errors are the same when all that they say is.
    static func == (lhs: Decoded, rhs: Decoded) -> Bool {
        lhs.events == rhs.events && lhs.error?.description == rhs.error?.description
    }

    var content: String {
        events.reduce(into: "") { if case .content(_, let text) = $1 { $0 += text } }
    }

    var reasoning: String {
        events.reduce(into: "") { if case .reasoning(_, let text) = $1 { $0 += text } }
    }

    var calls: [ToolCall] {
        events.compactMap { if case .toolCall(_, let call) = $0 { call } else { nil } }
    }

    var inputs: [String: String] {
        events.reduce(into: [:]) {
            if case .toolInput(_, let piece) = $1 { $0[piece.callID, default: ""] += piece.delta }
        }
    }

    var providerData: [JSONValue] {
        events.compactMap { if case .providerData(_, let data) = $0 { data.value } else { nil } }
    }

    var citations: [Citation] {
        events.compactMap { if case .citation(_, let citation) = $0 { citation } else { nil } }
    }

    var usage: Usage? {
        events.reversed().lazy.compactMap { if case .usage(let usage) = $0 { usage } else { nil } }.first
    }

    /// The reason of the finish, when it is the last event and the only finish.
    var finish: FinishReason? {
        let finishes = events.filter { if case .finish = $0 { true } else { false } }
        guard finishes.count == 1, case .finish(let reason) = events.last else { return nil }
        return reason
    }

    /// The blocks in the order in which they first appear.
    var blocks: [Int] {
        events.compactMap(\.block).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Whether every block that appears is finished once and nothing follows that.
    var blocksAreClosed: Bool {
        var finished: Set<Int> = []
        for event in events {
            guard let block = event.block else { continue }
            if finished.contains(block) { return false }
            if case .blockFinished = event { finished.insert(block) }
        }
        return finished == Set(blocks)
    }
}

extension ModelEvent {
    var block: Int? {
        switch self {
        case .content(let block, _), .reasoning(let block, _), .toolInput(let block, _), .toolCall(let block, _),
            .toolResult(let block, _), .citation(let block, _), .providerData(let block, _), .logprobs(let block, _),
            .blockFinished(let block):
            block
        case .responseStarted, .usage, .cursor, .finish: nil
        }
    }
}
