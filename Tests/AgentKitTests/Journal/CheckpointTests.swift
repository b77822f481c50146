import AgentKitTesting
import DurableLog
import StreamCore
import StreamRecovery
import Testing

@testable import AgentKit

@Suite struct RunCheckpointTests {
    /// A run with tools, cut in the midst of its second response.
    private func cutRun(
        _ log: any EventLog, _ rung: Rung, crash: Int = .max, _ checkpoints: MemoryCheckpointStore? = nil
    )
        async throws
    {
        let model = Story.weather.model(rung.capabilities) { number in
            number == 2 ? ScriptedGeneration.ConnectionBreak(afterEvents: 9) : nil
        }
        let agent = StreamingAgent.durable(
            model, CrashingLog(log, atAppend: crash), rung, tools: [countingWeather(Recorder())]
        ) {
            $0.store?.checkpoints = checkpoints
            $0.store?.checkpointInterval = 1
        }
        _ = try? await agent.respond(to: "The weather?", id: "run")
    }

    @Test(arguments: Rung.allCases)
    func foldingFromEveryPlaceComesToTheSame(rung: Rung) async throws {
        let log = MemoryEventLog()
        try await cutRun(log, rung)
        let events = try await events(of: "run", in: log)
        var states: [RunFold] = [RunFold(runID: "run")]
        for event in events {
            var next = states[states.count - 1]
            try next.apply(event)
            states.append(next)
        }
        let last = try #require(states.last)
        for (index, state) in states.enumerated() {
            var restored = try RunFold(jsonValue: try JSONValue(parsing: state.jsonValue.jsonString))
            #expect(restored == state, "after \(index) events")
            for event in events[index...] { try restored.apply(event) }
            #expect(restored == last, "from \(index)")
        }
        #expect(last.outcome == .finished(.stop))
        #expect(last.recoveries == 1)
    }

    @Test func theProcessSeesWhatTheLogHas() async throws {
        let log = MemoryEventLog()
        let checkpoints = MemoryCheckpointStore()
        try await cutRun(log, .prefill, checkpoints)
        let now = Timestamp(millisecondsSince1970: 2)
        let key = Checkpoint.Key(stream: "run", run: "run")
        let checkpoint = try #require(try await checkpoints.load(key, at: now).checkpoint)
        var fold = RunFold(runID: "run")
        for event in try await events(of: "run", in: log) where event.offset <= checkpoint.position {
            try fold.apply(event)
        }
        #expect(try RunFold(jsonValue: checkpoint.state) == fold)
        #expect(checkpoint.content == fold.text)
    }

    /// Whatever became of the checkpoint, the run goes on as the log has it.
    @Test(arguments: [10, 20, 30, 38], ["kept", "none", "damaged", "of nonsense", "expired", "from a lost log"])
    func recoversWithAnyCheckpoint(crash: Int, state: String) async throws {
        let log = MemoryEventLog()
        let checkpoints = MemoryCheckpointStore()
        try await cutRun(log, .prefill, crash: crash, checkpoints)
        let key = Checkpoint.Key(stream: "run", run: "run")
        let record = checkpoints.read(key)
        let later = Timestamp(millisecondsSince1970: 1 << 40)
        switch state {
        case "none": checkpoints.remove(key)
        case "damaged": try checkpoints.write((record ?? []).dropLast() + [0], for: key, expiresAt: later)
        case "of nonsense":
            try await checkpoints.save(
                Checkpoint(
                    id: "x", key: key, position: .start, content: "", state: ["runId": "run", "offset": 3],
                    timestamp: Timestamp(millisecondsSince1970: 0)))
        case "expired":
            try await checkpoints.save(
                Checkpoint(
                    id: "x", key: key, position: .start, content: "", timestamp: Timestamp(millisecondsSince1970: -1),
                    timeToLive: .zero))
        case "from a lost log":
            var fold = RunFold(runID: "run")
            fold.offset = try #require(Offset(era: 3, index: 1 << 30))
            try await checkpoints.save(
                Checkpoint(
                    id: "x", key: key, position: fold.offset, content: "", state: fold.jsonValue,
                    timestamp: Timestamp(millisecondsSince1970: 0)))
        default: break
        }
        let told = Recorder<String>()
        let agent = StreamingAgent.durable(
            Story.weather.model(Rung.prefill.capabilities), log, .prefill, tools: [countingWeather(Recorder())]
        ) {
            $0.store?.checkpoints = checkpoints
            $0.instrumentation = Instrumentation { event in
                if case .storeFailed(_, "checkpoint", let reason) = event { told.add(reason) }
            }
        }
        let recovered = await agent.recover("run").read()
        #expect(told.values.count == (["damaged", "of nonsense", "expired"].contains(state) ? 1 : 0), "\(told.values)")
        #expect(recovered.finish == .stop, "\(String(describing: recovered.error))")
        #expect(try await transcript(of: "run", in: log).text == Story.weather.text)
    }
}

extension RunCheckpointTests {
    private func cutRun(_ log: any EventLog, _ rung: Rung, _ checkpoints: MemoryCheckpointStore) async throws {
        try await cutRun(log, rung, crash: .max, checkpoints)
    }
}
