import AgentKit
import CReference
import ServerSentEvents
import StreamCore

/// From a provider's bytes to typed events, with UTF-8 and JSON validated, beside C that only copies the events out.
///
/// The stream has the shape of Anthropic's; the same deltas as Chat Completions and as Responses, whose events have more fields.
let modelEventDecoding = Suite(name: "SSE + JSON to typed events") { scale in
    let stream = MessageStream(size: scale == .quick ? 1_000_000 : 12_000_000)
    let anthropic = DecodableStream(anthropic: stream)
    let chat = DecodableStream(texts: anthropic.texts, opening: DecodableStream.chatOpening, closing: "}}]}")
    let responses = DecodableStream(
        texts: anthropic.texts, opening: DecodableStream.responsesOpening, closing: #","logprobs":[]}"#)
    func comparisons(_ name: String, _ dialect: ModelDialect, _ stream: DecodableStream, asked: Double?) -> [Comparison]
    {
        [("16 KiB chunks", stream.chunks(of: 16 << 10)), ("1–3 events a chunk", stream.chunksOfEvents())].map {
            label, chunks in
            Comparison(
                name: "\(name), \(label)", unit: "events", count: stream.eventEnds.count, bytes: stream.bytes.count,
                ours: Contender(name: "ModelStreamDecoder") { decode(stream, chunks, dialect) },
                references: [
                    Contender(name: "C, copies, no JSON", goal: asked) { copyInC(stream, chunks) },
                    Contender(name: "ours, JSON only") { validate(stream, chunks) },
                ])
        }
    }
    return comparisons("Anthropic", .anthropic, anthropic, asked: 0.2)
        + comparisons("Chat Completions", .openAIChat, chat, asked: nil)
        + comparisons("Responses", .openAIResponses, responses, asked: nil)
}

/// One response of many events, and where they end.
private struct DecodableStream: EventBytes {
    var bytes: [UInt8] = []
    var eventEnds: [Int] = []
    /// The texts of the deltas as JSON strings.
    var texts: [String] = []

    static func chatOpening(_ index: Int) -> String {
        #"data: {"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWx","object":"chat.completion.chunk","created":1727346176,"model":"gpt-4o-2024-08-06","#
            + #""system_fingerprint":"fp_7568d46099","choices":[{"index":0,"delta":{"content":"#
    }

    static func responsesOpening(_ index: Int) -> String {
        "event: response.output_text.delta\n"
            + #"data: {"type":"response.output_text.delta","sequence_number":\#(index),"output_index":0,"content_index":0,"#
            + #""item_id":"msg_0ecff685e411ca7b0069e063580128819b9ec474594c61b988","delta":"#
    }

    /// All messages as one: without the events that end a response.
    init(anthropic stream: MessageStream) {
        var start = 0
        let marker = Array(#""text_delta","text":"#.utf8)
        for (end, payload) in zip(stream.eventEnds, stream.payloads) {
            let event = stream.bytes[start..<end]
            start = end
            // One response from all of them: another start would cut it, and a stop would end it.
            if event.starts(with: "event: message_stop".utf8) { continue }
            if event.starts(with: "event: message_start".utf8), !eventEnds.isEmpty { continue }
            bytes += event
            eventEnds.append(bytes.count)
            if let place = stream.bytes[payload].firstRange(of: marker) {
                texts.append(String(decoding: stream.bytes[place.upperBound..<payload.upperBound - 2], as: UTF8.self))
            }
        }
    }

    /// An event for each text.
    init(texts: [String], opening: (Int) -> String, closing: String) {
        for (index, text) in texts.enumerated() {
            bytes += (opening(index) + text + closing + "\n\n").utf8
            eventEnds.append(bytes.count)
        }
    }
}

private func decode(_ stream: DecodableStream, _ chunks: [Range<Int>], _ dialect: ModelDialect) -> Int {
    var decoder = ModelStreamDecoder(dialect: dialect)
    var events: [ModelEvent] = []
    var count = 0
    stream.bytes.withUnsafeBytes { bytes in
        for chunk in chunks {
            events.removeAll(keepingCapacity: true)
            do throws(ModelError) {
                try decoder.decode(UnsafeRawBufferPointer(rebasing: bytes[chunk]), into: &events)
            } catch {
                fatalError("\(error)")
            }
            count += events.count
        }
    }
    // The contenders count what they can: here that something came of the stream.
    precondition(count >= stream.texts.count)
    return stream.eventEnds.count
}

private func validate(_ stream: DecodableStream, _ chunks: [Range<Int>]) -> Int {
    var parser = ServerSentEventParser()
    var reader = JSONReader()
    var count = 0
    stream.bytes.withUnsafeBytes { bytes in
        for chunk in chunks {
            var rest = UnsafeRawBufferPointer(rebasing: bytes[chunk])
            do {
                while let event = try parser.next(from: &rest) {
                    count += try reader.read(event.data) { $0.kind == .object ? 1 : 0 }
                }
            } catch {
                fatalError("\(error)")
            }
        }
    }
    return count
}

private func copyInC(_ stream: DecodableStream, _ chunks: [Range<Int>]) -> Int {
    let parser = reference_parser_create(true)
    defer { reference_parser_destroy(parser) }
    stream.bytes.withUnsafeBufferPointer { bytes in
        for chunk in chunks {
            reference_parser_feed(parser, bytes.baseAddress! + chunk.lowerBound, chunk.count)
        }
    }
    return Int(reference_parser_sum(parser).events)
}
