import FuzzSupport
import StreamCore

/// The reasoning and the content of a text do not depend on its cuts, and nothing but tags goes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = FuzzInput(start, size)
    let text = String(decoding: input.bytes, as: UTF8.self)
    let whole = runs([text])
    require(whole == runs(input.texts()), "the cuts matter: \(whole)")
    require(whole == runs(input.texts(longest: 2)), "the cuts matter: \(whole)")
    let kept = whole.reduce(0) { $0 + $1.text.utf8.count }
    require(kept <= text.utf8.count, "there is more than there was")
    if !text.utf8.contains("<think".utf8) { require(kept == text.utf8.count, "without a tag all is kept") }
    for isCaseSensitive in [false, true] {
        let extractor = ReasoningExtractor(startsInReasoning: true, isCaseSensitive: isCaseSensitive)
        require(runs([text], extractor) == runs(input.texts(), extractor), "the cuts matter inside reasoning")
    }

    var confidence = LexicalConfidence()
    confidence.append(text)
    var cut = LexicalConfidence()
    for piece in input.texts() { cut.append(piece) }
    require(confidence.confidence == cut.confidence, "the cuts matter to the confidence")
    return 0
}

private func runs(
    _ deltas: [String], _ extractor: ReasoningExtractor = ReasoningExtractor()
) -> [ReasoningExtractor.Segment] {
    var extractor = extractor
    var segments: [ReasoningExtractor.Segment] = []
    for delta in deltas { extractor.append(delta, to: &segments) }
    extractor.finish(to: &segments)
    return segments.reduce(into: []) { runs, segment in
        if runs.last?.kind == segment.kind { runs[runs.count - 1].text += segment.text } else { runs.append(segment) }
    }
}
