import AgentKit
import StreamCore

/// The names of responses that a scripted provider keeps.
enum KeptResponse {
    private static let prefix = "scripted-"

    static func id(of number: Int) -> String { prefix + String(number) }

    static func number(of id: String) -> Int? {
        guard id.hasPrefix(prefix), let number = Int(id.dropFirst(prefix.count)), number > 0 else { return nil }
        return number
    }
}

extension [ScriptedAction] {
    /// The actions up to where the connection breaks.
    func breaking(_ connection: ScriptedGeneration.ConnectionBreak) -> [ScriptedAction] {
        var count = 0
        let end = firstIndex { action in
            guard case .event = action else { return false }
            count += 1
            return count > connection.afterEvents
        }
        guard let end else { return self }
        return Array(self[..<end]) + (connection.error.map { [.fail($0)] } ?? [])
    }

    /// The actions with a cursor behind each event but the last of the response.
    func withCursors(_ id: String, after sequence: Int = -1) -> [ScriptedAction] {
        var sequence = sequence
        return flatMap { action -> [ScriptedAction] in
            guard case .event(let event) = action else { return [action] }
            sequence += 1
            if case .finish = event { return [action] }
            return [action, .event(.cursor(ResponseCursor(responseID: id, sequenceNumber: sequence)))]
        }
    }

    /// What follows an event, as a stream of its own: blocks are numbered from 0 as they appear.
    func rest(after sequence: Int) -> [ScriptedAction] {
        var count = -1
        var numbers: [Int: Int] = [:]
        return compactMap { action in
            guard case .event(let event) = action else { return count >= sequence ? action : nil }
            count += 1
            guard count > sequence else { return nil }
            return .event(
                event.inBlock { number in
                    let mapped = numbers[number] ?? numbers.count
                    numbers[number] = mapped
                    return mapped
                })
        }
    }
}

extension ModelEvent {
    /// The event with another block number.
    fileprivate func inBlock(_ map: (Int) -> Int) -> ModelEvent {
        switch self {
        case .content(let block, let text): .content(block: map(block), text: text)
        case .reasoning(let block, let text): .reasoning(block: map(block), text: text)
        case .toolInput(let block, let piece): .toolInput(block: map(block), piece)
        case .toolCall(let block, let call): .toolCall(block: map(block), call)
        case .toolResult(let block, let result): .toolResult(block: map(block), result)
        case .citation(let block, let citation): .citation(block: map(block), citation)
        case .providerData(let block, let data): .providerData(block: map(block), data)
        case .logprobs(let block, let tokens): .logprobs(block: map(block), tokens)
        case .blockFinished(let block): .blockFinished(block: map(block))
        case .responseStarted, .usage, .cursor, .finish: self
        }
    }
}
