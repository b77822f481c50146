#if NIO
    import NIOCore
    import StreamDelivery
    import WireProtocols

    extension SocketChannelHandler {
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            lastInbound = pumps.pump(on: context.eventLoop).tick
            pingedSince = nil
            var buffer = SocketChannelHandler.unwrapInboundIn(data)
            if unread == nil {
                unread = buffer
            } else {
                // Only TLS hands on more than was asked for, and not much.
                unread?.writeBuffer(&buffer)
            }
            parse()
        }

        func read(context: ChannelHandlerContext) {
            if isHoldingBack { hasPendingRead = true } else { context.read() }
        }

        /// The conversation may take messages again.
        func resumeReading() {
            guard isHoldingBack else { return }
            isHoldingBack = false
            parse()
            guard !isHoldingBack, hasPendingRead else { return }
            hasPendingRead = false
            context?.read()
        }

        /// Reads what there is, as long as the conversation takes messages.
        private func parse() {
            // A message may make the conversation ready, which calls here.
            guard !isParsing else { return }
            isParsing = true
            defer { isParsing = false }
            while let buffer = unread, !isHoldingBack {
                let (count, outcome) = step(buffer)
                unread?.moveReaderIndex(forwardBy: count)
                if unread?.readableBytes == 0 { unread = nil }
                switch outcome {
                case .success(nil): break
                case .success(.message(let message)?):
                    if reader != nil { isHoldingBack = !conversation.receive(message) }
                case .success(.ping(let payload)?):
                    duePong = payload
                    sendDuePong()
                case .success(.pong?): break
                case .success(.close(let closure)?): closeFrameArrived(closure)
                case .failure(let violation): fail(with: violation)
                }
            }
        }

        /// Reads up to the next event.
        private func step(
            _ buffer: ByteBuffer
        ) -> (count: Int, outcome: Result<WebSocketMachine.Event?, WebSocketViolation>) {
            buffer.withUnsafeReadableBytes { bytes in
                var rest = bytes
                do throws(WebSocketViolation) {
                    let event = try machine.next(from: &rest)
                    return (bytes.count - rest.count, .success(event))
                } catch {
                    return (bytes.count, .failure(error))
                }
            }
        }
    }
#endif
