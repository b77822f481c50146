import AgentKit
import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery
import Synchronization

/// What happens in a simulation from its beginning to its end: one life of its processes after another, and a calm one at last.
struct SimulationHistory: Sendable {
    let world: SimulatedWorld
    let storage: any SimulatedStorage

    private var scheduler: SimulationScheduler { world.scheduler }
    private var witness: SimulationWitness { world.witness }

    /// How a life ends.
    private enum End: CaseIterable {
        /// The processes that work are killed; the stores stay.
        case kill
        /// The process that has the stores ends too.
        case crash
        case powerLoss
        /// The machine ends in the midst of a call.
        case stop
        /// Everything is shut down in good order.
        case drain
    }

    init(_ world: SimulatedWorld, _ storage: any SimulatedStorage) {
        self.world = world
        self.storage = storage
    }

    func run() async -> SimulationReport {
        var report = SimulationReport()
        do {
            var stores = try await storage.open()
            for _ in 0..<scheduler.draw(0...4) {
                let end = scheduler.draw(from: End.allCases)
                report.crashes += 1
                stores = try await live(stores, until: end)
            }
            storage.disturb(.none)
            try await finish(stores, &report)
        } catch {
            witness.fail("\(error)")
        }
        return report
    }

    // MARK: A life

    private func live(_ stores: SimulatedStores, until end: End) async throws -> SimulatedStores {
        witness.tell("a life until \(end)")
        world.beginLife()
        disturb(end)
        let hosts = (0..<scheduler.draw(1...2)).map { SimulatedHost("process \($0)", world, stores, isCalm: false) }
        scheduler.setAlarm(after: scheduler.draw(1...scheduler.draw(from: [30, 120, 400, 1200]))) { [world] in
            world.endLife()
        }
        await withTaskGroup(of: Void.self) { group in
            for (number, host) in hosts.enumerated() {
                let delay = Duration.milliseconds(number == 0 ? 0 : scheduler.draw(0...1500))
                group.addTask { await host.work(delay: delay, isCalm: false) }
            }
            for reader in world.readers where !reader.isDone {
                group.addTask { await reader.read(world.stream, of: stores.log) }
            }
            if scheduler.once(in: 2) {
                group.addTask { await SimulatedReporting(world: world, stores: stores).report(finishes: false) }
            }
            await world.life.wait()
            witness.tell("the life ends")
            for host in hosts { host.process.end() }
            group.cancelAll()
        }
        return try await reopen(stores, after: end)
    }

    private func disturb(_ end: End) {
        storage.disturb(.none)
        if end == .stop {
            storage.disturb(.stop(afterCalls: scheduler.draw(1...scheduler.draw(from: [20, 100, 500]))))
        }
        guard scheduler.once(in: 3) else { return }
        for _ in 0..<scheduler.draw(1...3) {
            let calls: [FileFailure.Call] = [
                .write, .read, .allocate, .sync, .syncDirectory, .open, .truncate, .rename,
            ]
            let call = scheduler.draw(from: calls)
            let kinds: [FileFailure.Kind] =
                call == .write ? [.full, .inputOutput, .short(7), .shortThenFull(100)] : [.inputOutput]
            storage.disturb(
                .failure(
                    FileFailure(
                        call, number: scheduler.draw(1...scheduler.draw(from: [3, 20, 100])),
                        scheduler.draw(from: kinds),
                        times: scheduler.draw(1...4))))
        }
    }

    private func reopen(_ stores: SimulatedStores, after end: End) async throws -> SimulatedStores {
        storage.disturb(.none)
        var mayLose = false
        var next = stores
        // A machine that has ended by itself does not come back by being shut down well.
        if storage.hasStopped || [.crash, .powerLoss, .stop].contains(end) {
            let losesPower = end == .powerLoss || (end == .stop && scheduler.once(in: 2))
            mayLose = try await storage.crash(losesPower: losesPower, seed: scheduler.drawSeed())
            next = try await storage.open()
        } else if end == .drain {
            await storage.shutDown(stores)
            next = try await storage.open()
        }
        let found = try await everything(in: next.log)
        witness.examine(found, mayLose: mayLose)
        if !found.isEmpty { try await SimulationChecks(world).progress(next, found, mayBeTorn: mayLose) }
        return next
    }

    // MARK: The end

    private func finish(_ stores: SimulatedStores, _ report: inout SimulationReport) async throws {
        witness.tell("the last life")
        world.beginLife()
        let host = SimulatedHost("the last process", world, stores, isCalm: true)
        let log = WitnessLog(base: stores.log, process: host.process, witness: witness, scheduler: scheduler)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in world.readers where !reader.isDone {
                group.addTask { await reader.read(world.stream, of: stores.log) }
            }
            await host.work(delay: .zero, isCalm: true)
            await SimulatedReporting(world: world, stores: stores).report(finishes: true)
            try await log.close(world.stream)
            // Readers end by themselves, at the stream's end.
            try await group.waitForAll()
        }
        let found = try await everything(in: stores.log)
        witness.examine(found, mayLose: false)
        let checks = SimulationChecks(world)
        for reader in world.readers {
            witness.require(reader.isDone, "\(reader.name) was not told of the stream's end")
            reader.examine(found)
        }
        try await checks.progress(stores, found, mayBeTorn: false)
        try checks.runs(found, &report)
        report.events = found.count
        report.lostEvents = witness.state.withLock { $0.lost.count }
    }

    private func everything(in log: any EventLog) async throws -> [LoggedEvent] {
        var events: [LoggedEvent] = []
        var offset = Offset.start
        do throws(EventLogError) {
            while true {
                let page = try await log.read(world.stream, after: offset, limit: PageLimit())
                events += page.events
                offset = page.next
                if page.isUpToDate { return events }
            }
        } catch {
            if error.code == .notFound { return [] }
            throw error
        }
    }
}
