#if NIO
    import CZlib
    package import NIOCore
    package import WireProtocols

    /// Compresses the messages of one connection, by permessage-deflate with zlib (RFC 7692 §7.2.1).
    ///
    /// zlib takes some 260 KiB for a window of 15 bits, made with the first message that is compressed.
    package final class MessageDeflater {
        // The stream's address stays the same as long as this object lives, which alone has it: zlib keeps a pointer back to it.
        private let stream: UnsafeMutablePointer<z_stream>
        private let windowBits: Int32
        private let level: Int32
        private let resetsAfterMessage: Bool
        private var isReady = false

        /// Compresses what this end sends by an agreement; nil where it cannot be kept with zlib, whose smallest window has 9 bits.
        ///
        /// Messages may be sent as they are then.
        ///
        /// - Parameters:
        ///   - agreement: What was agreed.
        ///   - role: This end.
        ///   - level: zlib's level, 1 (fast) … 9 (small).
        package init?(_ agreement: PerMessageDeflate, of role: WebSocketRole, level: Int) {
            guard agreement.maxWindowBits(of: role) >= 9 else { return nil }
            stream = .allocate(capacity: 1)
            stream.initialize(to: z_stream())
            windowBits = Int32(agreement.maxWindowBits(of: role))
            resetsAfterMessage = agreement.noContextTakeover(of: role)
            self.level = Int32(min(max(level, 1), 9))
        }

        deinit {
            if isReady { deflateEnd(stream) }
            stream.deinitialize(count: 1)
            stream.deallocate()
        }

        /// The payload of a compressed message, or nil when it is beyond 1 GiB or zlib has no memory; then send the message as it is.
        package func compress(_ bytes: UnsafeRawBufferPointer, allocator: ByteBufferAllocator) -> ByteBuffer? {
            // An empty message is one byte, the header of an empty block (RFC 7692 §7.2.3.6); zlib gives nothing for it behind another flush.
            if bytes.isEmpty { return allocator.buffer(integer: UInt8(0)) }
            // zlib counts in 32 bits.
            guard bytes.count <= 1 << 30 else { return nil }
            if !isReady {
                guard czlib_deflate_init(stream, level, windowBits, 8) == Z_OK else { return nil }
                isReady = true
            }
            // zlib reads through the pointer only, though its type does not say so; it is valid within this call.
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: bytes.baseAddress?.assumingMemoryBound(to: Bytef.self))
            stream.pointee.avail_in = UInt32(bytes.count)
            var output = allocator.buffer(capacity: min(bytes.count, 1 << 16) / 2 + 64)
            var hasRoomLeft = false
            while !hasRoomLeft {
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: 1024) { room in
                    stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: Bytef.self)
                    stream.pointee.avail_out = UInt32(clamping: room.count)
                    let given = Int(stream.pointee.avail_out)
                    // The stream is whole and the arguments are right: there is nothing else that it could answer but Z_OK and Z_BUF_ERROR.
                    _ = deflate(stream, Z_SYNC_FLUSH)
                    hasRoomLeft = stream.pointee.avail_out > 0
                    return given - Int(stream.pointee.avail_out)
                }
            }
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
            if resetsAfterMessage { deflateReset(stream) }
            // The flush ends in an empty block, 00 00 FF FF, which is taken off (RFC 7692 §7.2.1).
            guard output.readableBytes >= 4 else { return nil }
            output.moveWriterIndex(to: output.writerIndex - 4)
            return output
        }
    }
#endif
