import AgentKit
import AgentKitTesting
import DurableLog
import StreamCore
import StreamRecovery
import Testing

/// The provider's stream is cut at every event, and the process ends at every append.
@Suite struct CutEverywhereTests {
    private static let story = Story.weather

    @Test(arguments: Rung.allCases, [1, 2])
    func theProvidersStream(rung: Rung, request: Int) async throws {
        for count in 0... {
            let model = Self.story.model(rung.capabilities) { number in
                number == request ? ScriptedGeneration.ConnectionBreak(afterEvents: count) : nil
            }
            let log = MemoryEventLog()
            let calls = Recorder<String>()
            let agent = StreamingAgent.durable(model, log, rung, tools: [countingWeather(calls)])
            let streamed = await agent.execute("The weather?", id: "run").read()
            #expect(streamed.finish == .stop, "\(rung) \(request) \(count): \(String(describing: streamed.error))")
            try await check(log, rung, calls, "\(rung), request \(request) cut after \(count)")
            let run = try await transcript(of: "run", in: log)
            try checkShown(streamed, run)
            if run.seams.isEmpty { break }
        }
    }

    @Test(arguments: Rung.allCases, [false, true])
    func theProcess(rung: Rung, writesLast: Bool) async throws {
        for crash in 2... {
            let log = MemoryEventLog()
            let calls = Recorder<String>()
            let crashing = CrashingLog(log, atAppend: crash, writesLast: writesLast)
            let first = StreamingAgent.durable(
                Self.story.model(rung.capabilities), crashing, rung, tools: [countingWeather(calls)])
            let streamed = await first.execute("The weather?", id: "run").read()
            if crashing.appendCount < crash { break }
            #expect(streamed.error?.kind == .storage)
            let second = StreamingAgent.durable(
                Self.story.model(rung.capabilities), log, rung, tools: [countingWeather(calls)])
            let recovered = await second.recover("run").read()
            #expect(recovered.finish == .stop, "\(rung) \(crash): \(String(describing: recovered.error))")
            try await check(log, rung, calls, "\(rung), process gone at append \(crash)", isCrash: true)
        }
    }

    /// One process after another, each gone after a few appends.
    @Test(arguments: Rung.allCases)
    func oneProcessAfterAnother(rung: Rung) async throws {
        for lifetime in [25, 31] {
            let log = MemoryEventLog()
            let calls = Recorder<String>()
            var isDone = false
            for life in 0..<30 where !isDone {
                let agent = StreamingAgent.durable(
                    Self.story.model(rung.capabilities), CrashingLog(log, atAppend: lifetime), rung,
                    tools: [countingWeather(calls)])
                let stream = life == 0 ? agent.execute("The weather?", id: "run") : agent.recover("run")
                isDone = await stream.read().finish == .stop
            }
            // A rung that goes on gets there; the others need a process that lives long enough for a response.
            if rung == .cursor || rung == .prefill { #expect(isDone, "\(rung), \(lifetime) appends each") }
            if isDone { try await check(log, rung, calls, "\(rung), \(lifetime) appends each", isCrash: true) }
        }
    }

    /// What must hold however the run was cut.
    private func check(
        _ log: any EventLog, _ rung: Rung, _ calls: Recorder<String>, _ name: String, isCrash: Bool = false
    ) async throws {
        let run = try await transcript(of: "run", in: log)
        let fold = try await fold(of: "run", in: log)
        switch rung {
        case .cursor, .retry, .prefill, .restart: #expect(run.text == Self.story.text, "\(name)")
        case .message:
            let continuations = run.seams.count { $0.strategy == .continuation }
            // Continued more than once, the model's words come more than once.
            if continuations > 1 { break }
            if continuations == 0 {
                #expect(run.text == Self.story.text, "\(name)")
            } else {
                try checkContinued(run, name)
            }
        }
        #expect(fold.outcome == .finished(.stop), "\(name)")
        #expect(fold.blocks.isEmpty && fold.calls.isEmpty, "\(name)")
        // A tool that had begun when its process was gone may begin again under the same key; no other call does.
        let counts = Dictionary(grouping: calls.values) { $0 }.mapValues(\.count)
        #expect(Set(counts.keys) == ["call-a", "call-b"], "\(name)")
        #expect(counts.values.allSatisfy { $0 == 1 || isCrash && $0 <= 40 }, "\(name): \(counts)")
        try await checkRecords(log, name)
        #expect(fold.conversation.count { $0.role == .tool } == 1, "\(name)")
        #expect(fold.conversation.count { $0.role == .assistant } == 2, "\(name)")
    }

    private func checkContinued(_ run: Transcript.Run, _ name: String) throws {
        // Whole blocks that were kept, then the continuation.
        #expect(run.text.contains(Self.story.continuation), "\(name)")
        let kept = Self.story.steps.flatMap(\.texts).filter { run.text.contains($0) }
        #expect(run.text.count == (kept + [Self.story.continuation]).joined().count, "\(name): \(run.text)")
    }

    // No tool's result twice, no block's number with two meanings, every turn's attempt counted.
    private func checkRecords(_ log: any EventLog, _ name: String) async throws {
        var kinds: [Int: StreamEvent.EventType] = [:]
        var dropped: Set<Int> = []
        var results: [String] = []
        var usage = (finished: Usage.zero, attempt: Usage.zero)
        for logged in try await events(of: "run", in: log) {
            let value = try JSONValue(parsing: logged.event.payload)
            switch logged.event.type {
            case .content, .reasoning, .tool:
                let block = try #require(value["block"]?.intValue)
                #expect(!dropped.contains(block), "\(name): block \(block)")
                #expect(kinds[block] ?? logged.event.type == logged.event.type, "\(name): block \(block)")
                kinds[block] = logged.event.type
                if value["type"] == "tool-result" { results.append(value["toolCallId"]?.stringValue ?? "") }
            case .seam: dropped.formUnion(try Seam(json: logged.event.payload).droppedBlocks)
            case _ where logged.event.type.rawValue == "run:usage": usage.attempt = Self.story.steps[0].usage
            case _ where logged.event.type.rawValue == "run:attempt":
                if value["strategy"] == "cursor" { break }
                usage = (usage.finished + usage.attempt, .zero)
            case _ where logged.event.type.rawValue == "run:turn":
                usage = (usage.finished + Self.story.steps[0].usage, .zero)
            default: break
            }
        }
        #expect(results.sorted() == ["call-a", "call-b"], "\(name)")
        #expect(try await fold(of: "run", in: log).usage == usage.finished, "\(name)")
    }

    // Who was handed the chunks can show the same as who reads the log.
    private func checkShown(_ streamed: Streamed, _ run: Transcript.Run) throws {
        var blocks: [(Int, String)] = []
        for chunk in streamed.chunks {
            switch chunk.payload {
            case .content(let text):
                let block = try #require(chunk.block)
                if let index = blocks.firstIndex(where: { $0.0 == block }) {
                    blocks[index].1 += text
                } else {
                    blocks.append((block, text))
                }
            case .seam(let seam): blocks.removeAll { seam.droppedBlocks.contains($0.0) }
            default: break
            }
        }
        #expect(blocks.map(\.1).joined() == run.text)
    }
}
