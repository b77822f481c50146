import StreamCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The extractor of reasoning beside a search by memchr over the same deltas.
///
/// The reference looks for the first byte of a tag and compares what follows. It hands nothing out and does not know tags
/// that are cut in two, so it shows what looking at the bytes costs, and no more.
let reasoningExtraction = Suite(name: "reasoning extraction") { scale in
    let size = scale == .quick ? 1_000_000 : 12_000_000
    let words = "The quick brown fox thinks twice, therefore it jumps over the lazy dog; naïve or not. "
    let answer = String(repeating: words, count: 24)
    let tagged = "<think>\(words)\(words)</think>\(words)a < b, <b>bold</b> \(words)"
    return [
        comparison("plain text, whole tokens", text: answer, deltaSize: 4, size: size),
        comparison("plain text, 256 bytes", text: answer, deltaSize: 256, size: size),
        comparison("tags and markup, whole tokens", text: tagged, deltaSize: 4, size: size),
        comparison("tags and markup, 2 KiB", text: tagged + tagged + tagged + tagged, deltaSize: 2048, size: size),
    ]
}

private func comparison(_ name: String, text: String, deltaSize: Int, size: Int) -> Comparison {
    let whole = String(repeating: text, count: max(1, size / text.utf8.count))
    let deltas = pieces(of: whole, size: deltaSize)
    return Comparison(
        name: name, unit: "deltas", count: deltas.count, bytes: whole.utf8.count,
        ours: Contender(name: "ReasoningExtractor") { extract(deltas) },
        references: [Contender(name: "memchr") { search(deltas) }])
}

/// Deltas of about `size` bytes, never cut within a character nor within a tag, for the reference knows none that are.
private func pieces(of text: String, size: Int) -> [String] {
    var pieces: [String] = []
    var piece = String.UnicodeScalarView()
    // Counted here: asking a view for its length walks over it, once for each scalar.
    var length = 0
    var isInTag = false
    for scalar in text.unicodeScalars {
        if scalar == "<" { isInTag = true }
        piece.append(scalar)
        length += 1
        if scalar == ">" || scalar == " " { isInTag = false }
        if !isInTag, length >= size {
            pieces.append(String(piece))
            piece = String.UnicodeScalarView()
            length = 0
        }
    }
    if !piece.isEmpty { pieces.append(String(piece)) }
    return pieces
}

/// The bytes that come out.
private func extract(_ deltas: [String]) -> Int {
    var extractor = ReasoningExtractor()
    var segments: [ReasoningExtractor.Segment] = []
    var bytes = 0
    for delta in deltas {
        segments.removeAll(keepingCapacity: true)
        extractor.append(delta, to: &segments)
        for segment in segments { bytes += segment.text.utf8.count }
    }
    segments.removeAll(keepingCapacity: true)
    extractor.finish(to: &segments)
    return segments.reduce(bytes) { $0 + $1.text.utf8.count }
}

/// The bytes that are no tag's.
private func search(_ deltas: [String]) -> Int {
    let tags: [StaticString] = ["<think>", "</think>", "<thinking>", "</thinking>"]
    var bytes = 0
    for delta in deltas {
        var delta = delta
        bytes += delta.withUTF8 { text in
            guard var place = text.baseAddress else { return 0 }
            // Within the text: every step leaves `place` at or before its end.
            let end = place + text.count
            var count = text.count
            while let found = memchr(place, 0x3C, end - place) {
                place += UnsafeRawPointer(found) - UnsafeRawPointer(place)
                let rest = end - place
                let tag = tags.first {
                    $0.utf8CodeUnitCount <= rest && memcmp(place, $0.utf8Start, $0.utf8CodeUnitCount) == 0
                }
                count -= tag?.utf8CodeUnitCount ?? 0
                place += tag?.utf8CodeUnitCount ?? 1
            }
            return count
        }
    }
    return bytes
}
