import AgentKit
import AgentKitTesting
import ArgumentParser
import ProgressTracking
import StreamCore
import StreamTransport
import URLSessionTransports

/// Whose wire is spoken.
enum Provider: String, CaseIterable, ExpressibleByArgument {
    case scripted, anthropic
    case openAIChat = "openai-chat"
    case openAIResponses = "openai-responses"

    /// The dialect of the wire; nil where there is none.
    var dialect: ModelDialect? { ModelDialect(rawValue: rawValue) }
}

/// Which model writes, and how.
struct ModelOptions: ParsableArguments {
    @Option(help: "Who writes; 'scripted' needs no network.")
    var provider: Provider = .scripted

    @Option(
        name: .customLong("base-url"),
        help: "The server's root, with or without /v1. A server on this machine needs no key.")
    var baseURL: String?

    @Option(help: "The model's name at the provider.")
    var model: String?

    @Option(help: "0 draws the likeliest token always.")
    var temperature = 0.7

    @Option(help: "How many agents write at a time; the others wait.")
    var concurrent = 16

    @Option(name: .customLong("token-delay"), help: "Milliseconds for each token of the scripted model.")
    var tokenDelay = 60

    @Option(
        name: .customLong("price-input"),
        help: "US dollars per million input tokens (the scripted model pretends to cost 3).")
    var inputPrice: Double?

    @Option(
        name: .customLong("price-output"),
        help: "US dollars per million output tokens (the scripted model pretends to cost 15).")
    var outputPrice: Double?

    func validate() throws {
        if !(0...2).contains(temperature) { throw ValidationError("--temperature must be 0 … 2.") }
        if !(1...256).contains(concurrent) { throw ValidationError("--concurrent must be 1 … 256.") }
        if !(0...60_000).contains(tokenDelay) { throw ValidationError("--token-delay must be 0 … 60000.") }
        for price in [inputPrice, outputPrice].compactMap({ $0 }) where !(price >= 0 && price.isFinite) {
            throw ValidationError("A price must be a number of 0 or more.")
        }
        if provider == .scripted, baseURL != nil {
            throw ValidationError("--base-url needs a --provider: anthropic, openai-chat or openai-responses.")
        }
    }

    /// What the model costs; nothing is told of costs that nobody named.
    var prices: PriceTable {
        if inputPrice == nil, outputPrice == nil, provider != .scripted { return .empty }
        return ["*": ModelPrice(input: Cost(inputPrice ?? 3), output: Cost(outputPrice ?? 15))]
    }

    func makeModel() -> any StreamingModel {
        guard let dialect = provider.dialect else {
            // It continues what it had begun, so that a page goes on in mid-sentence after a crash.
            return ScriptedModel.demo(
                capabilities: [.reasoning, .prefill], tokenDelay: .milliseconds(tokenDelay), answer: DemoCopy.answer)
        }
        return dialect.model(
            model ?? (dialect == .anthropic ? "claude-sonnet-4-5" : "gpt-5-mini"), baseURL: baseURL,
            transport: URLSessionTransport())
    }
}
