internal import ServerSentEvents
package import StreamCore

/// Turns the bytes of a provider's event stream into model events: a state machine without I/O.
///
/// Give it the body as it comes, in any cut; what it appends is the same for every cut, errors included. Events that
/// came before an error are there when it is thrown. It is what ``AnthropicModel``, ``OpenAIChatModel`` and
/// ``OpenAIResponsesModel`` use, and decodes recorded bodies as well:
///
///     var decoder = ModelStreamDecoder(dialect: .anthropic)
///     var events: [ModelEvent] = []
///     for chunk in chunks { try decoder.decode(chunk, into: &events) }
///     try decoder.finish(into: &events)
public struct ModelStreamDecoder: Sendable {
    /// The wire that is decoded.
    public let dialect: ModelDialect

    // Of these one is there, until it throws: in place, as taking one out of an enumeration moves it twice for every chunk.
    private var anthropic: AnthropicDecoder?
    private var openAIChat: OpenAIChatDecoder?
    private var openAIResponses: OpenAIResponsesDecoder?
    private var feed: EventFeed
    /// Whether the last event of the stream has come: all that follows is ignored.
    public private(set) var isFinished = false

    /// A decoder at the beginning of a stream.
    public init(dialect: ModelDialect) {
        self.init(dialect: dialect, resuming: nil, limits: DecodingLimits())
    }

    /// A decoder at the beginning of a stream, which may go on with a response.
    ///
    /// - Parameter parsesAll: Whether every event is parsed, also one that repeats the one before with another text.
    package init(
        dialect: ModelDialect, resuming: ResponseCursor? = nil, limits: DecodingLimits = DecodingLimits(),
        parsesAll: Bool = false
    ) {
        self.dialect = dialect
        feed = EventFeed(limits: limits, parsesAll: parsesAll)
        switch dialect {
        case .anthropic: anthropic = AnthropicDecoder(limits: limits)
        case .openAIChat: openAIChat = OpenAIChatDecoder(limits: limits)
        case .openAIResponses:
            openAIResponses = OpenAIResponsesDecoder(limits: limits, resuming: resuming?.responseID)
        }
    }

    // MARK: Bytes

    /// Decodes the next bytes of the stream and appends the events that they complete.
    ///
    /// - Throws: ``ModelError`` when the provider reports a failure or a refusal, or when the bytes are not what the wire allows
    ///   (`malformedResponse`, with the event and the byte). Nothing is decoded after that.
    public mutating func decode(_ bytes: [UInt8], into events: inout [ModelEvent]) throws(ModelError) {
        let failure = bytes.withUnsafeBytes { advance($0, &events) }
        if let failure { throw failure }
    }

    /// Decodes the next bytes of the stream, which may lie anywhere, and appends the events that they complete.
    ///
    /// - Throws: As for an array of bytes.
    public mutating func decode(
        _ bytes: UnsafeRawBufferPointer, into events: inout [ModelEvent]
    ) throws(ModelError) {
        if let failure = advance(bytes, &events) { throw failure }
    }

    /// Ends the stream.
    ///
    /// A terminal event (or an error) whose data is whole is taken although the blank line behind it is missing; all
    /// other bytes behind the last blank line are dropped, as the standard for event streams says.
    ///
    /// - Throws: ``ModelError`` of kind `truncated` when the stream's last event has not come; retryable unless the answer
    ///   was complete without it.
    public mutating func finish(into events: inout [ModelEvent]) throws(ModelError) {
        if isFinished { return }
        let failure: ModelError?
        if let decoder = anthropic {
            failure = feed.finish(decoder, &isFinished, &events)
        } else if let decoder = openAIChat {
            failure = feed.finish(decoder, &isFinished, &events)
        } else if let decoder = openAIResponses {
            failure = feed.finish(decoder, &isFinished, &events)
        } else {
            return
        }
        giveUp()
        if let failure { throw failure }
    }

    /// Decodes an answer that came whole, as JSON, into the events that a stream of it would have had.
    package mutating func decodeWhole(_ bytes: [UInt8], into events: inout [ModelEvent]) throws(ModelError) {
        let failure: ModelError?
        if let decoder = anthropic {
            failure = feed.decodeWhole(bytes, decoder, &events)
        } else if let decoder = openAIChat {
            failure = feed.decodeWhole(bytes, decoder, &events)
        } else if let decoder = openAIResponses {
            failure = feed.decodeWhole(bytes, decoder, &events)
        } else {
            return
        }
        giveUp()
        isFinished = failure == nil
        if let failure { throw failure }
    }

    private mutating func advance(_ bytes: UnsafeRawBufferPointer, _ events: inout [ModelEvent]) -> ModelError? {
        if isFinished { return nil }
        let failure: ModelError?
        switch dialect {
        case .anthropic:
            guard anthropic != nil else { return nil }
            failure = feed.decode(bytes, &anthropic!, &isFinished, &events)
        case .openAIChat:
            guard openAIChat != nil else { return nil }
            failure = feed.decode(bytes, &openAIChat!, &isFinished, &events)
        case .openAIResponses:
            guard openAIResponses != nil else { return nil }
            failure = feed.decode(bytes, &openAIResponses!, &isFinished, &events)
        }
        if failure != nil { giveUp() }
        return failure
    }

    /// Nothing is decoded any more.
    private mutating func giveUp() {
        anthropic = nil
        openAIChat = nil
        openAIResponses = nil
    }
}
