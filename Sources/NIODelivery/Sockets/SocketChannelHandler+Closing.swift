#if NIO
    import NIOCore
    import StreamDelivery
    import WireProtocols

    extension SocketChannelHandler {
        /// Sends this end's close frame; the connection goes once the peer's has come, or some time later.
        func close(_ closure: WebSocketClosure) {
            guard let bytes = machine.closeFrame(closure, using: &random), let context else { return }
            duePong = nil
            writeAndFlush(context.channel.allocator.buffer(bytes: bytes))
            resumeReading()
            let channel = context.channel
            // The server closes first, so that the client's port is free at once (RFC 6455 §7.1.1). Who broke the protocol
            // finds the end behind the frame that tells why.
            if machine.isClosed {
                channel.close(mode: .output).whenFailure { _ in channel.close(promise: nil) }
            }
            closeDeadline?.cancel()
            closeDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: configuration.closeTimeout) {
                channel.close(promise: nil)
            }
        }

        func closeFrameArrived(_ closure: WebSocketClosure) {
            stopPulling(.departed)
            if machine.hasSentClose {
                context?.close(promise: nil)
            } else {
                close(closure)
            }
        }

        /// The peer broke the protocol or a limit: it is told so, and nothing more is read.
        func fail(with violation: WebSocketViolation) {
            stopPulling(.refused)
            close(WebSocketClosure(violation.code, reason: violation.message))
        }

        // MARK: Signs of life

        /// Answers the last ping, when the channel takes it: a peer that pings and does not read fills no buffer.
        func sendDuePong() {
            guard isWritable, let payload = duePong, let context else { return }
            duePong = nil
            guard let bytes = machine.controlFrame(.pong, payload, using: &random) else { return }
            writeAndFlush(context.channel.allocator.buffer(bytes: bytes))
        }

        /// Asks a peer from which nothing came for a heartbeat's time whether it is there, and gives up on one that does not answer.
        func ticked(_ tick: Int) {
            guard let context, reader != nil, !isHoldingBack else { return }
            if let since = pingedSince {
                if tick - since >= pumps.configuration.ticks(pumps.configuration.stuckTimeout) {
                    stopPulling(.stalled)
                    context.close(promise: nil)
                }
            } else if tick - lastInbound >= pumps.configuration.ticks(pumps.configuration.heartbeatInterval),
                let bytes = machine.controlFrame(.ping, using: &random)
            {
                pingedSince = tick
                writeAndFlush(context.channel.allocator.buffer(bytes: bytes))
            }
        }
    }
#endif
