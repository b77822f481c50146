#if NIO
    import NIOCore
    import StreamDelivery

    /// Writes a pulled body to a channel, in front of whatever speaks HTTP there.
    ///
    /// Its writes go straight to the network, as chunks. What it does when the body ends depends on whose the channel is.
    final class BodyChannelHandler: ChannelInboundHandler, RemovableChannelHandler, PumpSink {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        /// Whose the channel is.
        enum Ownership {
            /// Ours: what the peer still sends is dropped, and the connection ends with the body.
            case taken(closeTimeout: TimeAmount)
            /// The host's, whose HTTP handlers write the last chunk when they are told that the body has ended.
            case lent(ended: @Sendable (BodyEnd) -> Void)
        }

        /// What the peer of a body may send at most before it is cut off: it has nothing to say.
        private static let inboundLimit = 64 << 10

        private let ownership: Ownership
        let framing: PieceFraming
        private let pumps: DeliveryPumps
        private var source: (any DeliverySource)?
        private var reader: PumpedReader?
        private var context: ChannelHandlerContext?
        private(set) var isWritable = false
        private var inboundCount = 0
        private var hasEnded = false

        init(_ source: any DeliverySource, framing: PieceFraming, ownership: Ownership, pumps: DeliveryPumps) {
            self.source = source
            self.framing = framing
            self.ownership = ownership
            self.pumps = pumps
        }

        // MARK: The channel's events

        func handlerAdded(context: ChannelHandlerContext) {
            self.context = context
            isWritable = context.channel.isWritable
        }

        /// Begins to pull, once the response's head was written.
        func begin() {
            guard let context, context.channel.isActive, let source else { return peerHasGone() }
            self.source = nil
            context.channel.boundUnsentBytes()
            reader = pumps.pump(on: context.eventLoop).add(source, sink: self)
            reader?.pull()
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            peerHasGone()
            self.context = nil
        }

        func channelInactive(context: ChannelHandlerContext) {
            peerHasGone()
            context.fireChannelInactive()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .taken = ownership else { return context.fireChannelRead(data) }
            inboundCount += BodyChannelHandler.unwrapInboundIn(data).readableBytes
            if inboundCount > BodyChannelHandler.inboundLimit { context.close(promise: nil) }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            // A client that has shut its side down, as one that went away looks where half-closed channels are allowed, waits for nothing.
            if case .some(.inputClosed) = event as? ChannelEvent { peerHasGone() }
            if event is ChannelShouldQuiesceEvent { pumps.drain() }
            context.fireUserInboundEventTriggered(event)
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) {
            isWritable = context.channel.isWritable
            if isWritable { reader?.pull() }
            context.fireChannelWritabilityChanged()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            guard case .taken = ownership else { return context.fireErrorCaught(error) }
            context.close(promise: nil)
        }

        /// The handler did not come into the pipeline.
        func abandon() { finish(.peerHasGone) }

        private func peerHasGone() {
            isWritable = false
            finish(.peerHasGone)
            if case .taken = ownership { context?.close(promise: nil) }
        }

        /// The body is over, for one reason or another.
        private func finish(_ end: BodyEnd) {
            reader?.end(.departed)
            reader = nil
            source?.end(.departed)
            source = nil
            guard !hasEnded else { return }
            hasEnded = true
            if case .lent(let ended) = ownership { ended(end) }
        }

        // MARK: The pump's side

        var pendingBytes: Int {
            (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        }

        func write(_ bytes: ByteBuffer) {
            context?.write(BodyChannelHandler.wrapOutboundOut(bytes), promise: nil)
        }

        func writeAndFlush(_ bytes: ByteBuffer) {
            context?.writeAndFlush(BodyChannelHandler.wrapOutboundOut(bytes), promise: nil)
        }

        func sourceIsReady() {}
        func ticked(_ tick: Int) {}
        func drain() { sourceEnded() }

        func sourceEnded() {
            reader = nil
            guard !hasEnded else { return }
            finish(.complete)
            guard let context else { return }
            switch ownership {
            case .taken(let timeout):
                isWritable = false
                if framing == .chunk { writeAndFlush(context.channel.allocator.buffer(string: "0\r\n\r\n")) }
                closeInOrder(context, within: timeout)
            case .lent: context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
            }
        }

        /// Says that nothing follows and waits for the peer to go: closed at once, what is still under way could be lost.
        private func closeInOrder(_ context: ChannelHandlerContext, within timeout: TimeAmount) {
            let channel = context.channel
            channel.close(mode: .output).whenFailure { _ in channel.close(promise: nil) }
            let deadline = context.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in deadline.cancel() }
        }

        func readerIsStuck() {
            finish(.stuck)
            context?.close(promise: nil)
        }
    }

    /// How a body came to its end.
    package enum BodyEnd: Sendable {
        /// It was written whole.
        case complete
        /// Its reader has gone.
        case peerHasGone
        /// Its reader took nothing for long; the channel is closed.
        case stuck
    }

    // The event loop's alone, as all handlers are.
    @available(*, unavailable)
    extension BodyChannelHandler: Sendable {}
#endif
