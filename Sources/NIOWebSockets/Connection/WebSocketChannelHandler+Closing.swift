#if NIO
    import NIOCore
    import WireProtocols

    extension WebSocketChannelHandler {
        /// How long a peer that broke the protocol has to read why.
        private static let graceAfterViolation = TimeAmount.seconds(1)

        /// The peer's close frame: nothing more is read, and ours is due.
        func closeFrameArrived(_ closure: WebSocketClosure) {
            socket?.closeFrameArrived(closure)
            if machine.hasSentClose {
                bothHaveClosed()
            } else {
                dueClose = closure
                scheduleCloseDeadline(configuration.closeTimeout)
            }
            readToTheEnd()
        }

        /// The peer broke the protocol: it is told why, and has a moment to read it.
        func fail(with violation: WebSocketViolation) {
            socket?.fail(.violation(violation))
            if !machine.hasSentClose { dueClose = WebSocketClosure(violation.code, reason: violation.message) }
            let grace = WebSocketChannelHandler.graceAfterViolation
            scheduleCloseDeadline(configuration.closeTimeout.map { min($0, grace) } ?? grace)
            readToTheEnd()
            drain()
        }

        func closeFrameIsSent() {
            if machine.isClosed { bothHaveClosed() }
            scheduleCloseDeadline(configuration.closeTimeout)
            discardMessages()
        }

        /// The server closes first, so that the client's port is free at once (RFC 6455 §7.1.1); a peer that broke the protocol may not.
        private func bothHaveClosed() {
            guard machine.role == .server, !machine.hasFailed, let context else { return }
            // Behind the close frame, which may be in the batch that is being made.
            let channel = context.channel
            context.eventLoop.execute { channel.close(promise: nil) }
        }

        /// Best effort to say good-bye, then the end.
        func abort() {
            guard let context, !isGone else {
                unread = nil
                return endIfDone()
            }
            if mayWrite, outgoing?.isWithinFrame != true,
                let bytes = machine.closeFrame(WebSocketClosure(.goingAway), using: &random)
            {
                let buffer = context.channel.allocator.buffer(bytes: bytes)
                context.writeAndFlush(WebSocketChannelHandler.wrapOutboundOut(buffer), promise: nil)
            }
            context.close(promise: nil)
        }

        /// Whatever still comes is dropped, up to the peer's end of the connection.
        private func readToTheEnd() {
            keepAlive?.cancel()
            keepAlive = nil
            discardMessages()
        }

        private func scheduleCloseDeadline(_ timeout: TimeAmount?) {
            guard closeDeadline == nil, let timeout, let context else { return }
            closeDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
                context.close(promise: nil)
            }
        }

        // MARK: Signs of life

        func scheduleKeepAlive(after interval: TimeAmount?) {
            guard let interval, let context else { return }
            keepAlive = context.eventLoop.assumeIsolated().scheduleTask(in: interval) { self.checkSilence() }
        }

        /// Sends a ping when the peer has been silent for so long.
        private func checkSilence() {
            guard let context, let interval = configuration.pingInterval else { return }
            let silence = context.eventLoop.now - lastInbound
            guard !isHoldingBack, silence >= interval else {
                return scheduleKeepAlive(after: isHoldingBack ? interval : interval - silence)
            }
            send(ping: 0)
            guard let timeout = configuration.pongTimeout else { return scheduleKeepAlive(after: interval) }
            let asked = context.eventLoop.now
            keepAlive = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.checkPong(since: asked) }
        }

        private func checkPong(since asked: NIODeadline) {
            guard let context else { return }
            guard isHoldingBack || lastInbound > asked else {
                socket?.fail(.silent)
                return context.close(promise: nil)
            }
            scheduleKeepAlive(after: configuration.pingInterval)
        }
    }
#endif
