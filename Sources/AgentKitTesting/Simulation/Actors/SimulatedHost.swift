import AgentKit
import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery

/// A process that works on the runs of a simulation: it begins what was not begun, and takes over what nobody seems to work on.
struct SimulatedHost: Sendable {
    let process: SimulatedProcess
    let runs: AgentRuns
    private let world: SimulatedWorld

    init(_ name: String, _ world: SimulatedWorld, _ stores: SimulatedStores, isCalm: Bool) {
        let process = SimulatedProcess(name: name)
        let scheduler = world.scheduler
        self.process = process
        self.world = world
        let log = WitnessLog(
            base: stores.log, process: process, witness: world.witness, scheduler: scheduler,
            lostAnswers: isCalm ? 0 : scheduler.draw(from: [0, 300, 1000]))
        var store = RunStore(log: log, checkpoints: scheduler.once(in: 3) ? nil : stores.checkpoints)
        store.checkpointInterval = scheduler.draw(1...40)
        store.recovery.limits.recoveries = 100
        store.recovery.retry.transientBackoff = Backoff(base: .milliseconds(100), cap: .seconds(2), jitter: .full)
        store.health = ProviderHealth(
            ProviderHealth.Settings(budgetFloor: 1000, breaker: nil), clock: scheduler.clock)
        store.progress = RunProgressOptions(
            store: stores.progress, prices: ["story": ModelPrice(input: 1, output: 10)],
            interval: scheduler.draw(from: [.zero, .milliseconds(20), .milliseconds(100)]))
        let agent = StreamingAgent(name: "writer", model: world.provider.model(), tools: world.tools(of: process)) {
            $0.clock = scheduler.clock
            $0.wallClock = { scheduler.clock.timestamp }
            $0.generator = SeededRandom(seed: scheduler.drawSeed())
            $0.parallelToolLimit = scheduler.draw(1...3)
            if scheduler.once(in: 4) { $0.smoothing = .words }
        }
        runs = AgentRuns(
            store: store, agents: [agent], limit: scheduler.draw(from: [1, 2, .max]), clock: scheduler.clock,
            wallClock: { scheduler.clock.timestamp })
    }

    /// Works until its task is cancelled.
    func work(delay: Duration, isCalm: Bool) async {
        let scheduler = world.scheduler
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await runs.run() }
            if delay > .zero { try? await scheduler.clock.sleep(for: delay) }
            if isCalm {
                await finishAll()
            } else {
                await beginAll()
                for _ in 0..<scheduler.draw(1...3) where !Task.isCancelled {
                    _ = try? await runs.recoverAll(quietFor: .milliseconds(scheduler.draw(from: [0, 0, 50, 2000])))
                    if let name = world.cancels, scheduler.once(in: 3) { await cancel(name) }
                    try? await scheduler.clock.sleep(for: .milliseconds(scheduler.draw(1...400)))
                }
                // What was begun goes on until the process ends.
                await world.life.wait()
            }
            group.cancelAll()
        }
    }

    private func beginAll() async {
        for (number, story) in world.provider.stories.enumerated() where !Task.isCancelled {
            let place = RunPlace(
                project: world.stream, agentID: "agent-\(number)",
                expectedTokens: world.scheduler.once(in: 4) ? nil : max(1, story.text.utf8.count / 4))
            _ = try? await runs.start("writer", AgentInput(story.name), id: story.name, in: place)
            await Task.yield()
        }
    }

    private func cancel(_ name: String) async {
        guard (try? await runs.cancel(name, in: world.stream, reason: "the visitor has seen enough")) != nil else {
            return
        }
        world.witness.tell("\(process.name) cancelled \(name)")
        world.noteCancelled(name)
    }

    // Everything that was ever begun is brought to its end.
    private func finishAll() async {
        var last = "nothing was tried"
        for _ in 0..<8 {
            await beginAll()
            do {
                _ = try await runs.recoverAll()
            } catch {
                last = "\(error)"
            }
            var isDone = true
            for story in world.provider.stories {
                do throws(AgentError) {
                    _ = try await runs.result(of: story.name, in: world.stream)
                } catch {
                    // A failure that is the run's own is its end; any other leaves it to be recovered.
                    let kinds: [FailureKind] = [.interrupted, .storage, .fenced, .notFound]
                    if kinds.contains(error.kind) {
                        isDone = false
                        last = "\(error)"
                    }
                }
            }
            if isDone { return await runs.drain(within: .zero) }
        }
        world.witness.fail("\(process.name) cannot bring all runs to their end: \(last)")
    }
}
