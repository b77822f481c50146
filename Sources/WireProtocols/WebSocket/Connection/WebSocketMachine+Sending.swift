extension WebSocketMachine {
    /// The header of the next data frame; its payload follows, masked with the header's key when it has one.
    ///
    /// The first frame of a message says whether it is text or binary; further ones become continuations by themselves.
    ///
    /// - Parameters:
    ///   - isText: Whether the message is text.
    ///   - payloadLength: The number of bytes of the frame's payload.
    ///   - isFinal: Whether the message ends with this frame.
    ///   - isCompressed: Whether the message is compressed as permessage-deflate has it.
    ///   - random: Where the masking key comes from; it must not be foreseen by whoever chooses the payload (RFC 6455 §5.3).
    /// - Returns: The header, or nil when nothing may be sent any more (``maySend``).
    public mutating func dataHeader(
        isText: Bool, payloadLength: Int, isFinal: Bool = true, isCompressed: Bool = false,
        using random: inout some RandomNumberGenerator
    ) -> WebSocketFrameHeader? {
        guard maySend else { return nil }
        let isFirst = !isSendingMessage
        isSendingMessage = !isFinal
        return WebSocketFrameHeader(
            isFirst ? (isText ? .text : .binary) : .continuation, payloadLength: payloadLength, isFinal: isFinal,
            isCompressed: isFirst && isCompressed, maskingKey: maskingKey(using: &random))
    }

    /// A ping or pong as it is sent, which may stand between the frames of a message.
    ///
    /// - Parameters:
    ///   - opcode: Ping or pong; for a close frame there is ``closeFrame(_:using:)``.
    ///   - payload: What the frame says; its first 125 bytes count.
    ///   - random: Where the masking key comes from.
    /// - Returns: Header and payload, or nil when nothing may be sent any more.
    public func controlFrame(
        _ opcode: WebSocketOpcode, _ payload: [UInt8] = [], using random: inout some RandomNumberGenerator
    ) -> [UInt8]? {
        guard maySend, opcode == .ping || opcode == .pong else { return nil }
        return encoded(opcode, Array(payload.prefix(125)), using: &random)
    }

    /// The close frame of this end, as it is sent: to begin closing, to answer the peer's, or after a violation.
    ///
    /// - Parameters:
    ///   - closure: What it says. An answer repeats the code that came.
    ///   - random: Where the masking key comes from.
    /// - Returns: Header and payload, or nil when a close frame was sent before.
    public mutating func closeFrame(
        _ closure: WebSocketClosure, using random: inout some RandomNumberGenerator
    ) -> [UInt8]? {
        guard !hasSentClose else { return nil }
        hasSentClose = true
        return encoded(.close, closure.payload, using: &random)
    }

    private func encoded(
        _ opcode: WebSocketOpcode, _ payload: [UInt8], using random: inout some RandomNumberGenerator
    ) -> [UInt8] {
        let header = WebSocketFrameHeader(
            opcode, payloadLength: payload.count, maskingKey: maskingKey(using: &random))
        var bytes = header.encoded
        payload.withUnsafeBytes { bytes.append($0, masking: header.maskingKey) }
        return bytes
    }

    private func maskingKey(using random: inout some RandomNumberGenerator) -> UInt32? {
        role == .client ? UInt32(truncatingIfNeeded: random.next()) : nil
    }
}
