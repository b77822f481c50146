import AgentKitTesting
import DurableLog
import StreamCore
import Testing

/// Every call of the file system fails in its turn, once or for a while: what was acknowledged holds, then, later, in a process that follows, and after a loss of power.
@Suite struct StorageFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var call: FileFailure.Call
        var kind: FileFailure.Kind
        var times: Int
        var testDescription: String { "\(call) \(kind) × \(times)" }
    }

    static let cases: [Case] = FileFailure.Call.allCases.flatMap { call -> [Case] in
        var kinds: [FileFailure.Kind] = [.inputOutput]
        if [.write, .allocate, .sync, .open].contains(call) { kinds.append(.full) }
        if call == .write { kinds += [.short(1), .short(70), .shortThenFull(33)] }
        return kinds.flatMap { kind in [1, 2, 1000].map { Case(call: call, kind: kind, times: $0) } }
    }

    @Test(arguments: cases)
    func everyCallOfEveryKind(_ failing: Case) async throws {
        for story in [LogStory.everything, .checkpointed] {
            let count = try await countOfCalls(failing.call, in: story)
            for number in stride(from: 1, through: count, by: Density.calls) {
                do {
                    try await run(story, failing, number)
                } catch {
                    throw Misread("\(failing.testDescription), from call \(number): \(error)")
                }
            }
        }
    }

    private func countOfCalls(_ call: FileFailure.Call, in story: LogStory) async throws -> Int {
        var teller = LogTeller(FaultInjectingFileSystem())
        try await teller.tell(story)
        try await teller.tell(.reopen)
        return teller.system.count(of: call)
    }

    private func run(_ story: LogStory, _ failing: Case, _ number: Int) async throws {
        let system = FaultInjectingFileSystem()
        system.fail(FileFailure(failing.call, number: number, failing.kind, times: failing.times))
        var teller = LogTeller(system)
        try await teller.tell(story)
        // The power fails while things are as they are.
        try await examineLosses(of: system, teller.memory, "with the failure")
        system.heal()
        // The same process goes on …
        if let log = teller.log {
            let live = LogExaminer(log: log, memory: teller.memory, losesUnsynced: false)
            for (id, stream) in teller.memory.streams where stream.existence == .made {
                let reading = await live.read(id)
                if let error = reading.error { throw Misread("\(id) cannot be read by its writer: \(error)") }
                try live.compare(reading.events, with: stream, id)
            }
        }
        let made = teller.memory.streams.filter { $0.value.existence == .made }.keys.sorted()
        for id in made { try await teller.tell(.append(id, 1, .synced)) }
        try await examineLosses(of: system, teller.memory, "after the failure")
        // … then ends, well or not; what follows it on the same machine finds what the system's cache holds, and makes it as durable.
        let memory = teller.memory
        let killed = system.crashed()
        try await teller.tell(.reopen)
        teller.drop()
        for (next, end) in [(system, "shut down"), (killed, "killed")] {
            var follower = LogTeller(next, memory: memory)
            for id in made { try await follower.tell(.append(id, 1, .synced)) }
            for id in made where follower.memory.streams[id]?.isClosed == false {
                guard follower.memory.streams[id]?.batches.last?.last != nil else {
                    throw Misread("nothing can be appended to \(id) in the process that follows one \(end)")
                }
            }
            try await examineLosses(of: next, follower.memory, "in the process that follows one \(end)")
        }
    }

    private func examineLosses(of system: FaultInjectingFileSystem, _ memory: LogMemory, _ what: String) async throws {
        for seed in 0..<(Density.losses + 2) / 3 {
            do {
                let log = try system.withoutPower(seed: seed).openLogInline()
                try await LogExaminer(log: log, memory: memory, losesUnsynced: true).examineAll()
            } catch {
                throw Misread("power lost \(what), seed \(seed): \(error)")
            }
        }
    }
}

/// The power fails after every step: of what was not synced, sectors are there, or not, in any order.
@Suite struct PowerLossTests {
    @Test func afterEveryStep() async throws {
        for story in [LogStory.everything, .checkpointed] {
            var teller = LogTeller(FaultInjectingFileSystem())
            for (number, step) in story.steps.enumerated() {
                try await teller.tell(step)
                for seed in 0..<Density.losses {
                    do {
                        let log = try teller.system.withoutPower(seed: seed).openLogInline()
                        try await LogExaminer(log: log, memory: teller.memory, losesUnsynced: true).examineAll()
                    } catch {
                        throw Misread("power lost after step \(number), seed \(seed): \(error)")
                    }
                }
            }
        }
    }

    /// The machine ends within a step, at every call of the file system.
    @Test func atEveryCall() async throws {
        for story in [LogStory.everything, .checkpointed] {
            for calls in stride(from: 1, to: Int.max, by: Density.calls) {
                let system = FaultInjectingFileSystem()
                system.stop(afterCalls: calls)
                var teller = LogTeller(system)
                try await teller.tell(story)
                guard system.hasStopped else { break }
                for seed in 0..<(Density.losses + 2) / 3 {
                    do {
                        let log = try system.withoutPower(seed: seed).openLogInline()
                        try await LogExaminer(log: log, memory: teller.memory, losesUnsynced: true).examineAll()
                    } catch {
                        throw Misread("power lost at call \(calls), seed \(seed): \(error)")
                    }
                }
                do {
                    let log = try system.crashed().openLogInline()
                    try await LogExaminer(log: log, memory: teller.memory, losesUnsynced: false).examineAll()
                } catch {
                    throw Misread("killed at call \(calls): \(error)")
                }
            }
        }
    }
}
