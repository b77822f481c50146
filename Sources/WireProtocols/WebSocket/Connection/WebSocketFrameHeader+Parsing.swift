extension WebSocketFrameHeader {
    /// The header at the start of `bytes` and how many bytes it takes, or nil while it is not whole.
    ///
    /// What is wrong is found with the byte that makes it wrong, so that a frame is refused before the rest of it comes.
    ///
    /// - Throws: ``WebSocketViolation`` for reserved bits and opcodes, control frames that are fragmented or too long, a mask
    ///   where none may be or none where it must, and a length that is not written in the fewest bytes.
    static func parse(
        _ bytes: UnsafeRawBufferPointer, from peer: WebSocketRole, allowsCompression: Bool
    ) throws(WebSocketViolation) -> (header: WebSocketFrameHeader, length: Int)? {
        guard let first = bytes.first else { return nil }
        guard first & 0x30 == 0 else {
            throw WebSocketViolation(.protocolError, "a frame has a reserved bit set (RSV2 or RSV3)")
        }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else {
            throw WebSocketViolation(.protocolError, "a frame has the reserved opcode \(first & 0x0F)")
        }
        let isFinal = first & 0x80 != 0
        let isCompressed = first & 0x40 != 0
        if isCompressed, !allowsCompression || opcode.isControl || opcode == .continuation {
            throw WebSocketViolation(.protocolError, "a frame has RSV1 set where no extension gives it a meaning")
        }
        if opcode.isControl, !isFinal { throw WebSocketViolation(.protocolError, "a control frame is fragmented") }
        guard bytes.count >= 2 else { return nil }

        let isMasked = bytes[1] & 0x80 != 0
        guard isMasked == (peer == .client) else {
            throw WebSocketViolation(
                .protocolError, isMasked ? "a frame of the server is masked" : "a frame of the client is not masked")
        }
        let short = Int(bytes[1] & 0x7F)
        if opcode.isControl, short > 125 {
            throw WebSocketViolation(.protocolError, "a control frame is longer than 125 bytes")
        }
        var length = short < 126 ? 2 : short == 126 ? 4 : 10
        guard bytes.count >= length else { return nil }
        var payloadLength = short
        if short >= 126 {
            var wide: UInt64 = 0
            for byte in bytes[2..<length] { wide = wide << 8 | UInt64(byte) }
            guard wide >= (short == 126 ? 126 : 0x1_0000) else {
                throw WebSocketViolation(.protocolError, "the length of a frame is not written in the fewest bytes")
            }
            guard wide <= UInt64(Int64.max) else {
                throw WebSocketViolation(.protocolError, "the length of a frame has its highest bit set")
            }
            // On 32 bits such a frame is beyond every limit, and refused by it.
            payloadLength = Int(clamping: wide)
        }

        var maskingKey: UInt32?
        if isMasked {
            guard bytes.count >= length + 4 else { return nil }
            maskingKey = bytes[length..<length + 4].reduce(0) { $0 << 8 | UInt32($1) }
            length += 4
        }
        let header = WebSocketFrameHeader(
            opcode, payloadLength: payloadLength, isFinal: isFinal, isCompressed: isCompressed, maskingKey: maskingKey)
        return (header, length)
    }
}
