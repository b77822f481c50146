/// A position in a stream: 15 ASCII characters that sort bytewise as the positions order.
///
/// Four base-32 digits of *era* and eleven of *index* (the digits of RFC 4648 §7, lower case: `0…9a…v`). An era is a
/// stretch in which a store has lost nothing; an unclean open with a lost tail starts the next one, so that no two
/// events ever share an offset. Clients treat the text as opaque. It is the SSE `id`, the tRPC tracked id, the Durable
/// Streams offset and the position of a checkpoint. The text is a Swift small string: it never allocates.
public struct Offset: Sendable, Hashable, Comparable {
    /// The largest era: 2²⁰ − 1.
    public static let maxEra: UInt32 = (1 << 20) - 1
    /// The largest index: 2⁵⁵ − 1.
    public static let maxIndex: UInt64 = (1 << 55) - 1

    /// The stretch of unbroken history, 0 … ``maxEra``.
    public let era: UInt32
    /// The position within the stream, 0 … ``maxIndex``; the first event of a stream has index 1.
    public let index: UInt64

    /// A position from its parts, or nil when one is out of range.
    public init?(era: UInt32 = 0, index: UInt64) {
        guard era <= Offset.maxEra, index <= Offset.maxIndex else { return nil }
        self.era = era
        self.index = index
    }

    private init(uncheckedEra era: UInt32, index: UInt64) {
        self.era = era
        self.index = index
    }

    /// Before the oldest event that is kept: reading from here is never a gap.
    public static let start = Offset(uncheckedEra: 0, index: 0)

    /// The position of the next event in the same era, or nil at ``maxIndex``.
    public var successor: Offset? { Offset(era: era, index: index + 1) }

    /// The place before the last `count` events through this one, all of its era.
    package func before(_ count: Int) -> Offset {
        Offset(uncheckedEra: era, index: index - min(index, UInt64(count)))
    }

    /// Orders by era, then by index, as the texts order bytewise.
    public static func < (lhs: Offset, rhs: Offset) -> Bool {
        (lhs.era, lhs.index) < (rhs.era, rhs.index)
    }
}

extension Offset: LosslessStringConvertible {
    /// The number of characters in the text of every offset.
    public static let textLength = 15
    private static let eraDigits = 4

    /// The offset that `text` says, or nil when it is not exactly 15 digits of `0…9a…v`.
    public init?(_ text: String) {
        guard text.utf8.count == Offset.textLength else { return nil }
        var era: UInt32 = 0
        var index: UInt64 = 0
        for (position, byte) in text.utf8.enumerated() {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "v"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if position < Offset.eraDigits {
                era = era << 5 | UInt32(digit)
            } else {
                index = index << 5 | UInt64(digit)
            }
        }
        self.init(era: era, index: index)
    }

    /// The 15 characters.
    public var description: String {
        String(unsafeUninitializedCapacity: Offset.textLength) { buffer in
            var rest = index
            for position in stride(from: Offset.textLength - 1, through: Offset.eraDigits, by: -1) {
                buffer[position] = Offset.digit(UInt8(rest & 31))
                rest >>= 5
            }
            var era = era
            for position in stride(from: Offset.eraDigits - 1, through: 0, by: -1) {
                buffer[position] = Offset.digit(UInt8(era & 31))
                era >>= 5
            }
            return Offset.textLength
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension Offset: Codable {
    /// Reads the text of an offset.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let offset = Offset(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "an offset is 15 digits of 0…9a…v, not '\(text.prefix(40))'")
        }
        self = offset
    }

    /// Writes the text of the offset.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
