/// A source that the model names for what it wrote.
public struct Citation: Sendable, Hashable, Codable {
    /// Where the source is, when it is on the web.
    public var url: String?
    /// The source's title, or the document's.
    public var title: String?
    /// The passage that is cited, in the source's words.
    public var citedText: String?

    /// A citation from its parts.
    public init(url: String? = nil, title: String? = nil, citedText: String? = nil) {
        self.url = url
        self.title = title
        self.citedText = citedText
    }
}
