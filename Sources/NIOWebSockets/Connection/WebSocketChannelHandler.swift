#if NIO
    import NIOCore
    import WireProtocols

    /// Runs a WebSocket connection on a channel: bytes to and from the machine, and time.
    ///
    /// All of it happens on the channel's event loop. The peer is held back by not reading: a `read` of the channel is let through only while the
    /// inbox has room. What is sent is encoded when the channel is writable, piece by piece, so that neither side holds more than some 64 KiB
    /// beside the messages that tasks wait with.
    final class WebSocketChannelHandler: ChannelDuplexHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundIn = Never
        typealias OutboundOut = ByteBuffer

        let configuration: WebSocketConfiguration
        var machine: WebSocketMachine
        /// The tasks' side; it is let go of when the channel is gone, and holds this handler meanwhile.
        var socket: NIOWebSocket?
        var context: ChannelHandlerContext?

        // Receiving.
        /// What was read of the channel and waits for room in the inbox.
        var unread: ByteBuffer?
        /// The inbox is full.
        var isHoldingBack = false
        /// A `read` that was not let through.
        var hasPendingRead = false
        /// Nobody wants messages any more: what comes is read for its close frame only.
        var isDiscarding = false

        // Sending.
        let deflater: MessageDeflater?
        var outgoing: OutgoingMessage?
        /// The payload of the pong that is due: of several pings the last is answered (RFC 6455 §5.5.3).
        var duePong: [UInt8]?
        /// The numbers of the pings that are due, 0 for one of the handler's own.
        var duePings: [UInt64] = []
        var dueClose: WebSocketClosure?
        var isDraining = false
        /// Nothing stands between this handler and the network but what carries bytes.
        var mayWrite = false
        /// Computed, as it takes no room: a stored one has the address of what is stored behind it, which the thread sanitizer takes for a race.
        var random: SystemRandomNumberGenerator {
            get { SystemRandomNumberGenerator() }
            set { _ = newValue }
        }

        // Time.
        var lastInbound = NIODeadline.uptimeNanoseconds(0)
        var keepAlive: Scheduled<Void>?
        var closeDeadline: Scheduled<Void>?
        var error: (any Error)?
        /// The channel is closed, and nothing can be sent any more.
        var isGone = false

        init(role: WebSocketRole, configuration: WebSocketConfiguration) {
            self.configuration = configuration
            let peer: WebSocketRole = role == .client ? .server : .client
            let decompressor = configuration.deflate.map { MessageInflater($0, of: peer) }
            machine = WebSocketMachine(role: role, limits: configuration.limits, decompressor: decompressor)
            deflater = configuration.deflate.flatMap {
                MessageDeflater($0, of: role, level: configuration.compressionLevel)
            }
        }

        // MARK: The channel's events

        func handlerAdded(context: ChannelHandlerContext) {
            self.context = context
            lastInbound = context.eventLoop.now
            scheduleKeepAlive(after: configuration.pingInterval)
            // An event before there was a handler for it.
            if !context.channel.isActive { channelIsGone() }
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            channelIsGone()
            self.context = nil
        }

        func channelInactive(context: ChannelHandlerContext) {
            channelIsGone()
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if self.error == nil { self.error = error }
            context.close(promise: nil)
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) {
            drain()
            context.fireChannelWritabilityChanged()
        }

        private func channelIsGone() {
            guard !isGone else { return }
            isGone = true
            keepAlive?.cancel()
            closeDeadline?.cancel()
            (keepAlive, closeDeadline) = (nil, nil)
            outgoing = nil
            socket?.channelIsGone(error)
            parse()
            endIfDone()
        }

        /// Lets go of the tasks' side once it has all that was read before the channel was gone.
        func endIfDone() {
            guard isGone, unread == nil else { return }
            socket?.fail(.lost(underlying: error))
            socket = nil
        }
    }

    // The event loop's alone, as all handlers are.
    @available(*, unavailable)
    extension WebSocketChannelHandler: Sendable {}
#endif
