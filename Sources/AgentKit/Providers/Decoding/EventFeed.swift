internal import ServerSentEvents
internal import StreamCore

/// What is common to all dialects between bytes and their decoder: event stream, JSON, and the events that repeat.
struct EventFeed: Sendable {
    private var parser: ServerSentEventParser
    private var reader: JSONReader
    private var repeated: RepeatedEvent
    private var eventCount = 0

    init(limits: DecodingLimits, parsesAll: Bool) {
        repeated = parsesAll ? .disabled : RepeatedEvent()
        parser = ServerSentEventParser(
            limits: ServerSentEventLimits(line: limits.maxEventBytes, event: limits.maxEventBytes))
        reader = JSONReader(limits: JSONLimits(maxDepth: limits.maxDepth, maxBytes: limits.maxEventBytes))
    }

    /// Gives a decoder the events that the bytes complete; returns what it throws.
    mutating func decode<Decoder: WireDecoder>(
        _ bytes: UnsafeRawBufferPointer, _ decoder: inout Decoder, _ isFinished: inout Bool,
        _ events: inout [ModelEvent]
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
                if let failure = EventFeed.take(event, number: eventCount, &reader, &decoder, &events) {
                    return failure
                }
                if let text = decoder.repeatable { repeated.remember(event.data, text) }
            } catch {
                return ModelError(
                    kind: .malformedResponse, message: "the event stream is not acceptable: \(error.message)",
                    underlying: error)
            }
        }
        isFinished = decoder.isFinished
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
            guard error.code == .invalidUTF8 else { return failure(event, error, number: number) }
        }
        // An event stream is decoded with U+FFFD for what is not UTF-8 (WHATWG HTML §9.2.6), and only then read.
        let repaired = Array(String(decoding: event.data, as: UTF8.self).utf8)
        return repaired.withUnsafeBytes { data -> ModelError? in
            do throws(JSONError) {
                return try take(data, named: event.type, &reader, &decoder, &events)
            } catch {
                return failure(event, error, number: number)
            }
        }
    }

    /// What an event means whose data are no JSON: a failure in plain words when it is named so, as proxies write them.
    private static func failure(_ event: BorrowedServerSentEvent, _ error: JSONError, number: Int) -> ModelError {
        guard event.type.elementsEqual("error".utf8) else { return malformed(error, event: number) }
        let words = String(decoding: event.data.prefix(4 * ProviderFailure.maxMessageLength), as: UTF8.self)
        return ProviderFailure(message: words).modelError(provider: "the provider")
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

    /// Ends the stream; returns what the decoder makes of it when it was not at its end.
    ///
    /// An event that was pending counts when it is the stream's last one, or an error.
    mutating func finish<Decoder: WireDecoder>(
        _ decoder: Decoder, _ isFinished: inout Bool, _ events: inout [ModelEvent]
    ) -> ModelError? {
        // A blank line tells what was pending; a trial, because only an end is wanted of it.
        var trial = decoder
        var trialEvents: [ModelEvent] = []
        let blankLine: [UInt8] = [0x0A, 0x0A]
        let failure = blankLine.withUnsafeBytes { bytes -> ModelError? in
            var rest = bytes
            guard let event = try? parser.next(from: &rest) else { return nil }
            return (try? EventFeed.take(event.data, named: event.type, &reader, &trial, &trialEvents)) ?? nil
        }
        isFinished = trial.isFinished
        if trial.isFinished || failure != nil { events += trialEvents }
        return failure ?? (trial.isFinished ? nil : decoder.truncation())
    }

    /// Gives a decoder an answer that came whole; returns what it throws.
    mutating func decodeWhole<Decoder: WireDecoder>(
        _ bytes: [UInt8], _ decoder: Decoder, _ events: inout [ModelEvent]
    ) -> ModelError? {
        var decoder = decoder
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
