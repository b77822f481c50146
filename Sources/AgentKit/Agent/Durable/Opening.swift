import StreamCore
import StreamRecovery

/// How an attempt at a response begins: what is asked of the model, and what of the response there is already.
struct Opening: Sendable {
    /// What is asked.
    enum Ask: Sendable {
        case request(ModelRequest)
        case rest(after: ResponseCursor)
    }

    let ask: Ask
    /// The decision that led to it; nil for a response's first attempt.
    let recovery: Recovery?
    /// What of the response is kept, as it goes back to the model.
    let parts: [Message.Part]

    /// Whether the provider goes on with the same response, rather than being asked anew.
    var isSameResponse: Bool {
        if case .rest = ask { true } else { false }
    }

    /// The name of the strategy in the record of the attempt.
    var strategy: String { recovery?.strategy.rawValue ?? RunEntry.Attempt.start }

    /// A response's first attempt.
    init(_ request: ModelRequest) {
        ask = .request(request)
        recovery = nil
        parts = []
    }

    /// What a recovery asks; `kept` are the parts of the blocks that it keeps.
    init(_ recovery: Recovery, _ request: ModelRequest, kept: [Message.Part]) {
        self.recovery = recovery
        parts = kept
        switch recovery.plan.request {
        case .resume(let cursor): ask = .rest(after: cursor)
        case .same: ask = .request(request)
        case .prefill:
            ask = .request(request.followed(by: kept, without: recovery.plan.trimmed))
        case .message(_, let message):
            var followed = request.followed(by: kept, without: recovery.plan.trimmed)
            followed.messages.append(.user(message))
            ask = .request(followed)
        }
    }

    /// The response's turn: what was kept, and what came now.
    func turn(with parts: [Message.Part]) -> Message? {
        var joined = self.parts
        var rest = parts[...]
        if recovery?.plan.continuedBlock != nil, case .text(let begun)? = joined.last,
            case .text(let more)? = rest.first
        {
            joined[joined.count - 1] = .text(begun + more)
            rest = rest.dropFirst()
        }
        return Message(assistant: joined + rest)
    }
}

extension ModelRequest {
    /// The request with the beginning of the assistant's turn, without the white space that ends it.
    fileprivate func followed(by parts: [Message.Part], without trimmed: String) -> ModelRequest {
        var parts = parts
        var count = trimmed.unicodeScalars.count
        while count > 0, let index = parts.lastIndex(where: \.isText), case .text(var text) = parts[index] {
            while count > 0, text.unicodeScalars.last?.properties.isWhitespace == true {
                text.unicodeScalars.removeLast()
                count -= 1
            }
            let isEmptied = text.isEmpty
            if isEmptied { parts.remove(at: index) } else { parts[index] = .text(text) }
            if !isEmptied { break }
        }
        var request = self
        if let turn = Message(assistant: parts) { request.messages.append(turn) }
        return request
    }
}

extension Message.Part {
    fileprivate var isText: Bool {
        if case .text = self { true } else { false }
    }
}
