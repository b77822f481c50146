import AgentKit
import AgentKitTesting
import StreamCore
import Testing

/// The two tests that the project's first guide ends with.
@Suite("Streaming Agent") struct SeedGuideTests {
    private let agent = StreamingAgent(name: "test_agent", model: ScriptedModel.demo(tokenDelay: .zero))

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
            if text.contains("test response") { agent.interrupt() }
        }
        #expect(!text.isEmpty)
        // The run ends as interrupted, or well where it was faster than the interrupt; it never fails.
        #expect(last == .finish(.interrupted) || last == .finish(.stop))
        let recovered = try await agent.respond(
            to: AgentInput(messages: [.user("test"), .assistant(text), .user("test")]))
        #expect(recovered.text.contains("test response"))
    }
}
