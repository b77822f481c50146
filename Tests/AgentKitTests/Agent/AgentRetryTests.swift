import AgentKit
import AgentKitTesting
import StreamCore
import Testing

@Suite struct AgentRetryTests {
    /// The delays that the retry law prescribes for failures of these kinds, with the same random numbers.
    private static func delays(_ kinds: [FailureKind], seed: UInt64) -> [Duration] {
        var generator = SeededRandom(seed: seed)
        let policy = RetryPolicy()
        return kinds.enumerated().compactMap { index, kind in
            guard case .retry(let delay) = policy.decide(kind, attempt: index + 1, using: &generator) else {
                return nil
            }
            return delay
        }
    }

    private static func agent(
        _ model: ScriptedModel, _ clock: ManualClock, seed: UInt64, retries: Recorder<Int> = Recorder()
    ) -> StreamingAgent {
        StreamingAgent(model: model) {
            $0.clock = clock
            $0.generator = SeededRandom(seed: seed)
            $0.instrumentation = Instrumentation { event in
                if case .retry(_, _, _, let attempt) = event { retries.add(attempt) }
            }
        }
    }

    @Test(arguments: [
        [FailureKind.server], [.server, .overloaded, .transport], [.rateLimited, .rateLimited, .timeout, .server],
    ])
    func waitsExactlyAsTheLawSays(kinds: [FailureKind]) async throws {
        let clock = ManualClock()
        let retries = Recorder<Int>()
        let failures = kinds.map { ScriptedGeneration.failure(ModelError(kind: $0, message: "no")) }
        let model = ScriptedModel(generations: failures + ["Fine."], clock: clock)
        let agent = Self.agent(model, clock, seed: 7, retries: retries)
        async let streamed = agent.execute("?", id: "run").read()
        var waited: [Duration] = []
        for _ in kinds {
            try await clock.waitForSleepers()
            waited.append(clock.advanceToNextDeadline() ?? .zero)
        }
        #expect(waited == Self.delays(kinds, seed: 7))
        #expect(await streamed.text == "Fine.")
        #expect(await streamed.error == nil)
        #expect(retries.values == Array(1...kinds.count))
        #expect(model.requests.count == kinds.count + 1)
    }

    @Test func honoursWhatTheServerAsks() async throws {
        let clock = ManualClock()
        let error = ModelError(kind: .rateLimited, message: "slow down", retryAfter: .seconds(17))
        let model = ScriptedModel(.failure(error), "Fine.", clock: clock)
        async let streamed = Self.agent(model, clock, seed: 1).execute("?").read()
        try await clock.waitForSleepers()
        #expect(clock.advanceToNextDeadline() == .seconds(17))
        #expect(await streamed.text == "Fine.")
    }

    @Test func givesUpAfterFiveAttempts() async throws {
        let clock = ManualClock()
        let model = ScriptedModel(clock: clock) { _ in .failure(.server) }
        async let streamed = Self.agent(model, clock, seed: 1).execute("?").read()
        for _ in 0..<4 {
            try await clock.waitForSleepers()
            clock.advanceToNextDeadline()
        }
        let end = await streamed
        #expect(end.error?.kind == .server)
        #expect(end.error?.isRetryable == true)
        #expect(end.error?.modelError?.message == "broken")
        #expect(end.payloads == [.error(ModelError.server.failure)])
        #expect(model.requests.count == 5)
    }

    @Test(arguments: [FailureKind.authentication, .quotaExceeded, .refused, .invalidRequest])
    func neverRetriesWhatDoesNotPass(kind: FailureKind) async throws {
        let model = ScriptedModel(.failure(ModelError(kind: kind, message: "no")), "Fine.")
        let streamed = await StreamingAgent(model: model).execute("?").read()
        #expect(streamed.error?.kind == kind)
        #expect(model.requests.count == 1)
    }

    @Test func neverRetriesWhatWasSeen() async throws {
        let model = ScriptedModel(ScriptedGeneration([.text("Half a sen"), .fail(.overloaded)]), "Fine.")
        let streamed = await StreamingAgent(model: model).execute("?").read()
        #expect(streamed.text == "Half a sen")
        #expect(streamed.error?.kind == .overloaded)
        #expect(streamed.error?.partial.messages.last == .assistant("Half a sen"))
        #expect(streamed.error?.partial.text == "Half a sen")
        #expect(model.requests.count == 1)
    }

