public import StreamCore

/// A piece of a part of a section.
///
/// Its JSON form has the fields `type` (the part's name), `content`, `metadata` (an object: `confidence`, `confidenceSource`,
/// `reasoning`, `timestamp` in milliseconds since 1970, `usage`, each only where it is known) and, in a mark, `mark`.
public struct ContentChunk: Sendable, Hashable {
    /// A point in a part's life, for progress bars.
    public enum Mark: String, Sendable, Hashable, Codable {
        /// The part's request is about to be sent.
        case started
        /// The part is written.
        case finished
    }

    /// What is known of a piece besides its text.
    public struct Metadata: Sendable, Hashable {
        /// How sure the model seems of the part so far, and where the figure comes from.
        public var confidence: Confidence?
        /// What the model thought: with a piece of text what led to it, alone the next piece of reasoning.
        public var reasoning: String?
        /// When the piece came to be.
        public var timestamp: Timestamp?
        /// The part's tokens; with the mark `finished` only.
        public var usage: Usage?

        /// Metadata from its parts.
        public init(
            confidence: Confidence? = nil, reasoning: String? = nil, timestamp: Timestamp? = nil, usage: Usage? = nil
        ) {
            self.confidence = confidence
            self.reasoning = reasoning
            self.timestamp = timestamp
            self.usage = usage
        }
    }

    /// The part's name.
    public var part: String
    /// The next piece of the part's text; empty in marks and in pieces of reasoning, so that joining all gives the part.
    public var content: String
    /// What is known of the piece besides its text.
    public var metadata: Metadata
    /// Which point in the part's life this is; nil for a piece.
    public var mark: Mark?

    /// A chunk from its parts.
    public init(part: String, content: String = "", metadata: Metadata = Metadata(), mark: Mark? = nil) {
        self.part = part
        self.content = content
        self.metadata = metadata
        self.mark = mark
    }

    /// A part's view of its agent's chunk: nil for what is neither text nor reasoning.
    init?(_ chunk: AgentChunk, of part: String) {
        switch chunk.payload {
        case .content, .reasoning: break
        default: return nil
        }
        self.init(
            part: part, content: chunk.content,
            metadata: Metadata(confidence: chunk.confidence, reasoning: chunk.reasoning, timestamp: chunk.timestamp))
    }
}

extension ContentChunk: Codable {
    private enum CodingKeys: String, CodingKey {
        case part = "type"
        case content, metadata, mark
    }

    /// Reads the JSON form; fields that are unknown are passed over.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        part = try fields.decode(String.self, forKey: .part)
        content = try fields.decode(String.self, forKey: .content)
        metadata = try fields.decodeIfPresent(Metadata.self, forKey: .metadata) ?? Metadata()
        mark = try fields.decodeIfPresent(Mark.self, forKey: .mark)
    }

    /// Writes the JSON form.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(part, forKey: .part)
        try fields.encode(content, forKey: .content)
        try fields.encode(metadata, forKey: .metadata)
        try fields.encodeIfPresent(mark, forKey: .mark)
    }
}

extension ContentChunk.Metadata: Codable {
    private enum CodingKeys: String, CodingKey {
        case confidence, confidenceSource, reasoning, timestamp, usage
    }

    /// Reads the JSON form; a confidence without its source is an error.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        if let value = try fields.decodeIfPresent(Double.self, forKey: .confidence) {
            let source = try fields.decode(String.self, forKey: .confidenceSource)
            confidence = Confidence(value, source: Confidence.Source(rawValue: source))
        }
        reasoning = try fields.decodeIfPresent(String.self, forKey: .reasoning)
        timestamp = try fields.decodeIfPresent(Int64.self, forKey: .timestamp)
            .map(Timestamp.init(millisecondsSince1970:))
        usage = try fields.decodeIfPresent(Usage.self, forKey: .usage)
    }

    /// Writes the JSON form.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(confidence?.value, forKey: .confidence)
        try fields.encodeIfPresent(confidence?.source.rawValue, forKey: .confidenceSource)
        try fields.encodeIfPresent(reasoning, forKey: .reasoning)
        try fields.encodeIfPresent(timestamp?.millisecondsSince1970, forKey: .timestamp)
        try fields.encodeIfPresent(usage, forKey: .usage)
    }
}
