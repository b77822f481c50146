import AgentKitTesting
import DurableLog
import StreamCore
import StreamRecovery
import Testing

@testable import AgentKit

/// What becomes of tools when their process is gone.
@Suite struct RunToolTests {
    private let log = MemoryEventLog()

    private static func model() -> ScriptedModel {
        ScriptedModel(name: "payer") { request in
            guard let results = request.messages.last(where: { $0.role == .tool }) else {
                return ScriptedGeneration([
                    .toolCall("pay", ["to": "a"], id: "c"), .toolCall("pay", ["to": "b"], id: "d"),
                ])
            }
            let answers = results.parts.compactMap { part -> String? in
                if case .toolResult(let result) = part { result.output.stringValue } else { nil }
            }
            return .text(answers.joined(separator: " | "))
        }
    }

    private func agent(
        _ calls: Recorder<String>, isIdempotent: Bool = false, log: (any EventLog)? = nil,
        configure: (inout RunStore) -> Void = { _ in }
    ) -> StreamingAgent {
        var tool = Tool("pay", description: "Pays.", inputSchema: ["type": "object"]) {
            (_: JSONValue, context: ToolContext) in
            calls.add(context.idempotencyKey)
            return "paid \(context.callID)"
        }
        tool.isIdempotent = isIdempotent
        return StreamingAgent.durable(Self.model(), log ?? self.log, tools: [tool]) {
            $0.parallelToolLimit = 1
            if var store = $0.store {
                configure(&store)
                $0.store = store
            }
        }
    }

    /// Ends the process after the first tool has run and before its result is kept.
    private func crash(_ calls: Recorder<String>) async throws {
        // Of the appends before: request, attempt, two calls each with their pieces, turn; then the start of the first tool.
        for append in 2... {
            let log = CrashingLog(self.log, atAppend: append)
            let id = "try-\(append)"
            _ = try? await agent(calls, log: log).respond(to: "Pay", id: id)
            let fold = try await fold(of: id, in: self.log)
            if fold.calls.first?.isInDoubt == true, calls.values.count > 0 { return }
        }
    }

    private var runID: String {
        get async throws {
            for stream in try await log.list(prefix: "try-", after: nil, limit: 100) {
                if try await fold(of: stream.description, in: log).calls.first?.isInDoubt == true {
                    return stream.description
                }
            }
            return ""
        }
    }

    @Test func whatIsInDoubtIsNotRepeatedAndTheModelIsTold() async throws {
        let calls = Recorder<String>()
        try await crash(calls)
        let later = Recorder<String>()
        let result = try await agent(later).recoverRun(try await runID)
        #expect(calls.values.count == 1)
        #expect(later.values.count == 1)
        #expect(result.text.contains("it is not known whether it took effect"))
        #expect(result.text.contains("paid d"))
    }

    @Test func anIdempotentToolRunsAgainUnderTheSameKey() async throws {
        let calls = Recorder<String>()
        try await crash(calls)
        let later = Recorder<String>()
        let result = try await agent(later, isIdempotent: true).recoverRun(try await runID)
        #expect(later.values.count == 2)
        #expect(later.values.first == calls.values.first)
        #expect(result.text == "paid c | paid d")
    }

    @Test(arguments: [true, false])
    func theHostIsAsked(approves: Bool) async throws {
        let calls = Recorder<String>()
        try await crash(calls)
        let later = Recorder<String>()
        let asked = Recorder<String>()
        let agent = agent(later) {
            $0.recovery.toolReruns = .ask
            $0.approvesRerun = { call, context in
                asked.add(context.idempotencyKey)
                return approves
            }
        }
        let result = try await agent.recoverRun(try await runID)
        #expect(asked.values == calls.values)
        #expect(later.values.count == (approves ? 2 : 1))
        #expect(result.text.contains("not known") == !approves)
    }

    /// A tool that the provider runs itself would run again by asking anew: the host decides, and is asked for each call.
    @Test(arguments: [true, false])
    func theHostIsAskedForTheProvidersToolsToo(approves: Bool) async throws {
        let search = ToolCall(id: "s", name: "search", input: ["q": "rain"], isProviderExecuted: true)
        let model = ScriptedModel(
            ScriptedGeneration([
                .event(.toolCall(block: 0, search)), .event(.content(block: 1, text: "It")), .fail(.server),
            ]), "It rains.")
        let asked = Recorder<String>()
        let agent = StreamingAgent.durable(model, log) {
            $0.store?.recovery.toolReruns = .ask
            $0.store?.approvesRerun = { call, context in
                asked.add("\(call.name) \(context.callID) \(context.runID)")
                return approves
            }
        }
        let streamed = await agent.execute("?", id: "run").read()
        #expect(asked.values == ["search s run"])
        #expect(model.requests.count == (approves ? 2 : 1))
        #expect(streamed.finish == (approves ? .stop : nil))
        if !approves { #expect(streamed.error?.message.contains("would run search once more") == true) }
    }

    @Test func aFinishedToolNeverRunsAgain() async throws {
        for append in 2...30 {
            let id = "run-\(append)"
            let calls = Recorder<String>()
            _ = try? await agent(calls, log: CrashingLog(log, atAppend: append)).respond(to: "Pay", id: id)
            let finished = try await fold(of: id, in: log)
            let known = finished.calls.filter { $0.result != nil }.map(\.call.id)
            let later = Recorder<String>()
            _ = try? await agent(later, isIdempotent: true).recoverRun(id)
            for id in known { #expect(!later.values.contains { $0.hasSuffix(".\(id)") }, "append \(append)") }
        }
    }
}
