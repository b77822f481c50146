import CReference
import ServerSentEvents

/// The parser beside C: owned events beside events that C copies into memory of their own, borrowed ones beside slices.
///
/// C does not check UTF-8 and keeps one event at a time; ours is an array of strings for each chunk.
let eventStreamParsing = Suite(name: "event stream parsing") { scale in
    let stream = MessageStream(size: scale == .quick ? 2_000_000 : 24_000_000)
    let chunkings = [("16 KiB chunks", stream.chunks(of: 16 << 10)), ("1–3 events a chunk", stream.chunksOfEvents())]
    return chunkings.flatMap { label, chunks in
        [
            Comparison(
                name: "owned events, \(label)", unit: "events", count: stream.payloads.count, bytes: stream.bytes.count,
                ours: Contender(name: "ServerSentEvents") { parseOwned(stream.bytes, chunks) },
                references: [Contender(name: "C, copies", goal: 0.5) { parseInC(stream.bytes, chunks, owned: true) }]),
            Comparison(
                name: "owned events in turn, \(label)", unit: "events", count: stream.payloads.count,
                bytes: stream.bytes.count,
                ours: Contender(name: "ServerSentEvents") { parseOwnedInTurn(stream.bytes, chunks) },
                references: [Contender(name: "C, copies", goal: 0.5) { parseInC(stream.bytes, chunks, owned: true) }]),
            Comparison(
                name: "borrowed events, \(label)", unit: "events", count: stream.payloads.count,
                bytes: stream.bytes.count,
                ours: Contender(name: "ServerSentEvents") { parseBorrowed(stream.bytes, chunks) },
                references: [
                    Contender(name: "C, slices") { parseInC(stream.bytes, chunks, owned: false) },
                    Contender(name: "C, copies") { parseInC(stream.bytes, chunks, owned: true) },
                ]),
            Comparison(
                name: "async sequence, \(label)", unit: "events", count: stream.payloads.count,
                bytes: stream.bytes.count,
                ours: Contender(name: "ServerSentEventSequence") { await parseAsynchronously(stream.bytes, chunks) },
                references: [Contender(name: "C, copies") { parseInC(stream.bytes, chunks, owned: true) }]),
        ]
    }
}

private func sum(events: Int, bytes: Int) -> Int {
    events << 40 + bytes
}

private func parseOwnedInTurn(_ bytes: [UInt8], _ chunks: [Range<Int>]) -> Int {
    var parser = ServerSentEventParser()
    var events = 0
    var size = 0
    bytes.withUnsafeBytes { bytes in
        for chunk in chunks {
            var rest = UnsafeRawBufferPointer(rebasing: bytes[chunk])
            do throws(ServerSentEventError) {
                while let event = try parser.nextEvent(from: &rest) {
                    size += event.type.utf8.count + event.data.utf8.count
                    events += 1
                }
            } catch {
                fatalError("\(error)")
            }
        }
    }
    return sum(events: events, bytes: size)
}

private func parseOwned(_ bytes: [UInt8], _ chunks: [Range<Int>]) -> Int {
    var parser = ServerSentEventParser()
    var batch: [ServerSentEvent] = []
    var events = 0
    var size = 0
    bytes.withUnsafeBytes { bytes in
        for chunk in chunks {
            batch.removeAll(keepingCapacity: true)
            do throws(ServerSentEventError) {
                try parser.parse(UnsafeRawBufferPointer(rebasing: bytes[chunk]), into: &batch)
            } catch {
                fatalError("\(error)")
            }
            // By index: walking over the events copies each, which is no part of parsing.
            for index in batch.indices { size += batch[index].type.utf8.count + batch[index].data.utf8.count }
            events += batch.count
        }
    }
    return sum(events: events, bytes: size)
}

private func parseBorrowed(_ bytes: [UInt8], _ chunks: [Range<Int>]) -> Int {
    var parser = ServerSentEventParser()
    var events = 0
    var size = 0
    bytes.withUnsafeBytes { bytes in
        for chunk in chunks {
            var rest = UnsafeRawBufferPointer(rebasing: bytes[chunk])
            do throws(ServerSentEventError) {
                while let event = try parser.next(from: &rest) {
                    size += event.type.count + event.data.count
                    events += 1
                }
            } catch {
                fatalError("\(error)")
            }
        }
    }
    return sum(events: events, bytes: size)
}

private func parseInC(_ bytes: [UInt8], _ chunks: [Range<Int>], owned: Bool) -> Int {
    let parser = reference_parser_create(owned)
    defer { reference_parser_destroy(parser) }
    bytes.withUnsafeBufferPointer { bytes in
        for chunk in chunks {
            reference_parser_feed(parser, bytes.baseAddress! + chunk.lowerBound, chunk.count)
        }
    }
    let result = reference_parser_sum(parser)
    return sum(events: Int(result.events), bytes: Int(result.bytes))
}

/// Slices of an array, one after the other, without ever waiting.
private struct Slices: AsyncSequence, AsyncIteratorProtocol {
    var bytes: [UInt8]
    var chunks: [Range<Int>]
    var taken = 0

    mutating func next(isolation actor: isolated (any Actor)?) async throws(Never) -> ArraySlice<UInt8>? {
        guard taken < chunks.count else { return nil }
        defer { taken += 1 }
        return bytes[chunks[taken]]
    }

    mutating func next() async throws(Never) -> ArraySlice<UInt8>? {
        await next(isolation: nil)
    }

    func makeAsyncIterator() -> Self { self }
}

private func parseAsynchronously(_ bytes: [UInt8], _ chunks: [Range<Int>]) async -> Int {
    var events = 0
    var size = 0
    do {
        for try await event in Slices(bytes: bytes, chunks: chunks).serverSentEvents {
            size += event.type.utf8.count + event.data.utf8.count
            events += 1
        }
    } catch {
        fatalError("\(error)")
    }
    return sum(events: events, bytes: size)
}
