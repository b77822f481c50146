public import StreamCore

/// One turn of a conversation with a model.
public struct Message: Sendable, Hashable {
    /// Who speaks.
    public enum Role: String, Sendable, Hashable {
        /// The person or program that asks.
        case user
        /// The model.
        case assistant
        /// The results of tools that the model called.
        case tool
    }

    /// A piece of a turn.
    public enum Part: Sendable, Hashable {
        /// Text.
        case text(String)
        /// A picture, in a user's turn.
        case image(ImageSource)
        /// What the model thought, with the provider's proof of it where there is one.
        case reasoning(String, ProviderData?)
        /// A tool that the model called.
        case toolCall(ToolCall)
        /// What a tool answered.
        case toolResult(ToolResult)
        /// A block that only its provider understands, to be sent back as it came.
        case opaque(ProviderData)
    }

    /// Who speaks.
    public var role: Role
    /// What is said, in order.
    public var parts: [Part]

    /// A turn from its parts.
    public init(role: Role, parts: [Part]) {
        self.role = role
        self.parts = parts
    }

    /// A user's turn of text.
    public static func user(_ text: String) -> Message { Message(role: .user, parts: [.text(text)]) }

    /// A model's turn of text.
    public static func assistant(_ text: String) -> Message { Message(role: .assistant, parts: [.text(text)]) }

    /// A model's turn, or nil when it has no parts.
    init?(assistant parts: [Part]) {
        guard !parts.isEmpty else { return nil }
        self.init(role: .assistant, parts: parts)
    }

    /// The text of all text parts, joined.
    public var text: String {
        parts.reduce(into: "") { text, part in if case .text(let piece) = part { text += piece } }
    }
}

/// Where a picture comes from.
public enum ImageSource: Sendable, Hashable {
    /// An address that the provider fetches.
    case url(String)
    /// The picture itself: bytes in base64 (RFC 4648 §4) and their media type, `image/png` say.
    case base64(String, mediaType: String)
}

/// Something that only one provider understands: signatures of reasoning, encrypted items, hosted tools' blocks.
///
/// It is sent back to the provider that made it and left out for every other.
public struct ProviderData: Sendable, Hashable {
    /// The wire that it belongs to: `anthropic`, `openai-chat`, `openai-responses`.
    public var provider: String
    /// The data, in the provider's own form.
    public var value: JSONValue

    /// Data of a provider.
    public init(provider: String, value: JSONValue) {
        self.provider = provider
        self.value = value
    }
}
