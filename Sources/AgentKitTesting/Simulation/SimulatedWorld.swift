import AgentKit
import DurableLog
import StreamCore
import Synchronization

/// What there is in a simulation besides its stores and its processes.
final class SimulatedWorld: Sendable {
    let stream: StreamID = "project"
    let scheduler: SimulationScheduler
    let witness: SimulationWitness
    let provider: SimulatedProvider
    let readers: [SimulatedReader]
    /// The run that somebody cancels; nil for none.
    let cancels: String?
    private let cancelled = Mutex<Set<String>>([])
    private let lives = Mutex(Gate())

    init(_ scheduler: SimulationScheduler, _ witness: SimulationWitness) {
        self.scheduler = scheduler
        self.witness = witness
        let stories = (0..<scheduler.draw(1...2)).map { SimulatedStory($0, scheduler) }
        provider = SimulatedProvider(stories, scheduler)
        readers = (0..<scheduler.draw(2...3)).map { SimulatedReader($0, scheduler, witness) }
        cancels = scheduler.once(in: 6) ? stories[0].name : nil
    }

    /// Opened when the life of the processes is over.
    var life: LifeEnd { LifeEnd(gate: lives.withLock { $0 }) }

    func beginLife() {
        lives.withLock { $0 = Gate() }
    }

    func endLife() {
        lives.withLock { $0 }.open()
    }

    struct LifeEnd: Sendable {
        fileprivate let gate: Gate

        /// Returns when it is over, or the task is cancelled.
        func wait() async { try? await gate.wait() }
    }

    func noteCancelled(_ run: String) {
        cancelled.withLock { _ = $0.insert(run) }
    }

    /// Whether somebody was told that the run is cancelled for good.
    func isCancelled(_ run: String) -> Bool { cancelled.withLock { $0.contains(run) } }

    /// The tools of the agents; one may be repeated under its key, the other never.
    func tools(of process: SimulatedProcess) -> [Tool] {
        ["find", "pay"].map { name in
            let isIdempotent = name == "find"
            let (scheduler, witness) = (scheduler, witness)
            var tool = Tool(name, description: name, inputSchema: ["type": "object"]) {
                (input: JSONValue, context: ToolContext) -> String in
                witness.execute(context.idempotencyKey, isIdempotent: isIdempotent)
                if scheduler.once(in: 2) {
                    try await scheduler.clock.sleep(for: .milliseconds(scheduler.draw(1...100)))
                }
                if scheduler.once(in: 10) { throw ToolError("\(name) has nothing") }
                return "\(name): \(input["of"]?.stringValue ?? "")"
            }
            tool.isIdempotent = isIdempotent
            return tool
        }
    }
}
