/// The header of a frame (RFC 6455 §5.2): what comes before its payload, 2 … 14 bytes.
public struct WebSocketFrameHeader: Sendable, Hashable {
    /// Whether this frame is the last of its message.
    public var isFinal: Bool
    /// Whether the message is compressed (RSV1 with permessage-deflate); stands in the first frame alone.
    public var isCompressed: Bool
    /// What the frame is.
    public var opcode: WebSocketOpcode
    /// The number of bytes of the payload, not negative.
    public var payloadLength: Int
    /// The key that the payload is masked with, its first byte in the highest place; nil for a frame that is not masked.
    public var maskingKey: UInt32?

    /// The largest number of bytes of a header.
    public static let maximumLength = 14

    /// A header from its parts.
    public init(
        _ opcode: WebSocketOpcode, payloadLength: Int, isFinal: Bool = true, isCompressed: Bool = false,
        maskingKey: UInt32? = nil
    ) {
        self.opcode = opcode
        self.payloadLength = payloadLength
        self.isFinal = isFinal
        self.isCompressed = isCompressed
        self.maskingKey = maskingKey
    }

    /// The number of bytes that the header takes.
    public var encodedLength: Int {
        let length = payloadLength < 126 ? 2 : payloadLength <= 0xFFFF ? 4 : 10
        return maskingKey == nil ? length : length + 4
    }

    /// Writes the header, byte by byte.
    public func encode(_ write: (UInt8) -> Void) {
        write((isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode.rawValue)
        let maskBit: UInt8 = maskingKey == nil ? 0 : 0x80
        switch payloadLength {
        case ..<126: write(maskBit | UInt8(truncatingIfNeeded: payloadLength))
        case ...0xFFFF:
            write(maskBit | 126)
            for shift in [8, 0] { write(UInt8(truncatingIfNeeded: payloadLength >> shift)) }
        default:
            write(maskBit | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                write(UInt8(truncatingIfNeeded: payloadLength >> shift))
            }
        }
        if let maskingKey {
            for shift in [24, 16, 8, 0] as [UInt32] { write(UInt8(truncatingIfNeeded: maskingKey >> shift)) }
        }
    }

    /// The header as bytes.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encodedLength)
        encode { bytes.append($0) }
        return bytes
    }
}
