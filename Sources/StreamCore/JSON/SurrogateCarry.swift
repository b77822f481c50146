/// The first half of a surrogate pair, kept until the text delta that brings the second half.
///
/// Some servers cut their text between the two escapes of a pair: one delta ends in `\ud83d`, the next begins with
/// `\ude00`. Keep one carry per block of text, give it to ``JSONNode/string(joining:)`` for each delta, and ``flush()``
/// it at the block's end.
public struct SurrogateCarry: Sendable, Hashable {
    private var high: UInt16?

    /// Nothing is kept.
    public init() {}

    /// Whether half a pair is kept.
    public var isPending: Bool { high != nil }

    /// Gives up what is kept: U+FFFD when that is half a pair, else nothing.
    public mutating func flush() -> String {
        defer { high = nil }
        return isPending ? "\u{FFFD}" : ""
    }

    /// Takes the code unit of a `\u` escape and puts out what is decided.
    mutating func take(_ unit: UInt16, _ put: (Unicode.Scalar) -> Void) {
        if let high, UTF16.isTrailSurrogate(unit) {
            self.high = nil
            let value = 0x10000 + (UInt32(high) - 0xD800) << 10 + UInt32(unit) - 0xDC00
            put(Unicode.Scalar(value) ?? "\u{FFFD}")
            return
        }
        interrupt(put)
        if UTF16.isLeadSurrogate(unit) {
            high = unit
        } else {
            put(Unicode.Scalar(unit) ?? "\u{FFFD}")
        }
    }

    /// Puts out what is kept, as something comes that does not pair with it.
    @inline(__always)
    mutating func interrupt(_ put: (Unicode.Scalar) -> Void) {
        guard high != nil else { return }
        high = nil
        put("\u{FFFD}")
    }
}
