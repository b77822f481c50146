import AgentKit
import AgentKitTesting
import DurableLog
import StreamCore
import Testing

/// The two tests that the project's first guide ends with.
@Suite("Streaming Agent") struct SeedGuideTests {
    private let agent = StreamingAgent(name: "test_agent", model: ScriptedModel.demo(tokenDelay: .zero)) {
        $0.store = RunStore(log: MemoryEventLog())
    }

    @Test("should stream content progressively")
    func streamsContentProgressively() async throws {
        var chunks: [String] = []
        for try await chunk in agent.execute("test") {
            if case .content(let text) = chunk.payload { chunks.append(text) }
        }
        #expect(chunks.count > 1)
        #expect(chunks.joined().contains("test response"))
    }

    @Test("should recover from stream interruption")
    func goesOnAfterAnInterruption() async throws {
        var text = ""
        var last: AgentChunk.Payload?
        for try await chunk in agent.execute("test") {
            text += chunk.content
            last = chunk.payload
            if text.contains("This is") { agent.interrupt() }
        }
        #expect(!text.isEmpty)
        // The run ends as interrupted, or well where it was faster than the interrupt; it never fails.
        #expect(last == .finish(.interrupted) || last == .finish(.stop))
        for try await chunk in agent.recover() {
            if case .seam(let seam) = chunk.payload, seam.isRestart { text = "" }
            text += chunk.content
            last = chunk.payload
        }
        #expect(last == .finish(.stop))
        #expect(text.contains("test response"))
    }

    @Test("should recover from stream interruption, the moment after it")
    func goesOnWhileTheInterruptionIsUnderWay() async throws {
        let gate = Gate()
        let model = ScriptedModel(capabilities: [.prefill]) { request in
            if request.messages.last?.role == .assistant { return " response." }
            return ScriptedGeneration([.text("A test"), .waitAt(gate), .text(" that nobody sees")])
        }
        let agent = StreamingAgent(name: "test_agent", model: model) { $0.store = RunStore(log: MemoryEventLog()) }
        let seen = Gate()
        let reader = Task { () async -> (String, AgentChunk.Payload?) in
            var text = ""
            var last: AgentChunk.Payload?
            do {
                for try await chunk in agent.execute("test") {
                    text += chunk.content
                    last = chunk.payload
                    if text == "A test" { seen.open() }
                }
            } catch {
                Issue.record("the interrupted run fails: \(error)")
            }
            return (text, last)
        }
        try await seen.wait()
        agent.interrupt()
        var recovered = ""
        for try await chunk in agent.recover() { recovered += chunk.content }
        gate.open()
        let (text, last) = await reader.value
        #expect(text + recovered == "A test response.")
        #expect(last == .finish(.interrupted))
    }
}
