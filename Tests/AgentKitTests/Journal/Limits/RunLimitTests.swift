import AgentKitTesting
import DurableLog
import ProgressTracking
import StreamCore
import StreamRecovery
import Testing

@testable import AgentKit

/// What a run may take in all, however often it recovers, and whoever works on it.
@Suite struct RunLimitTests {
    private let log = MemoryEventLog()
    private let clock = AdvancingClock()

    /// Each response takes a second and a thousand tokens, writes something, and fails.
    private func model() -> ScriptedModel {
        ScriptedModel(name: "story", clock: clock) { _ in
            ScriptedGeneration([
                .usage(Usage(input: 1000)), .wait(.seconds(1)), .text("More"), .fail(.server),
            ])
        }
    }

    private func agent(
        _ model: ScriptedModel, _ limits: RecoveryLimits, prices: PriceTable = .empty, log: (any EventLog)? = nil
    ) -> StreamingAgent {
        let clock = clock
        return StreamingAgent.durable(model, log ?? self.log) {
            $0.clock = clock
            $0.wallClock = { clock.timestamp }
            $0.store?.recovery.limits = limits
            $0.store?.idleLimit = nil
            $0.store?.progress = RunProgressOptions(prices: prices)
        }
    }

    @Test(arguments: [
        (RecoveryLimits(recoveries: 2), "recovered 2 times"), (RecoveryLimits(tokens: 2500), "tokens"),
        (RecoveryLimits(cost: 2.5), "has cost 3.0 of its 2.5"),
        (RecoveryLimits(wallTime: .milliseconds(2500)), "has taken"),
    ])
    func eachEndsTheRun(limits: RecoveryLimits, word: String) async throws {
        let model = model()
        let agent = agent(model, limits, prices: ["story": ModelPrice(input: 1000, output: 1)])
        let streamed = await agent.execute("?", id: "run").read()
        #expect(model.requests.count == 3)
        #expect(streamed.error?.kind == .server)
        #expect(streamed.error?.message.contains(word) == true, "\(streamed.error?.message ?? "")")
    }

    @Test func aCostThatNobodyKnowsIsNoLicence() async throws {
        let model = model()
        let streamed = await agent(model, RecoveryLimits(cost: 100)).execute("?", id: "run").read()
        #expect(model.requests.count == 1)
        #expect(streamed.error?.message.contains("is not known") == true)
    }

    /// A second process goes on counting where the first one stopped; the hour between them is nobody's.
    @Test func theTimeOfEarlierProcessesCounts() async throws {
        let limits = RecoveryLimits(wallTime: .seconds(6))
        let first = model()
        // Ends with its process in the midst of a response.
        _ = await agent(first, limits, log: CrashingLog(log, atAppend: 12)).execute("?", id: "run").read()
        let worked = clock.now.offset
        #expect(worked > .seconds(1) && worked < .seconds(5))
        clock.advance(by: .seconds(3600))
        let second = model()
        let streamed = await agent(second, limits).recover("run").read()
        #expect(streamed.error?.message.contains("of its 6.0 seconds") == true, "\(streamed.error?.message ?? "")")
        let all = worked + clock.now.offset - worked - .seconds(3600)
        #expect(all > .seconds(6) && all < .seconds(9))
        #expect(second.requests.count > 1)
    }

    @Test func timeIsCountedFromRecordToRecord() throws {
        func at(_ milliseconds: Int64) -> Timestamp { Timestamp(millisecondsSince1970: milliseconds) }
        var fold = RunFold(runID: "run")
        func attempt(_ time: Int64) -> RunEntry {
            .attempt(
                RunEntry.Attempt(number: 1, step: 0, strategy: "start", provider: "p", model: "m", timestamp: at(time)))
        }
        fold.apply(attempt(1000))
        fold.apply(AgentChunk(.content("a"), block: 0, timestamp: at(1600)))
        // A clock that is set back counts for nothing, and does not count twice.
        fold.apply(AgentChunk(.content("b"), block: 0, timestamp: at(500)))
        fold.apply(AgentChunk(.content("c"), block: 0, timestamp: at(700)))
        #expect(fold.workedMilliseconds == 800)
        fold.apply(RunEntry.resume(at(3_600_000)))
        fold.apply(attempt(3_600_100))
        #expect(fold.workedMilliseconds == 900)
        fold.apply(RunEntry.resume(nil))
        fold.apply(AgentChunk(.content("d"), block: 0, timestamp: at(9_000_000)))
        fold.apply(AgentChunk(.content("e"), block: 0, timestamp: at(.max)))
        fold.apply(AgentChunk(.content("f"), block: 0, timestamp: at(.min)))
        fold.apply(AgentChunk(.content("g"), block: 0, timestamp: at(.max)))
        #expect(fold.workedMilliseconds >= 900)
    }
}