    @Test func retriesWhatBroughtNothingToSee() async throws {
        let clock = ManualClock()
        let model = ScriptedModel(
            ScriptedGeneration([.event(.responseStarted(ResponseMetadata(id: "r"))), .fail(.server)]),
            ScriptedGeneration([.reasoning("Hidden"), .cut]), "Fine.", clock: clock)
        let agent = Self.agent(model, clock, seed: 1).configured { $0.chunks.reasoning = .hidden }
        async let streamed = agent.execute("?").read()
        for _ in 0..<2 {
            try await clock.waitForSleepers()
            clock.advanceToNextDeadline()
        }
        #expect(await streamed.text == "Fine.")
        #expect(await streamed.chunks.first?.block == 0)
    }

    @Test func anAttemptHeldBackBySmoothingLeavesNoTrace() async throws {
        let clock = ManualClock()
        let model = ScriptedModel(
            ScriptedGeneration([.text("lost"), .fail(.server)]), "Fine words.", clock: clock)
        let agent = Self.agent(model, clock, seed: 1).configured { $0.smoothing = .lines }
        async let streamed = agent.execute("?").read()
        try await clock.waitForSleepers()
        clock.advanceToNextDeadline()
        #expect(await streamed.text == "Fine words.")
    }

    @Test func aStreamWithoutFinishIsTruncated() async throws {
        let model = ScriptedModel(ScriptedGeneration([.text("Half"), .cut]))
        let streamed = await StreamingAgent(model: model).execute("?").read()
        #expect(streamed.error?.kind == .truncated)
        #expect(streamed.text == "Half")
    }

    @Test func sumsTheUsageOfFailedAttemptsToo() async throws {
        let clock = ManualClock()
        let model = ScriptedModel(
            ScriptedGeneration([.usage(Usage(input: 10)), .fail(.server)]),
            ScriptedGeneration(
                [.usage(Usage(input: 10)), .toolCall("weather", ["city": "Oslo"])], usage: Usage(input: 10, output: 4)),
            ScriptedGeneration([.text("Rain")], usage: Usage(input: 20, cached: 10, output: 1)), clock: clock)
        let agent = Self.agent(model, clock, seed: 1).configured { $0.tools = [weather] }
        async let streamed = agent.execute("?").read()
        try await clock.waitForSleepers()
        clock.advanceToNextDeadline()
        #expect(await streamed.usage == Usage(input: 40, cached: 10, output: 5))
    }

    @Test func attemptsAreCountedAnewForEachResponse() async throws {
        let clock = ManualClock()
        let model = ScriptedModel(
            .failure(.server), .failure(.server), .failure(.server), .failure(.server),
            ScriptedGeneration([.toolCall("weather", ["city": "Oslo"])]),
            .failure(.server), .failure(.server), "Rain.", clock: clock)
        let agent = Self.agent(model, clock, seed: 1).configured { $0.tools = [weather] }
        async let streamed = agent.execute("?").read()
        for _ in 0..<6 {
            try await clock.waitForSleepers()
            clock.advanceToNextDeadline()
        }
        #expect(await streamed.text == "Rain.")
    }

    @Test func cancellingDuringTheDelayEndsTheRun() async throws {
        let clock = ManualClock()
        let model = ScriptedModel(.failure(.server), "Fine.", clock: clock)
        let agent = Self.agent(model, clock, seed: 1)
        let task = Task { await agent.execute("?").read() }
        try await clock.waitForSleepers()
        task.cancel()
        #expect(await task.value.error?.kind == .cancelled)
        #expect(model.requests.count == 1)
        #expect(clock.sleeperCount == 0)
    }
}

extension StreamingAgent {
    /// An agent like this one but for what `configure` changes.
    func configured(_ configure: (inout AgentConfiguration) -> Void) -> StreamingAgent {
        var configuration = configuration
        configure(&configuration)
        return StreamingAgent(configuration)
    }
}
