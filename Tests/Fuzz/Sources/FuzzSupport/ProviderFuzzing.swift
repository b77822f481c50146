import AgentKit
import StreamCore

/// What came of decoding a body.
private struct Outcome: Equatable {
    var events: [ModelEvent] = []
    var failure: Failure?
}

/// A provider's decoder gives the same for every cut, and ends well only once.
public func fuzzDecoder(_ dialect: ModelDialect, _ input: FuzzInput) {
    let whole = decode(dialect, [input.bytes])
    let cut = decode(dialect, input.pieces())
    require(whole == cut, "the cuts matter: \(whole) and \(cut)")
    let finishes = whole.events.indices.filter {
        if case .finish = whole.events[$0] { true } else { false }
    }
    if whole.failure == nil {
        require(finishes == [whole.events.count - 1], "an answer that went well ends with one finish: \(whole)")
    } else {
        require(finishes.isEmpty, "an answer that failed has no finish: \(whole)")
    }
    // What readers get of it can be written as JSON that is read back.
    var assembler = ChunkAssembler()
    var chunks: [AgentChunk] = []
    assembler.append(whole.events, at: nil, to: &chunks)
    assembler.endResponse(at: nil, to: &chunks)
    for chunk in chunks {
        do {
            _ = try JSONValue(parsing: chunk.jsonString)
        } catch {
            fatalError("\(error): \(chunk.jsonString)")
        }
    }
}

private func decode(_ dialect: ModelDialect, _ pieces: [[UInt8]]) -> Outcome {
    var decoder = ModelStreamDecoder(dialect: dialect)
    var outcome = Outcome()
    do throws(ModelError) {
        for piece in pieces { try decoder.decode(piece, into: &outcome.events) }
        try decoder.finish(into: &outcome.events)
    } catch {
        outcome.failure = error.failure
    }
    return outcome
}
