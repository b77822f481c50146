#if NIO
    import NIOCore
    import NIOWebSockets
    import StreamDelivery
    import WireProtocols

    /// Runs the server's end of a WebSocket: what comes goes to a conversation, whose frames are pulled.
    ///
    /// Pings, pongs and the closing handshake are answered here, between two pieces. The event loop's alone.
    final class SocketChannelHandler: ChannelDuplexHandler, RemovableChannelHandler, PumpSink {
        typealias InboundIn = ByteBuffer
        typealias OutboundIn = Never
        typealias OutboundOut = ByteBuffer

        /// How messages may be compressed: each by itself, so that one encoding serves all readers and no window is kept for a connection.
        static let deflatePolicy = PerMessageDeflatePolicy(takesOverOwnContext: false, takesOverPeerContext: false)

        let configuration: HostConfiguration
        let pumps: DeliveryPumps
        let conversation: any DeliveryConversation
        var machine: WebSocketMachine
        var reader: PumpedReader?
        var context: ChannelHandlerContext?
        let framing = PieceFraming.none
        private(set) var isWritable = false

        // Receiving.
        /// What was read and waits until the conversation takes more.
        var unread: ByteBuffer?
        /// The conversation takes nothing at present.
        var isHoldingBack = false
        /// A `read` that was not let through.
        var hasPendingRead = false
        /// The conversation said that it is ready while the channel took nothing.
        private var resumesWhenWritable = false
        var isParsing = false

        // Sending.
        /// The payload of the pong that is due while the channel takes nothing: of several pings the last is answered (RFC 6455 §5.5.3).
        var duePong: [UInt8]?
        /// Computed, as it takes no room: a stored one has the address of what is stored behind it, which the thread sanitizer takes for a race.
        var random: SystemRandomNumberGenerator {
            get { SystemRandomNumberGenerator() }
            set { _ = newValue }
        }

        // Time, in ticks of the pump.
        var lastInbound = 0
        var pingedSince: Int?
        var closeDeadline: Scheduled<Void>?
        private var isGone = false

        init(
            _ conversation: any DeliveryConversation, agreement: WebSocketAgreement, _ configuration: HostConfiguration,
            pumps: DeliveryPumps
        ) {
            self.conversation = conversation
            self.configuration = configuration
            self.pumps = pumps
            machine = WebSocketMachine(
                role: .server, limits: configuration.socketLimits,
                decompressor: agreement.deflate.map { MessageInflater($0, of: .client) })
        }

        // MARK: The channel's events

        func handlerAdded(context: ChannelHandlerContext) {
            self.context = context
            isWritable = context.channel.isWritable
        }

        /// Begins to pull, once the handshake's answer was written.
        func begin() {
            guard let context, context.channel.isActive, !isGone else {
                return conversation.end(.departed)
            }
            context.channel.boundUnsentBytes()
            let pump = pumps.pump(on: context.eventLoop)
            lastInbound = pump.tick
            reader = pump.add(conversation, sink: self)
            reader?.pull()
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            channelIsGone()
            self.context = nil
        }

        func channelInactive(context: ChannelHandlerContext) {
            channelIsGone()
            context.fireChannelInactive()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            switch event {
            // A peer that has shut its side down has gone: it cannot answer a close frame any more.
            case ChannelEvent.inputClosed: context.close(promise: nil)
            // Not for the handlers behind, to whom this connection looks idle.
            case is ChannelShouldQuiesceEvent: pumps.drain()
            default: context.fireUserInboundEventTriggered(event)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) {
            isWritable = context.channel.isWritable
            if isWritable {
                sendDuePong()
                reader?.pull()
                if resumesWhenWritable {
                    resumesWhenWritable = false
                    resumeReading()
                }
            }
            context.fireChannelWritabilityChanged()
        }

        private func channelIsGone() {
            guard !isGone else { return }
            isGone = true
            isWritable = false
            closeDeadline?.cancel()
            closeDeadline = nil
            unread = nil
            stopPulling(.departed)
        }

        /// The conversation is over.
        func stopPulling(_ ending: DeliveryEnding) {
            reader?.end(ending)
            reader = nil
        }

        // MARK: The pump's side

        var pendingBytes: Int { (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }

        func write(_ bytes: ByteBuffer) {
            context?.write(SocketChannelHandler.wrapOutboundOut(bytes), promise: nil)
        }

        func writeAndFlush(_ bytes: ByteBuffer) {
            context?.writeAndFlush(SocketChannelHandler.wrapOutboundOut(bytes), promise: nil)
        }

        func sourceEnded() {
            reader = nil
            close(conversation.closure)
        }

        /// It may be ready to be pulled, or to take messages again: a peer that takes nothing of what it is sent is not read from on the former's account.
        func sourceIsReady() {
            if isWritable { resumeReading() } else { resumesWhenWritable = true }
        }

        func readerIsStuck() {
            reader = nil
            context?.close(promise: nil)
        }

        func drain() {
            reader = nil
            close(WebSocketClosure(.serviceRestart))
        }
    }

    // The event loop's alone, as all handlers are.
    @available(*, unavailable)
    extension SocketChannelHandler: Sendable {}
#endif
