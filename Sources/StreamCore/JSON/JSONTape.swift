/// One value or key of a document, as the parser found it.
///
/// A document's entries stand in the order of its text. An object's are followed by those of its keys and values by
/// turns, an array's by those of its elements.
@usableFromInline
struct JSONTapeEntry: Sendable {
    /// What the text is.
    @usableFromInline
    enum Kind: UInt8, Sendable {
        case null, `false`, `true`, integer, number, string, escapedString, array, object
    }

    /// Where the text begins: its first byte, in a string the one after the quote.
    @usableFromInline var start: UInt32
    /// Where it ends: after its last byte, in a string before the quote.
    @usableFromInline var end: UInt32
    /// The entry after this value and all within it; while a container is open, the container around it.
    @usableFromInline var next: UInt32
    @usableFromInline var kind: Kind

    @usableFromInline
    init(start: Int, end: Int, next: Int, kind: Kind) {
        // In range: texts have fewer than 2³¹ bytes (JSONLimits), and no more entries than bytes.
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
        self.next = UInt32(truncatingIfNeeded: next)
        self.kind = kind
    }

    /// Whether this is a string, or a key, that reads as these bytes of UTF-8.
    @inline(__always)
    func isString(_ other: UnsafeRawBufferPointer, in text: UnsafeRawPointer) -> Bool {
        let length = Int(end &- start)
        switch kind {
        case .string:
            return length == other.count && JSONBytes.isEqual(text + Int(start), other.baseAddress, length)
        case .escapedString:
            return JSONText.decode(UnsafeRawBufferPointer(start: text + Int(start), count: length))
                .utf8.elementsEqual(other)
        default: return false
        }
    }
}
