import AgentKit
import AgentKitTesting
import Foundation
import StreamCore
import StreamTransport
import Testing
import WireProtocols

@Suite("A model by its dialect") struct DialectModelTests {
    private static let request = ModelRequest(messages: [.user("Hi")])

    /// What the models that `make` makes ask of their provider.
    private func sent(_ make: (any HTTPTransport) -> [any StreamingModel]) async -> [ExchangeRequest] {
        let transport = ReplayTransport { _, _ in .events("") }
        for model in make(transport) { _ = await HTTPModelTests.collect(model.stream(Self.request)) }
        return transport.requests
    }

    @Test("The name of a dialect leads to the type that speaks it")
    func types() throws {
        let transport = ReplayTransport([])
        func model(_ name: String) -> (any StreamingModel)? {
            ModelDialect(rawValue: name)?.model("m", transport: transport)
        }
        #expect(try #require(model("anthropic")) is AnthropicModel)
        #expect(try #require(model("openai-chat")) is OpenAIChatModel)
        #expect(try #require(model("openai-responses")) is OpenAIResponsesModel)
        #expect(model("openai") == nil)
    }

    @Test("Without a root, a request goes to the dialect's maker, as the type's own initializer has it")
    func defaults() async {
        let models = await sent { transport in
            ModelDialect.allCases.map { $0.model("gpt-5", apiKey: "k", transport: transport) }
        }
        let own = await sent { transport in
            [
                AnthropicModel("gpt-5", apiKey: "k", transport: transport),
                OpenAIChatModel("gpt-5", apiKey: "k", transport: transport),
                OpenAIResponsesModel("gpt-5", apiKey: "k", transport: transport),
            ]
        }
        #expect(models == own)
        #expect(
            models.map(\.url) == [
                "https://api.anthropic.com/v1/messages", "https://api.openai.com/v1/chat/completions",
                "https://api.openai.com/v1/responses",
            ])
        #expect(models[0].headers["x-api-key"] == "k")
        #expect(models.dropFirst().allSatisfy { $0.headers["authorization"] == "Bearer k" })
    }

    @Test("What is given arrives", arguments: ModelDialect.allCases)
    func settings(_ dialect: ModelDialect) async throws {
        let transport = ReplayTransport { _, _ in .events("") }
        let model = dialect.model(
            "some-model", apiKey: "k", baseURL: "http://localhost:9/api/v2/", transport: transport,
            headers: ["x-title": "mine"], capabilities: [.prefill, .logprobs], streaming: false)
        #expect(model.name == "some-model")
        #expect(model.provider == "localhost")
        #expect(model.capabilities == [.prefill, .logprobs])
        _ = await HTTPModelTests.collect(model.stream(Self.request))
        let request = try #require(transport.requests.first)
        #expect(request.url.hasPrefix("http://localhost:9/api/v2/"))
        #expect(request.headers["x-title"] == "mine")
        #expect(request.headers["accept"] == "application/json")
    }

    @Test(
        "A key that is missing is told with the variable of the dialect",
        .enabled(if: !hasKeys, "there are keys in the environment"), arguments: ModelDialect.allCases)
    func missingKey(_ dialect: ModelDialect) async {
        let transport = ReplayTransport([])
        let answer = await HTTPModelTests.collect(dialect.model("m", transport: transport).stream(Self.request))
        #expect(answer.error?.kind == .authentication)
        let variable = dialect == .anthropic ? "ANTHROPIC_API_KEY" : "OPENAI_API_KEY"
        #expect(answer.error?.message.contains("set \(variable) in the environment") == true)
        #expect(transport.requests.isEmpty)
    }

    private static let hasKeys = ["ANTHROPIC_API_KEY", "OPENAI_API_KEY"].contains {
        ProcessInfo.processInfo.environment[$0] != nil
    }
}
