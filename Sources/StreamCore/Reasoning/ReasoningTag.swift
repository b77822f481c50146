/// A pair of marks between which a model writes its reasoning within its answer's text.
public struct ReasoningTag: Sendable, Hashable {
    /// The text that begins reasoning; never empty.
    public let opening: String
    /// The text that ends it; never empty.
    public let closing: String

    /// A pair of marks of any text; nil when one is empty or longer than 128 bytes.
    public init?(opening: String, closing: String) {
        guard (1...128).contains(opening.utf8.count), (1...128).contains(closing.utf8.count) else { return nil }
        self.opening = opening
        self.closing = closing
    }

    private init(element: String) {
        opening = "<\(element)>"
        closing = "</\(element)>"
    }

    /// `<thinking>…</thinking>`.
    public static let thinking = ReasoningTag(element: "thinking")
    /// `<think>…</think>`, as DeepSeek R1, Qwen and others write.
    public static let think = ReasoningTag(element: "think")
    /// The tags that are looked for unless others are named.
    public static let defaults: [ReasoningTag] = [.thinking, .think]
}
