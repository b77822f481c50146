import AgentKit
import AgentKitTesting
import ArgumentParser
import StreamCore

/// Whose wire a command speaks.
enum Provider: String, CaseIterable, ExpressibleByArgument {
    case scripted, anthropic
    case openAIChat = "openai-chat"
    case openAIResponses = "openai-responses"

    /// The dialect of the wire; nil where there is none.
    var dialect: ModelDialect? { ModelDialect(rawValue: rawValue) }
}

/// Which model answers, and how.
struct ModelOptions: ParsableArguments {
    @Option(help: "Who answers; 'scripted' needs no network.")
    var provider: Provider = .scripted

    @Option(
        name: .customLong("base-url"),
        help: "The server's root, with or without /v1. A server on this machine needs no key.")
    var baseURL: String?

    @Option(help: "What carries the requests; a build has urlsession, and the others by its traits.")
    var transport: TransportChoice = .urlSession

    @Option(help: "The model's name at the provider.")
    var model: String?

    @Option(help: "Instructions that stand above the prompt.")
    var system: String?

    @Option(help: "0 draws the likeliest token always.")
    var temperature: Double?

    @Option(
        help: "How much the model is to think: none, minimal, low, medium or high (default: as the provider decides).")
    var effort: String?

    @Option(name: .customLong("max-tokens"), help: "The most tokens that an answer may have.")
    var maxTokens: Int?

    @Option(name: .customLong("token-delay"), help: "Milliseconds for each token of the scripted model (25).")
    var tokenDelay: Int?

    var reasoningEffort: ReasoningEffort? {
        effort.map { ReasoningEffort(rawValue: $0) }
    }

    var sampling: Sampling {
        Sampling(temperature: temperature, maxOutputTokens: maxTokens)
    }

    func validate() throws {
        if let maxTokens, maxTokens < 1 { throw ValidationError("--max-tokens must be 1 or more.") }
        if let tokenDelay, !(0...60_000).contains(tokenDelay) {
            throw ValidationError("--token-delay must be 0 … 60000.")
        }
        if let effort, !["none", "minimal", "low", "medium", "high"].contains(effort) {
            throw ValidationError("--effort must be none, minimal, low, medium or high.")
        }
        if let temperature, !(0...2).contains(temperature) { throw ValidationError("--temperature must be 0 … 2.") }
        try transport.validate()
        if provider == .scripted, baseURL != nil {
            throw ValidationError("--base-url needs a --provider: anthropic, openai-chat or openai-responses.")
        }
    }
}

extension ModelOptions {
    /// The model that these options name.
    func makeModel(
        capabilities: ModelCapabilities = ScriptedModel.defaultCapabilities
    ) -> any StreamingModel {
        guard let dialect = provider.dialect else {
            return ScriptedModel.demo(capabilities: capabilities, tokenDelay: .milliseconds(tokenDelay ?? 25))
        }
        return dialect.model(
            model ?? (dialect == .anthropic ? "claude-sonnet-4-5" : "gpt-5-mini"), baseURL: baseURL,
            transport: transport.makeTransport())
    }
}
