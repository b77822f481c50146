import AgentKit
import StreamCore
import StreamRecovery

/// What the model of a simulation says, which depends on the request alone: whoever asks, in whichever process, and however an answer broke, gets the same words.
struct SimulatedStory: Sendable {
    struct Step: Sendable {
        var reasoning: String?
        /// Blocks of text.
        var texts: [String]
        var calls: [ToolCall] = []
        var usage: Usage
    }

    /// How a response begins.
    struct Opening: Sendable, Hashable {
        var step: Int
        /// How many characters of the step's text are there already.
        var written = 0
        /// How many of them are repeated.
        var repeated = 0
    }

    let name: String
    var steps: [Step] = []

    /// The whole text.
    var text: String { steps.flatMap(\.texts).joined() }
    var calls: [ToolCall] { steps.flatMap(\.calls) }

    /// A story of some steps; its words are all different, so that no repetition is there by chance.
    init(_ number: Int, _ scheduler: SimulationScheduler) {
        name = "run-\(number)"
        let count = scheduler.draw(1...3)
        for step in 0..<count {
            let texts = (0..<scheduler.draw(step + 1 == count ? 1...2 : 0...2)).map { block in
                let words = (0..<scheduler.draw(2...12)).map {
                    "\(["wort", "слово", "mot"][block % 3])-\(number).\(step).\(block).\($0)"
                }
                return words.joined(separator: " ") + scheduler.draw(from: ["", " ", "\n\n", ".\u{1F600}"])
            }
            let calls =
                step + 1 == count
                ? []
                : (0..<scheduler.draw(1...2)).map { call in
                    ToolCall(
                        id: "call-\(step)-\(call)", name: scheduler.draw(from: ["find", "pay"]),
                        input: ["of": .string("\(name), \(step)")])
                }
            steps.append(
                Step(
                    reasoning: scheduler.once(in: 2) ? "Thinking about step \(step) of \(name)." : nil, texts: texts,
                    calls: calls, usage: Usage(input: 10 + number, output: 5 + step, reasoning: step)))
        }
    }

    // MARK: Answers

    /// How the response to a request begins.
    func opening(of request: ModelRequest, repeats: Int) -> Opening {
        let step = request.messages.count { $0.role == .tool }
        guard let last = request.messages.last else { return Opening(step: step) }
        if last.role == .assistant { return Opening(step: step, written: last.text.count) }
        let asked = request.messages.suffix(2)
        if asked.count == 2, let first = asked.first, first.role == .assistant,
            asked.last?.text == RecoveryStrategy.continuationMessage
        {
            let written = first.text.count
            let repeated = min(repeats, writtenOfLastBlock(step, written))
            // Fewer are no repetition that a reader could tell from chance.
            return Opening(step: step, written: written, repeated: repeated >= 20 ? repeated : 0)
        }
        return Opening(step: step)
    }

    // A model repeats no more than the end of a block: what comes in two is no repetition of one.
    private func writtenOfLastBlock(_ step: Int, _ written: Int) -> Int {
        guard steps.indices.contains(step) else { return 0 }
        var start = 0
        for text in steps[step].texts {
            if start + text.count >= written { break }
            start += text.count
        }
        return written - start
    }

    /// The response with an opening; its name says all of it, so that it can be had again.
    func generation(_ opening: Opening) -> ScriptedGeneration? {
        guard steps.indices.contains(opening.step) else { return nil }
        let step = steps[opening.step]
        // What is known at first: a response that breaks off has cost that much.
        var parts: [ScriptedGeneration.Step] = [.usage(Usage(input: step.usage.input))]
        if let reasoning = step.reasoning, opening.written == 0 { parts.append(.reasoning(reasoning)) }
        var skipped = opening.written - opening.repeated
        for text in step.texts {
            let rest = String(text.dropFirst(skipped))
            skipped = max(0, skipped - text.count)
            if rest.isEmpty { continue }
            // Two texts are two blocks, as some providers have it; a repetition is in one with what follows.
            if case .text? = parts.last { parts.append(.reasoning("Then.")) }
            parts.append(.text(rest))
        }
        for call in step.calls { parts.append(.toolCall(call.name, call.input, id: call.id)) }
        var generation = ScriptedGeneration(parts, usage: step.usage)
        generation.responseID = "\(name)/\(opening.step)/\(opening.written)/\(opening.repeated)"
        return generation
    }

    /// The response of a name.
    func generation(named id: String) -> ScriptedGeneration? {
        let parts = id.split(separator: "/")
        guard parts.count == 4, parts[0] == name, let step = Int(parts[1]), let written = Int(parts[2]),
            let repeated = Int(parts[3])
        else { return nil }
        return generation(Opening(step: step, written: written, repeated: repeated))
    }
}
