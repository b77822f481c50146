#if NIO
    import NIOCore
    import WireProtocols

    extension WebSocketChannelHandler {
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            lastInbound = context.eventLoop.now
            var buffer = WebSocketChannelHandler.unwrapInboundIn(data)
            if unread == nil {
                unread = buffer
            } else {
                // Only TLS and the handshake's handlers hand on more than was asked for, and not much.
                unread?.writeBuffer(&buffer)
            }
            parse()
        }

        func channelReadComplete(context: ChannelHandlerContext) {
            drain()
            context.fireChannelReadComplete()
        }

        func read(context: ChannelHandlerContext) {
            if isHoldingBack { hasPendingRead = true } else { context.read() }
        }

        /// The inbox has room again.
        func resumeReading() {
            guard isHoldingBack else { return }
            isHoldingBack = false
            // The silence was ours.
            lastInbound = context?.eventLoop.now ?? lastInbound
            parse()
            drain()
            readOn()
            endIfDone()
        }

        /// Nobody wants messages any more.
        func discardMessages() {
            isDiscarding = true
            resumeReading()
        }

        private func readOn() {
            guard !isHoldingBack, hasPendingRead else { return }
            hasPendingRead = false
            context?.read()
        }

        /// Reads what there is, as long as the inbox has room.
        func parse() {
            while let socket, let buffer = unread, !isHoldingBack {
                var messages: [WebSocketMessage] = []
                let step = read(buffer, into: &messages)
                unread?.moveReaderIndex(forwardBy: step.count)
                if unread?.readableBytes == 0 { unread = nil }
                if !messages.isEmpty, !isDiscarding { isHoldingBack = socket.deliver(messages) }
                switch step.outcome {
                case .success(.close(let closure)?): closeFrameArrived(closure)
                case .success: break
                case .failure(let violation): fail(with: violation)
                }
            }
        }

        /// Reads messages of at most what the inbox may hold; ends early with a close frame.
        private func read(
            _ buffer: ByteBuffer, into messages: inout [WebSocketMessage]
        ) -> (count: Int, outcome: Result<WebSocketMachine.Event?, WebSocketViolation>) {
            var room = WebSocketInbox.byteLimit
            return buffer.withUnsafeReadableBytes { bytes in
                var rest = bytes
                do throws(WebSocketViolation) {
                    while room > 0, messages.count < WebSocketInbox.countLimit,
                        let event = try machine.next(from: &rest)
                    {
                        switch event {
                        case .message(let message):
                            room -= message.byteCount
                            messages.append(message)
                        case .ping(let payload): duePong = payload
                        case .pong(let payload): socket?.pongArrived(payload)
                        case .close: return (bytes.count - rest.count, .success(event))
                        }
                    }
                    return (bytes.count - rest.count, .success(nil))
                } catch {
                    return (bytes.count, .failure(error))
                }
            }
        }
    }
#endif
