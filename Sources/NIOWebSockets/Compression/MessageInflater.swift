#if NIO
    import CZlib
    package import WireProtocols

    /// Decompresses the messages of one connection, by permessage-deflate with zlib (RFC 7692 §7.2.2).
    ///
    /// It keeps a window of what the peer sent (up to 32 KiB, made with the first compressed message), and gives out no more than it is allowed to.
    package final class MessageInflater: WebSocketDecompressor {
        /// What is added to the end of each message: the empty block that the sender took off (RFC 7692 §7.2.2).
        private static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]

        // The stream's address stays the same as long as this object lives, which alone has it: zlib keeps a pointer back to it.
        private let stream: UnsafeMutablePointer<z_stream>
        private let windowBits: Int32
        private let resetsAfterMessage: Bool
        private var isReady = false
        /// The peer has ended a deflate stream here; another one may follow within the message (RFC 7692 §7.2.3.5).
        private var hasEnded = false
        /// The peer has done so within the present message.
        private var hasEndedBefore = false

        /// Undoes what the other end does by an agreement.
        ///
        /// - Parameters:
        ///   - agreement: What was agreed.
        ///   - peer: The end whose messages come.
        package init(_ agreement: PerMessageDeflate, of peer: WebSocketRole) {
            stream = .allocate(capacity: 1)
            stream.initialize(to: z_stream())
            // A larger window than agreed does no harm; some libraries of old use 9 where 8 was agreed.
            windowBits = Int32(max(9, agreement.maxWindowBits(of: peer)))
            resetsAfterMessage = agreement.noContextTakeover(of: peer)
        }

        deinit {
            if isReady { inflateEnd(stream) }
            stream.deinitialize(count: 1)
            stream.deallocate()
        }

        package func decompress(
            _ bytes: UnsafeRawBufferPointer, into output: inout [UInt8], limit: Int
        ) throws(WebSocketViolation) {
            if !isReady {
                guard czlib_inflate_init(stream, windowBits) == Z_OK else {
                    throw WebSocketViolation(.internalError, "zlib has no memory to decompress with")
                }
                isReady = true
            }
            var rest = bytes
            // zlib counts in 32 bits.
            while !rest.isEmpty {
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
                rest = UnsafeRawBufferPointer(rebasing: rest[piece.count...])
                try inflate(piece, into: &output, limit: limit)
            }
        }

        package func finishMessage(into output: inout [UInt8], limit: Int) throws(WebSocketViolation) {
            if !hasEnded {
                let result = MessageInflater.tail.withUnsafeBytes { tail in
                    Result { () throws(WebSocketViolation) in try decompress(tail, into: &output, limit: limit) }
                }
                try result.get()
                // zlib says in this bit that it stands between two blocks, as it must behind the tail's.
                guard hasEndedBefore || stream.pointee.data_type & 128 != 0 else {
                    throw WebSocketViolation(.invalidPayload, "a compressed message ends within a block")
                }
            }
            if resetsAfterMessage || hasEndedBefore { inflateReset(stream) }
            (hasEnded, hasEndedBefore) = (false, false)
        }

        private func inflate(
            _ bytes: UnsafeRawBufferPointer, into output: inout [UInt8], limit: Int
        ) throws(WebSocketViolation) {
            // zlib reads through the pointer only, though its type does not say so; it is valid within this call.
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: bytes.baseAddress?.assumingMemoryBound(to: Bytef.self))
            stream.pointee.avail_in = UInt32(bytes.count)
            defer {
                stream.pointee.next_in = nil
                stream.pointee.avail_in = 0
            }
            while true {
                if hasEnded {
                    // Behind the end of a stream nothing but the tail, or another stream.
                    guard stream.pointee.avail_in > 0 else { return }
                    inflateReset(stream)
                    hasEnded = false
                }
                // One byte more than is allowed tells what is too large from what just fits.
                let room = min(max(bytes.count &* 4, 512), 1 << 16, limit - output.count) + 1
                let known = output.count
                output.append(contentsOf: repeatElement(0, count: room))
                let status = output.withUnsafeMutableBytes { output in
                    // The part of the array that was just added; zlib writes at most avail_out bytes from its start.
                    stream.pointee.next_out = (output.baseAddress! + known).assumingMemoryBound(to: Bytef.self)
                    stream.pointee.avail_out = UInt32(room)
                    return CZlib.inflate(stream, Z_SYNC_FLUSH)
                }
                let isFull = stream.pointee.avail_out == 0
                output.removeLast(Int(stream.pointee.avail_out))
                stream.pointee.next_out = nil
                stream.pointee.avail_out = 0
                guard output.count <= limit else {
                    throw WebSocketViolation(
                        .messageTooBig, "a compressed message has more than \(limit) bytes, which is the limit")
                }
                switch status {
                case Z_OK, Z_BUF_ERROR:
                    // What is left inside zlib comes out as long as it fills the room.
                    if !isFull { return }
                case Z_STREAM_END: (hasEnded, hasEndedBefore) = (true, true)
                case Z_MEM_ERROR:
                    throw WebSocketViolation(.internalError, "zlib has no memory to decompress with")
                default: throw WebSocketViolation(.invalidPayload, "a compressed message is not deflate (RFC 1951)")
                }
            }
        }
    }
#endif
