/// What a piece of a page is about: what every part of it is written for.
public struct ContentSection: Sendable, Hashable {
    /// What the section is about, in a few words.
    public var title: String
    /// What it should say.
    public var brief: String
    /// What else the writer should know: the product, the rest of the page.
    public var context: String?
    /// How it should sound.
    public var tone: String?
    /// Who reads it.
    public var audience: String?
    /// The language to write in, as people call it; nil for the brief's own.
    public var language: String?

    /// A section from its parts.
    public init(
        title: String, brief: String, context: String? = nil, tone: String? = nil, audience: String? = nil,
        language: String? = nil
    ) {
        self.title = title
        self.brief = brief
        self.context = context
        self.tone = tone
        self.audience = audience
        self.language = language
    }

    /// What stands before the title in a prompt.
    package static let titlePrefix = "Section: "

    /// The section as it stands in a prompt.
    var prompt: String {
        let fields = [
            ("Brief", brief), ("Context", context), ("Tone", tone), ("Audience", audience), ("Language", language),
        ]
        return fields.reduce(into: ContentSection.titlePrefix + title) { text, field in
            if let value = field.1, !value.isEmpty { text += "\n\(field.0): \(value)" }
        }
    }
}

/// A part of a section that is written by a request of its own.
public struct ContentPart: Sendable, Hashable {
    /// The part's name, which stands in the `type` field of its chunks.
    public var name: String
    /// What is to be written, as the end of a sentence that begins "Write only the NAME of this section:".
    public var instruction: String
    /// How many tokens the part takes, about: its progress is judged by that, and it counts so much in the section's; at least 1.
    public var expectedTokens: Int

    /// A part from its parts.
    public init(_ name: String, instruction: String, expectedTokens: Int = 100) {
        self.name = name
        self.instruction = instruction
        self.expectedTokens = max(1, expectedTokens)
    }

    /// The line that a visitor reads first.
    public static let headline = ContentPart(
        "headline", instruction: "one line of at most 10 words.", expectedTokens: 15)
    /// The line below the headline.
    public static let subheadline = ContentPart(
        "subheadline", instruction: "one sentence of at most 25 words that goes on from the headline.",
        expectedTokens: 35)
    /// The text.
    public static let body = ContentPart(
        "body", instruction: "two or three short paragraphs of plain text.", expectedTokens: 200)
    /// The call to action.
    public static let cta = ContentPart(
        "cta", instruction: "the call to action on its button, two to five words, beginning with a verb.",
        expectedTokens: 8)

    /// Headline, subheadline, body and call to action.
    public static let standard: [ContentPart] = [.headline, .subheadline, .body, .cta]

    /// What stands before the part's name in a prompt.
    package static let requestPrefix = "Write only the "

    /// The prompt that asks for the part of a section, with the parts that are written already.
    ///
    /// A ``ContentGenerator`` asks with it; so may a host that starts the parts' runs by itself (``AgentRuns``).
    public func prompt(for section: ContentSection, after earlier: [(part: String, text: String)] = []) -> String {
        var text = section.prompt
        if !earlier.isEmpty {
            text += "\n\nWritten already:"
            for (part, written) in earlier { text += "\n[\(part)] \(written)" }
        }
        return text + "\n\n\(ContentPart.requestPrefix)\(name) of this section: \(instruction)"
    }
}
