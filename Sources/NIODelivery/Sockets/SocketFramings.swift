#if NIO
    import NIOCore
    import NIOWebSockets
    import StreamDelivery
    import Synchronization
    import WireProtocols

    /// Frames as they come: the messages of a server are not masked (RFC 6455 §5.1).
    struct PlainFraming: SocketFraming {
        var name: String { "plain" }

        func append(_ payload: UnsafeRawBufferPointer, isText: Bool, to output: inout [UInt8]) {
            let header = WebSocketFrameHeader(isText ? .text : .binary, payloadLength: payload.count)
            output.reserveCapacity(output.count + header.encodedLength + payload.count)
            header.encode { output.append($0) }
            output.append(contentsOf: payload)
        }
    }

    /// Frames compressed by permessage-deflate, each without the ones before it, so that all readers can be sent the same bytes.
    final class DeflatedFraming: SocketFraming {
        /// Messages of fewer bytes are not compressed: deflate gains nothing on them but costs some 10 µs each.
        private static let threshold = 256
        /// Half as costly as the customary 6 and a tenth larger on JSON.
        private static let level = 1

        let name: String
        private let deflater: Mutex<MessageDeflater>

        /// Frames for connections with an agreement; nil where it cannot be kept with zlib.
        init?(_ agreement: PerMessageDeflate) {
            guard agreement.noContextTakeover(of: .server),
                let deflater = MessageDeflater(agreement, of: .server, level: DeflatedFraming.level)
            else { return nil }
            name = "deflate-\(agreement.maxWindowBits(of: .server))"
            self.deflater = Mutex(deflater)
        }

        func append(_ payload: UnsafeRawBufferPointer, isText: Bool, to output: inout [UInt8]) {
            guard payload.count >= DeflatedFraming.threshold, let compressed = compress(payload),
                compressed.readableBytes < payload.count
            else { return PlainFraming().append(payload, isText: isText, to: &output) }
            let header = WebSocketFrameHeader(
                isText ? .text : .binary, payloadLength: compressed.readableBytes, isCompressed: true)
            output.reserveCapacity(output.count + header.encodedLength + compressed.readableBytes)
            header.encode { output.append($0) }
            output.append(contentsOf: compressed.readableBytesView)
        }

        private func compress(_ payload: UnsafeRawBufferPointer) -> ByteBuffer? {
            // A copy may go behind the lock; a pointer may not.
            let bytes = Array(payload)
            return deflater.withLock { deflater in
                bytes.withUnsafeBytes { deflater.compress($0, allocator: ByteBufferAllocator()) }
            }
        }
    }

    /// The framings of a host, one for all connections that agreed on the same.
    final class SocketFramingTable: Sendable {
        private let deflated = Mutex<[Int: DeflatedFraming]>([:])

        /// How messages to a peer are framed.
        func framing(for agreement: PerMessageDeflate?) -> any SocketFraming {
            guard let agreement else { return PlainFraming() }
            let bits = agreement.maxWindowBits(of: .server)
            return deflated.withLock { framings -> (any SocketFraming)? in
                if let framing = framings[bits] { return framing }
                let framing = DeflatedFraming(agreement)
                framings[bits] = framing
                return framing
            } ?? PlainFraming()
        }
    }
#endif
