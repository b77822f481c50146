#if NIO
    import NIOCore
    import WireProtocols

    extension WebSocketChannelHandler {
        /// How many bytes go into one write.
        private static let batchSize = 64 << 10

        func begin() {
            mayWrite = true
            drain()
        }

        func send(ping id: UInt64) {
            // One of the handler's own that is still due is enough.
            if id == 0, duePings.contains(0) { return }
            duePings.append(id)
            drain()
        }

        /// Sends what is due as long as the channel takes it.
        func drain() {
            // A flush may make the channel writable again, which calls here.
            guard mayWrite, !isDraining, let context, socket != nil else { return }
            isDraining = true
            defer { isDraining = false }
            while context.channel.isActive, context.channel.isWritable {
                var batch: ByteBuffer?
                while (batch?.readableBytes ?? 0) < WebSocketChannelHandler.batchSize, appendNext(to: &batch) {}
                guard let batch else { break }
                context.writeAndFlush(WebSocketChannelHandler.wrapOutboundOut(batch), promise: nil)
            }
        }

        /// Adds a frame, or a piece of one; false when nothing is due.
        private func appendNext(to batch: inout ByteBuffer?) -> Bool {
            // Within a frame nothing else can be sent.
            if outgoing?.isWithinFrame != true {
                if let closure = dueClose {
                    dueClose = nil
                    outgoing = nil
                    append(machine.closeFrame(closure, using: &random), to: &batch)
                    closeFrameIsSent()
                    return true
                }
                if let payload = duePong {
                    duePong = nil
                    append(machine.controlFrame(.pong, payload, using: &random), to: &batch)
                    return true
                }
                if !duePings.isEmpty {
                    let id = duePings.removeFirst()
                    let payload = (0..<8).map { UInt8(truncatingIfNeeded: id >> (56 - 8 * UInt64($0))) }
                    append(machine.controlFrame(.ping, payload, using: &random), to: &batch)
                    return true
                }
            }
            if outgoing == nil {
                guard let item = socket?.popOutgoing() else { return false }
                switch item {
                case .message(let message): outgoing = OutgoingMessage(message, handler: self)
                case .close(let closure):
                    dueClose = closure
                    return true
                }
            }
            return appendPiece(to: &batch)
        }

        private func appendPiece(to batch: inout ByteBuffer?) -> Bool {
            guard var message = outgoing.take() else { return false }
            var buffer = batch.take() ?? makeBuffer(for: message)
            defer { batch = buffer }
            if !message.isWithinFrame {
                let count = min(message.remaining, configuration.outgoingFrameSize)
                guard
                    let header = machine.dataHeader(
                        isText: message.isText, payloadLength: count, isFinal: count == message.remaining,
                        isCompressed: message.isCompressed, using: &random)
                else { return false }
                header.encode { buffer.writeInteger($0) }
                message.beginFrame(header)
            }
            message.appendPiece(upTo: WebSocketChannelHandler.batchSize, to: &buffer)
            // What is not done goes on with the next batch.
            if !message.isDone { outgoing = message }
            return true
        }

        private func append(_ bytes: [UInt8]?, to batch: inout ByteBuffer?) {
            guard let bytes else { return }
            if batch == nil { batch = context?.channel.allocator.buffer(capacity: bytes.count) }
            batch?.writeBytes(bytes)
        }

        private func makeBuffer(for message: OutgoingMessage) -> ByteBuffer {
            let capacity =
                min(message.remaining, WebSocketChannelHandler.batchSize) + WebSocketFrameHeader.maximumLength
            return (context?.channel.allocator ?? ByteBufferAllocator()).buffer(capacity: capacity)
        }
    }
#endif
