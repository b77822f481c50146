import AgentKit
import AgentKitTesting
import DurableLog
import StreamCore
import StreamRecovery
import Testing

/// The retry law as a provider meets it: in the requests of whole agents.
@Suite struct RunRetryLawTests {
    /// The same golden delays as a decision's: seed 42, in milliseconds rounded down.
    @Test(arguments: [
        (FailureKind.server, [362, 496, 1150, 3610]), (.transport, [362, 496, 1150, 3610]),
        (.rateLimited, [1724, 2992, 6300, 15220]), (.overloaded, [1724, 2992, 6300, 15220]),
    ])
    func goldenDelays(kind: FailureKind, expected: [Int]) async throws {
        let clock = ManualClock()
        let log = MemoryEventLog()
        let model = ScriptedModel(clock: clock) { _ in .failure(ModelError(kind: kind, message: "no")) }
        let agent = StreamingAgent(model: model) {
            $0.clock = clock
            $0.generator = SeededRandom(seed: 42)
            var store = RunStore(log: log, health: ProviderHealth(clock: clock))
            store.idleLimit = nil
            $0.store = store
        }
        async let streamed = agent.execute("?", id: "run").read()
        var waited: [Int] = []
        for count in 1...expected.count {
            try await clock.waitForSleepers()
            #expect(model.requests.count == count)
            waited.append(Int((clock.advanceToNextDeadline() ?? .zero) / .milliseconds(1)))
        }
        #expect(waited == expected)
        #expect(await streamed.error?.kind == kind)
        #expect(model.requests.count == 5)
        // Readers are told what was waited.
        let told = try await transcript(of: "run", in: log).seams.map { Int($0.delay / .milliseconds(1)) }
        #expect(zip(told, expected).allSatisfy { $0 == $1 || $0 == $1 + 1 } && told.count == expected.count)
    }

    @Test func theProvidersOwnWordIsHonoured() async throws {
        let clock = ManualClock()
        let error = ModelError(kind: .rateLimited, message: "slow down", retryAfter: .seconds(90))
        let model = ScriptedModel(.failure(error), "Fine.", clock: clock)
        let agent = StreamingAgent(model: model) {
            $0.clock = clock
            $0.store = RunStore(log: MemoryEventLog(), health: ProviderHealth(clock: clock))
            $0.store?.idleLimit = nil
        }
        async let streamed = agent.execute("?", id: "run").read()
        try await clock.waitForSleepers()
        #expect(clock.advanceToNextDeadline() == .seconds(90))
        #expect(await streamed.text == "Fine.")
    }

    /// Nothing is asked once more, of nobody, on no rung, however the provider puts it.
    @Test(arguments: [FailureKind.quotaExceeded, .authentication, .permission, .invalidRequest], [false, true])
    func whatDoesNotPassIsAskedOnce(kind: FailureKind, isPartial: Bool) async throws {
        // A server that says of its own spend limit that it may be retried.
        let error = ModelError(
            kind: kind, message: "no more credit", isRetryable: kind == .quotaExceeded, retryAfter: .seconds(1))
        let steps: [ScriptedGeneration.Step] = isPartial ? [.text("Half an answer"), .fail(error)] : [.fail(error)]
        let model = ScriptedModel(capabilities: [.prefill, .tools]) { _ in ScriptedGeneration(steps) }
        let fallback = ScriptedModel("From another.", name: "other")
        for store in [true, false] {
            let agent = StreamingAgent(model: model) {
                $0.clock = AdvancingClock()
                if store {
                    $0.store = RunStore(log: MemoryEventLog())
                    $0.store?.idleLimit = nil
                    $0.store?.fallbackModels = [fallback]
                }
            }
            let streamed = await agent.execute("?", id: "run").read()
            #expect(streamed.error?.kind == kind)
            #expect(model.requests.count == (store ? 1 : 2))
        }
        #expect(fallback.requests.isEmpty)
    }

    /// Every request fails, many runs at a time: what the provider sees of it stays under 1.2 times what was offered.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func underTotalFailureTheLoadStaysBounded(seed: UInt64) async throws {
        let clock = AdvancingClock()
        let kinds = [FailureKind.overloaded, .server, .transport, .rateLimited]
        let model = ScriptedModel(capabilities: [.prefill], clock: clock) { request in
            let kind = kinds[request.messages[0].text.utf8.count % kinds.count]
            // Some break off within the answer, so that every rung is asked.
            let isPartial = request.messages[0].text.hasSuffix("!")
            let fail = ScriptedGeneration.Step.fail(ModelError(kind: kind, message: "no"))
            return ScriptedGeneration(isPartial ? [.text("So"), fail] : [fail])
        }
        // Without the floor, which would hide it behind the time that passes here.
        let health = ProviderHealth(ProviderHealth.Settings(budgetFloor: 0, breaker: nil), clock: clock)
        let offered = 240
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<offered {
                if number >= 8 { await group.next() }
                group.addTask {
                    let agent = StreamingAgent(model: model) {
                        $0.clock = clock
                        $0.generator = SeededRandom(seed: seed &* 1000 &+ UInt64(number))
                        $0.store = RunStore(log: MemoryEventLog(), health: health)
                        $0.store?.idleLimit = nil
                    }
                    let prompt = String(repeating: "?", count: 1 + number % 7) + (number.isMultiple(of: 3) ? "!" : "")
                    let streamed = await agent.execute(prompt, id: "run").read()
                    #expect(streamed.error != nil)
                }
            }
        }
        #expect(Double(model.requests.count) <= 1.2 * Double(offered))
        #expect(model.requests.count > offered)
    }
}
