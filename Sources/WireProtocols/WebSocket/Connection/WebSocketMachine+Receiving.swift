extension WebSocketMachine {
    /// Reads on in what the peer has sent, up to the next event.
    ///
    /// - Parameter bytes: The bytes that were not read yet; those that were are taken off its front. All are read when nil is
    ///   returned. After a close frame or a violation whatever comes is dropped.
    /// - Returns: What has come, or nil when it takes more bytes.
    /// - Throws: ``WebSocketViolation``, once.
    public mutating func next(from bytes: inout UnsafeRawBufferPointer) throws(WebSocketViolation) -> Event? {
        guard received == nil, !hasFailed else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return nil
        }
        do throws(WebSocketViolation) {
            while true {
                if frame == nil {
                    guard let header = try readHeader(from: &bytes) else { return nil }
                    try begin(header)
                }
                if let event = try readPayload(from: &bytes) { return event }
                // Without an event either the frame is done, and a next one may follow, or the bytes are.
                if frame != nil { return nil }
            }
        } catch {
            hasFailed = true
            message = nil
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            throw error
        }
    }

    /// The next header, once it is whole.
    private mutating func readHeader(
        from bytes: inout UnsafeRawBufferPointer
    ) throws(WebSocketViolation) -> WebSocketFrameHeader? {
        let peer: WebSocketRole = role == .client ? .server : .client
        let allowsCompression = decompressor != nil
        if partialHeader.isEmpty {
            if let (header, length) = try WebSocketFrameHeader.parse(
                bytes, from: peer, allowsCompression: allowsCompression)
            {
                bytes = UnsafeRawBufferPointer(rebasing: bytes[length...])
                return header
            }
            partialHeader += bytes
            bytes = UnsafeRawBufferPointer(rebasing: bytes[bytes.count...])
            return nil
        }
        while let byte = bytes.first {
            bytes = UnsafeRawBufferPointer(rebasing: bytes[1...])
            partialHeader.append(byte)
            // The error leaves the closure as a value: thrown out of it, an optimized build may lose it.
            let result = partialHeader.withUnsafeBytes { bytes in
                Result { () throws(WebSocketViolation) in
                    try WebSocketFrameHeader.parse(bytes, from: peer, allowsCompression: allowsCompression)
                }
            }
            if let (header, _) = try result.get() {
                partialHeader.removeAll(keepingCapacity: true)
                return header
            }
        }
        return nil
    }

    /// Judges a frame by its header, before any of its payload is taken.
    private mutating func begin(_ header: WebSocketFrameHeader) throws(WebSocketViolation) {
        guard header.payloadLength <= limits.frameSize else {
            throw WebSocketViolation(
                .messageTooBig, "a frame has \(header.payloadLength) bytes; the limit is \(limits.frameSize)")
        }
        switch header.opcode {
        case .close, .ping, .pong:
            if header.opcode == .close, header.payloadLength == 1 {
                throw WebSocketViolation(.protocolError, "a close frame has one byte, which is no code")
            }
        case .continuation:
            guard message != nil else {
                throw WebSocketViolation(.protocolError, "a continuation frame continues no message")
            }
            try checkSize(adding: header.payloadLength)
        case .text, .binary:
            guard message == nil else {
                throw WebSocketViolation(.protocolError, "a message begins within another one")
            }
            message = PartialMessage(isText: header.opcode == .text, isCompressed: header.isCompressed)
            try checkSize(adding: header.payloadLength)
        }
        frame = header
        position = 0
    }

    private func checkSize(adding count: Int) throws(WebSocketViolation) {
        guard let message else { return }
        let (limit, present) =
            message.isCompressed
            ? (limits.compressedMessageSize, message.compressedCount) : (limits.messageSize, message.bytes.count)
        guard count <= limit - present else {
            throw WebSocketViolation(
                .messageTooBig, "a message has more than \(limits.messageSize) bytes, which is the limit")
        }
    }

    /// Takes what there is of the frame's payload; ends the frame when it is whole.
    private mutating func readPayload(
        from bytes: inout UnsafeRawBufferPointer
    ) throws(WebSocketViolation) -> Event? {
        guard let header = frame else { return nil }
        let count = min(bytes.count, header.payloadLength - position)
        let piece = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        bytes = UnsafeRawBufferPointer(rebasing: bytes[count...])
        let start = position
        position += count
        let isWhole = position == header.payloadLength

        if header.opcode.isControl {
            control.append(piece, masking: header.maskingKey, offset: start)
            guard isWhole else { return nil }
            frame = nil
            defer { control = [] }
            switch header.opcode {
            case .ping: return .ping(control)
            case .pong: return .pong(control)
            default:
                let closure = try WebSocketClosure(payload: control)
                received = closure
                message = nil
                return .close(closure)
            }
        }

        // Taken out while it is changed, so that its bytes are not copied.
        guard var message = message.take() else { return nil }
        let isAlone = isWhole && header.isFinal && header.opcode != .continuation
        if message.isCompressed {
            try decompress(piece, of: &message, header, at: start)
        } else {
            let known = message.bytes.count
            if known == 0 { message.bytes.reserveCapacity(count) }
            message.bytes.append(piece, masking: header.maskingKey, offset: start)
            // A message that comes in one piece is checked when it becomes a string.
            if message.isText, !(isAlone && start == 0) { try validate(&message, from: known) }
        }
        guard isWhole else {
            self.message = message
            return nil
        }
        frame = nil
        guard header.isFinal else {
            self.message = message
            return nil
        }
        if message.isCompressed, let decompressor {
            let known = message.bytes.count
            try decompressor.finishMessage(into: &message.bytes, limit: limits.messageSize)
            if message.isText { try validate(&message, from: known) }
        }
        guard message.isText else { return .message(.binary(message.bytes)) }
        guard message.validator.isAtBoundary, let text = String(validating: message.bytes, as: UTF8.self) else {
            throw WebSocketMachine.notUTF8
        }
        return .message(.text(text))
    }

    private mutating func decompress(
        _ piece: UnsafeRawBufferPointer, of message: inout PartialMessage, _ header: WebSocketFrameHeader, at start: Int
    ) throws(WebSocketViolation) {
        guard let decompressor, !piece.isEmpty else { return }
        let known = message.bytes.count
        message.compressedCount += piece.count
        if header.maskingKey == nil {
            try decompressor.decompress(piece, into: &message.bytes, limit: limits.messageSize)
        } else {
            var unmasked: [UInt8] = []
            unmasked.append(piece, masking: header.maskingKey, offset: start)
            let result = unmasked.withUnsafeBytes { bytes in
                Result { () throws(WebSocketViolation) in
                    try decompressor.decompress(bytes, into: &message.bytes, limit: limits.messageSize)
                }
            }
            try result.get()
        }
        if message.isText { try validate(&message, from: known) }
    }

    private func validate(_ message: inout PartialMessage, from start: Int) throws(WebSocketViolation) {
        let isValid = message.bytes.withUnsafeBytes { bytes in
            message.validator.accept(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        }
        guard isValid else { throw WebSocketMachine.notUTF8 }
    }

    private static let notUTF8 = WebSocketViolation(.invalidPayload, "a text message is not UTF-8")
}

extension [UInt8] {
    /// Appends a piece of a frame's payload, masked or unmasked when there is a key; `offset` bytes of the payload stand before it.
    mutating func append(_ piece: UnsafeRawBufferPointer, masking key: UInt32?, offset: Int = 0) {
        let known = count
        self += piece
        guard let key else { return }
        withUnsafeMutableBytes { bytes in
            WebSocketMask.apply(key, to: UnsafeMutableRawBufferPointer(rebasing: bytes[known...]), offset: offset)
        }
    }
}
