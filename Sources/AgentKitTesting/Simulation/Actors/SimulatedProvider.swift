import AgentKit
import StreamCore
import Synchronization

/// The provider of a simulation's model: tells stories, and fails now and then, but never so often that a run must end by it.
final class SimulatedProvider: Sendable {
    private struct Faults: Sendable {
        var left: Int
        var inARow = 0
        var isDoomed: Bool
    }

    let stories: [SimulatedStory]
    let capabilities: ModelCapabilities
    private let scheduler: SimulationScheduler
    private let tokenDelay: Duration
    private let faults: Mutex<[String: Faults]>

    init(_ stories: [SimulatedStory], _ scheduler: SimulationScheduler) {
        self.stories = stories
        self.scheduler = scheduler
        var capabilities = ScriptedModel.defaultCapabilities
        if scheduler.once(in: 2) { capabilities.insert(.prefill) }
        if scheduler.once(in: 3) { capabilities.insert(.backgroundResume) }
        self.capabilities = capabilities
        tokenDelay = scheduler.draw(from: [.zero, .milliseconds(5), .milliseconds(60)])
        var faults: [String: Faults] = [:]
        for story in stories {
            faults[story.name] = Faults(left: scheduler.draw(0...5), isDoomed: scheduler.once(in: 12))
        }
        self.faults = Mutex(faults)
    }

    /// Whether a run meets a failure that no trying again helps against.
    func isDoomed(_ run: String) -> Bool { faults.withLock { $0[run]?.isDoomed ?? false } }

    /// The model as a process has it.
    func model() -> ScriptedModel {
        ScriptedModel(
            name: "story", capabilities: capabilities, clock: scheduler.clock, tokenDelay: tokenDelay,
            // An event and its cursor come together, as they do from a provider.
            batchSize: capabilities.contains(.backgroundResume) ? 2 : scheduler.draw(1...4),
            kept: { [self] id in stories.lazy.compactMap { $0.generation(named: id) }.first },
            respond: { [self] request in answer(to: request) })
    }

    private func answer(to request: ModelRequest) -> ScriptedGeneration {
        guard let name = request.messages.first?.text, let story = stories.first(where: { $0.name == name }) else {
            return .failure(ModelError(kind: .invalidRequest, message: "a story that nobody knows"))
        }
        let opening = story.opening(of: request, repeats: scheduler.draw(from: [0, 0, 25, 40]))
        guard let generation = story.generation(opening) else {
            return .failure(ModelError(kind: .invalidRequest, message: "the story is over"))
        }
        let (isFaulty, isDoomed) = faults.withLock { faults -> (Bool, Bool) in
            guard var known = faults[name] else { return (false, false) }
            defer { faults[name] = known }
            if known.left > 0, known.inARow < 3, scheduler.once(in: 2) {
                known.left -= 1
                known.inARow += 1
                return (true, false)
            }
            known.inARow = 0
            return (false, known.isDoomed && scheduler.once(in: 3))
        }
        if isDoomed { return .failure(ModelError(kind: .quotaExceeded, message: "the spend limit is reached")) }
        return isFaulty ? spoilt(generation, opening) : generation
    }

    private func spoilt(_ generation: ScriptedGeneration, _ opening: SimulatedStory.Opening) -> ScriptedGeneration {
        let events = scheduler.draw(0...24)
        switch scheduler.draw(0...7) {
        case 0: return .failure(ModelError(kind: .overloaded, message: "busy", retryAfter: .seconds(1)))
        case 1: return .failure(ModelError(kind: .server, message: "broken"))
        case 2:
            // A model that cannot be prefilled, whatever it says of itself.
            if opening.written > 0 { return .failure(ModelError(kind: .invalidRequest, message: "no prefill")) }
            return generation.breaking(afterEvents: events, with: ModelError(kind: .transport, message: "reset"))
        case 3:
            var silent = generation
            silent.steps = Array(silent.steps.prefix(scheduler.draw(0...2))) + [.hang]
            return silent
        case 4, 5: return generation.breaking(afterEvents: events)
        default: return generation.breaking(afterEvents: events, with: ModelError(kind: .overloaded, message: "busy"))
        }
    }
}
