#if NIO
    import NIOCore
    import WireProtocols

    /// A message that is being sent, and how far it is.
    struct OutgoingMessage {
        enum Payload {
            case bytes([UInt8])
            case text(String)
            case compressed(ByteBuffer)
        }

        private var payload: Payload
        let isText: Bool
        let isCompressed: Bool
        private let count: Int
        private var position = 0
        private var frame: WebSocketFrameHeader?
        private var positionInFrame = 0
        private var hasBegun = false

        /// A message as it is to be sent: compressed when that was agreed and is worth while.
        init(_ message: WebSocketMessage, handler: WebSocketChannelHandler) {
            switch message {
            case .text(var text):
                isText = true
                // Native and contiguous from here on, so that positions in its UTF-8 are found in constant time.
                text.makeContiguousUTF8()
                payload = .text(text)
            case .binary(let bytes):
                isText = false
                payload = .bytes(bytes)
            }
            let plainCount = message.byteCount
            var compressed: ByteBuffer?
            if let deflater = handler.deflater, plainCount >= handler.configuration.compressionThreshold {
                let allocator = handler.context?.channel.allocator ?? ByteBufferAllocator()
                compressed = payload.withBytes { deflater.compress($0, allocator: allocator) }
            }
            isCompressed = compressed != nil
            count = compressed?.readableBytes ?? plainCount
            if let compressed { payload = .compressed(compressed) }
        }

        var remaining: Int { count - position }
        var isWithinFrame: Bool { frame != nil }
        /// All of it was written; an empty message has one empty frame.
        var isDone: Bool { hasBegun && frame == nil && remaining == 0 }

        mutating func beginFrame(_ header: WebSocketFrameHeader) {
            frame = header
            positionInFrame = 0
            hasBegun = true
        }

        /// Writes the next bytes of the frame, masked when its header has a key.
        mutating func appendPiece(upTo limit: Int, to buffer: inout ByteBuffer) {
            guard let header = frame else { return }
            let size = min(limit, header.payloadLength - positionInFrame)
            let start = buffer.writerIndex
            payload.withBytes {
                _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: $0[position..<position + size]))
            }
            if let key = header.maskingKey {
                let offset = positionInFrame
                // The bytes just written, which nobody else has seen.
                buffer.withUnsafeMutableReadableBytes { bytes in
                    let first = bytes.count - size
                    WebSocketMask.apply(
                        key, to: UnsafeMutableRawBufferPointer(rebasing: bytes[first...]), offset: offset)
                }
            }
            assert(buffer.writerIndex == start + size)
            position += size
            positionInFrame += size
            if positionInFrame == header.payloadLength { frame = nil }
        }
    }

    extension OutgoingMessage.Payload {
        fileprivate mutating func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
            switch self {
            case .bytes(let bytes): bytes.withUnsafeBytes(body)
            case .text(var text): text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
            case .compressed(let buffer): buffer.withUnsafeReadableBytes(body)
            }
        }
    }
#endif
