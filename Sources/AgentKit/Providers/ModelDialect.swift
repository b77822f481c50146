/// A wire that model providers speak; cases may be added before version 1.
///
/// The raw value is what ``ProviderData/provider`` holds.
public enum ModelDialect: String, Sendable, Hashable, CaseIterable {
    /// Anthropic's Messages.
    case anthropic
    /// OpenAI's Chat Completions, and what compatible servers make of it.
    case openAIChat = "openai-chat"
    /// OpenAI's Responses.
    case openAIResponses = "openai-responses"

    /// The root of the provider that made the dialect, where a model is that names no other.
    var baseURL: String {
        switch self {
        case .anthropic: "https://api.anthropic.com"
        case .openAIChat, .openAIResponses: "https://api.openai.com"
        }
    }

    /// The environment variable in which its key is looked for.
    var keyVariable: String {
        switch self {
        case .anthropic: "ANTHROPIC_API_KEY"
        case .openAIChat, .openAIResponses: "OPENAI_API_KEY"
        }
    }

    /// The provider's name in messages for people.
    var providerName: String {
        switch self {
        case .anthropic: "the Messages endpoint"
        case .openAIChat: "the Chat Completions endpoint"
        case .openAIResponses: "the Responses endpoint"
        }
    }
}
