internal import ServerSentEvents
internal import StreamCore

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

    private enum Core: Sendable {
        case anthropic(AnthropicDecoder)
        case openAIChat(OpenAIChatDecoder)
        case openAIResponses(OpenAIResponsesDecoder)
        /// It threw, or is at work.
        case none
    }

    private var core: Core
    private var parser: ServerSentEventParser
    private var reader: JSONReader
    private var repeated: RepeatedEvent
    private var eventCount = 0
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
        repeated = parsesAll ? .disabled : RepeatedEvent()
        parser = ServerSentEventParser(
            limits: ServerSentEventLimits(line: limits.maxEventBytes, event: limits.maxEventBytes))
        reader = JSONReader(limits: JSONLimits(maxDepth: limits.maxDepth, maxBytes: limits.maxEventBytes))
        core =
            switch dialect {
            case .anthropic: .anthropic(AnthropicDecoder(limits: limits))
            case .openAIChat: .openAIChat(OpenAIChatDecoder(limits: limits))
            case .openAIResponses:
                .openAIResponses(OpenAIResponsesDecoder(limits: limits, resuming: resuming?.responseID))
            }
    }

    // MARK: Bytes

    /// Decodes the next bytes of the stream and appends the events that they complete.
    ///
    /// - Throws: ``ModelError`` when the provider reports a failure or a refusal, or when the bytes are not what the wire allows
    ///   (`malformedResponse`, with the event and the byte). Nothing is decoded after that.
    public mutating func decode(_ bytes: [UInt8], into events: inout [ModelEvent]) throws(ModelError) {
        let failure = bytes.withUnsafeBytes { decode($0, into: &events) }
        if let failure { throw failure }
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
        switch core {
        case .anthropic(let decoder): try finish(decoder, &events)
        case .openAIChat(let decoder): try finish(decoder, &events)
        case .openAIResponses(let decoder): try finish(decoder, &events)
        case .none: return
        }
    }

    /// Decodes an answer that came whole, as JSON, into the events that a stream of it would have had.
    package mutating func decodeWhole(_ bytes: [UInt8], into events: inout [ModelEvent]) throws(ModelError) {
        let failure: ModelError?
        switch core {
        case .anthropic(var decoder): failure = decodeWhole(bytes, &decoder, &events)
        case .openAIChat(var decoder): failure = decodeWhole(bytes, &decoder, &events)
        case .openAIResponses(var decoder): failure = decodeWhole(bytes, &decoder, &events)
        case .none: return
        }
        core = .none
        isFinished = failure == nil
        if let failure { throw failure }
    }

    // MARK: At work

    private mutating func decode(_ bytes: UnsafeRawBufferPointer, into events: inout [ModelEvent]) -> ModelError? {
        if isFinished { return nil }
        let failure: ModelError?
        // Taken out and put back, so that the decoder is changed in place; after a failure it stays out.
        switch core {
        case .anthropic(var decoder):
            core = .none
            failure = run(bytes, &decoder, &events)
            if failure == nil { core = .anthropic(decoder) }
        case .openAIChat(var decoder):
            core = .none
            failure = run(bytes, &decoder, &events)
            if failure == nil { core = .openAIChat(decoder) }
        case .openAIResponses(var decoder):
            core = .none
            failure = run(bytes, &decoder, &events)
            if failure == nil { core = .openAIResponses(decoder) }
        case .none: failure = nil
        }
        return failure
    }

    private mutating func run<Decoder: WireDecoder>(
        _ bytes: UnsafeRawBufferPointer, _ decoder: inout Decoder, _ events: inout [ModelEvent]
    ) -> ModelError? {
        let failure = ModelStreamDecoder.feed(
            bytes, &parser, &reader, &repeated, &eventCount, &decoder, &events)
        isFinished = decoder.isFinished
        return failure
    }

    private static func feed<Decoder: WireDecoder>(
        _ bytes: UnsafeRawBufferPointer, _ parser: inout ServerSentEventParser, _ reader: inout JSONReader,
        _ repeated: inout RepeatedEvent, _ eventCount: inout Int, _ decoder: inout Decoder, _ events: inout [ModelEvent]
    ) -> ModelError? {
        var rest = bytes
        while !decoder.isFinished {
            do throws(ServerSentEventError) {
                guard let event = try parser.next(from: &rest) else { return nil }
                eventCount += 1
                if let text = repeated.text(of: event.data) {
                    decoder.repeat(text: text, into: &events)
                    continue
                }
                repeated.forget()
                if let failure = take(event, number: eventCount, &reader, &decoder, &events) { return failure }
                if let text = decoder.repeatable { repeated.remember(event.data, text) }
            } catch {
                return ModelError(
                    kind: .malformedResponse, message: "the event stream is not acceptable: \(error.message)",
                    underlying: error)
            }
        }
        return nil
    }

    /// Takes an event whose data should be JSON.
    private static func take<Decoder: WireDecoder>(
        _ event: BorrowedServerSentEvent, number: Int, _ reader: inout JSONReader, _ decoder: inout Decoder,
        _ events: inout [ModelEvent]
    ) -> ModelError? {
        do throws(JSONError) {
            return try take(event.data, named: event.type, &reader, &decoder, &events)
        } catch {
            guard error.code == .invalidUTF8 else { return malformed(error, event: number) }
        }
        // An event stream is decoded with U+FFFD for what is not UTF-8 (WHATWG HTML §9.2.6), and only then read.
        let repaired = Array(String(decoding: event.data, as: UTF8.self).utf8)
        return repaired.withUnsafeBytes { data -> ModelError? in
            do throws(JSONError) {
                return try take(data, named: event.type, &reader, &decoder, &events)
            } catch {
                return malformed(error, event: number)
            }
        }
    }

    /// Takes the data of an event; throws when they are not JSON.
    private static func take<Decoder: WireDecoder>(
        _ data: UnsafeRawBufferPointer, named name: UnsafeRawBufferPointer, _ reader: inout JSONReader,
        _ decoder: inout Decoder, _ events: inout [ModelEvent]
    ) throws(JSONError) -> ModelError? {
        guard let first = data.first else { return nil }
        var failure: ModelError?
        if first == UInt8(ascii: "["), isDone(data) {
            do throws(ModelError) { try decoder.decodeDone(into: &events) } catch { failure = error }
            return failure
        }
        // Heartbeats with empty data.
        if first <= 0x20, data.allSatisfy({ $0 <= 0x20 }) { return nil }
        try reader.read(data) { (root) throws(JSONError) in
            do throws(ModelError) { try decoder.decode(root, named: name, into: &events) } catch { failure = error }
        }
        return failure
    }

    private static func isDone(_ data: UnsafeRawBufferPointer) -> Bool {
        var data = data[...]
        while data.last.map({ $0 <= 0x20 }) == true { data.removeLast() }
        return data.elementsEqual("[DONE]".utf8)
    }

    private static func malformed(_ error: JSONError, event: Int) -> ModelError {
        ModelError(
            kind: .malformedResponse, message: "the data of event \(event) of the stream is no JSON: \(error)",
            underlying: error)
    }

    // MARK: End

    private mutating func finish<Decoder: WireDecoder>(
        _ decoder: Decoder, _ events: inout [ModelEvent]
    ) throws(ModelError) {
        core = .none
        // A blank line tells what was pending; a trial, because only an end is wanted of it.
        var trial = decoder
        var trialEvents: [ModelEvent] = []
        let blankLine: [UInt8] = [0x0A, 0x0A]
        let failure = blankLine.withUnsafeBytes { bytes -> ModelError? in
            var rest = bytes
            guard let event = try? parser.next(from: &rest) else { return nil }
            return (try? ModelStreamDecoder.take(event.data, named: event.type, &reader, &trial, &trialEvents)) ?? nil
        }
        if trial.isFinished || failure != nil { events += trialEvents }
        isFinished = trial.isFinished
        if let failure { throw failure }
        if !trial.isFinished { throw decoder.truncation() }
    }

    private mutating func decodeWhole<Decoder: WireDecoder>(
        _ bytes: [UInt8], _ decoder: inout Decoder, _ events: inout [ModelEvent]
    ) -> ModelError? {
        var failure: ModelError?
        do throws(JSONError) {
            try reader.read(bytes) { (root) throws(JSONError) in
                do throws(ModelError) {
                    try decoder.decodeWhole(root, into: &events)
                } catch {
                    failure = error
                }
            }
        } catch {
            return ModelError(
                kind: .malformedResponse, message: "the answer is no JSON: \(error)", underlying: error)
        }
        return failure
    }
}
