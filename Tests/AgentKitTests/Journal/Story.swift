import AgentKit
import AgentKitTesting
import StreamCore
import StreamRecovery

/// A scripted conversation that every process tells the same way: what a model says depends on the request alone.
struct Story: Sendable {
    struct Step: Sendable {
        var reasoning: String?
        var texts: [String]
        var calls: [ToolCall] = []
        var usage = Usage(input: 10, output: 5)
    }

    var steps: [Step]
    /// What the model says when it is asked to go on.
    var continuation = "— and it went on."

    /// Thinks, says something, calls two tools, thinks again and answers in two blocks.
    static let weather = Story(steps: [
        Step(
            reasoning: "They ask about two cities.", texts: ["I will look both up. "],
            calls: [
                ToolCall(id: "call-a", name: "weather", input: ["city": "Oslo"]),
                ToolCall(id: "call-b", name: "weather", input: ["city": "Bergen"]),
            ]),
        Step(
            reasoning: "Rain in both, of course.",
            texts: ["It rains in Oslo, and it rains in Bergen.\n\n", "Take two umbrellas with you."]),
    ])

    /// The whole text.
    var text: String { steps.flatMap(\.texts).joined() }

    func model(
        _ capabilities: ModelCapabilities = ScriptedModel.defaultCapabilities,
        breaks: @escaping @Sendable (Int) -> ScriptedGeneration.ConnectionBreak? = { _ in nil }
    ) -> ScriptedModel {
        let number = Recorder<Int>()
        return ScriptedModel(
            name: "story", capabilities: capabilities,
            // An event and its cursor come together, as they do from a provider.
            batchSize: capabilities.contains(.backgroundResume) ? 2 : 1,
            kept: { id in Int(id.dropFirst("step-".count)).map { generation(step: $0) } },
            respond: { request in
                number.add(0)
                var generation = answer(to: request)
                generation.connectionBreak = breaks(number.values.count)
                return generation
            })
    }

    /// What the model says to a request.
    func answer(to request: ModelRequest) -> ScriptedGeneration {
        let step = request.messages.count { $0.role == .tool }
        if let last = request.messages.last, last.role == .assistant {
            return generation(step: step, after: last.text)
        }
        let asked = request.messages.suffix(2)
        if asked.count == 2, asked.first?.role == .assistant, asked.last?.text == RecoveryStrategy.continuationMessage {
            return generation(step: step, continuing: true)
        }
        return generation(step: step)
    }

    /// A step's response; after a prefix what is left of its text.
    func generation(step index: Int, after prefix: String = "", continuing: Bool = false) -> ScriptedGeneration {
        guard steps.indices.contains(index) else {
            return .failure(ModelError(kind: .invalidRequest, message: "no step"))
        }
        let step = steps[index]
        var parts: [ScriptedGeneration.Step] = []
        if let reasoning = step.reasoning, prefix.isEmpty, !continuing { parts.append(.reasoning(reasoning)) }
        var rest = prefix[...]
        for text in continuing ? [continuation] : step.texts {
            let common = text.commonPrefix(with: rest)
            rest = rest.dropFirst(common.count)
            let left = String(text.dropFirst(common.count))
            if left.isEmpty { continue }
            // Two texts are two blocks, as some providers have it.
            if case .text? = parts.last { parts.append(.reasoning("Then.")) }
            parts.append(.text(left))
        }
        for call in step.calls { parts.append(.toolCall(call.name, call.input, id: call.id)) }
        var generation = ScriptedGeneration(parts, usage: step.usage)
        generation.responseID = "step-\(index)"
        return generation
    }
}

extension String {
    fileprivate func commonPrefix(with other: Substring) -> Substring {
        var end = startIndex
        for (own, theirs) in zip(indices, other.indices) where end == own && self[own] == other[theirs] {
            end = index(after: own)
        }
        return self[..<end]
    }
}
