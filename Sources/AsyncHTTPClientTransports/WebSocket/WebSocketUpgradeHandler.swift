#if AsyncHTTPClient
    import NIOCore
    import NIOHTTP1
    import NIOTLS
    import NIOWebSockets
    import StreamTransport
    import WireProtocols

    /// Asks for the WebSocket and reads the answer; when the server agrees, a WebSocket takes the place of HTTP in the pipeline.
    final class WebSocketUpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = HTTPClientResponsePart
        typealias OutboundOut = HTTPClientRequestPart

        /// How long the body of a refusal may take.
        private static let bodyTimeout = TimeAmount.seconds(1)

        private let plan: WebSocketPlan
        private let dial: WebSocketDial
        private let predecessors: [any RemovableChannelHandler]
        private var context: ChannelHandlerContext?
        private var isSecured: Bool
        /// This channel is connected, and the one that the attempt goes on with.
        private var isChosen = false
        private var isAsked = false
        private var answer: (head: ExchangeResponseHead, agreement: WebSocketAgreement)?
        private var refusal: (head: ExchangeResponseHead, body: [UInt8])?

        init(
            _ plan: WebSocketPlan, dial: WebSocketDial, isSecured: Bool, predecessors: [any RemovableChannelHandler]
        ) {
            self.plan = plan
            self.dial = dial
            self.isSecured = isSecured
            self.predecessors = predecessors
        }

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }
        func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

        /// Told by the channel and not by the future of its bootstrap, which may come after an error of TLS.
        func channelActive(context: ChannelHandlerContext) {
            isChosen = dial.choose(context.channel)
            if isChosen { ask() } else { context.close(promise: nil) }
            context.fireChannelActive()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case TLSUserEvent.handshakeCompleted = event {
                isSecured = true
                ask()
            }
            context.fireUserInboundEventTriggered(event)
        }

        private func ask() {
            guard isChosen, isSecured, !isAsked, let context else { return }
            isAsked = true
            dial.connectionStands()
            context.write(WebSocketUpgradeHandler.wrapOutboundOut(.head(plan.head)), promise: nil)
            context.writeAndFlush(WebSocketUpgradeHandler.wrapOutboundOut(.end(nil)), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch WebSocketUpgradeHandler.unwrapInboundIn(data) {
            case .head(let head): headArrived(head, context)
            case .body(let buffer):
                guard refusal != nil else {
                    return dial.fail(.malformedResponse, "the server sent a body with its agreement")
                }
                let room = WebSocketRefusal.bodyLimit - (refusal?.body.count ?? 0)
                refusal?.body += buffer.readableBytesView.prefix(room)
                if buffer.readableBytes >= room { refuse() }
            case .end:
                if let answer { upgrade(context, answer.head, answer.agreement) } else { refuse() }
            }
        }

        private func headArrived(_ head: HTTPResponseHead, _ context: ChannelHandlerContext) {
            let fields: HeaderFields
            do throws(HeaderFieldError) {
                fields = try HeaderFields(head.headers.map { ($0.name, $0.value) })
            } catch {
                return dial.fail(.malformedResponse, "the server's answer is not HTTP", underlying: error)
            }
            let response = ExchangeResponseHead(status: Int(head.status.code), headers: fields)
            do throws(WebSocketHandshakeError) {
                answer = (response, try plan.handshake.agreement(with: response))
            } catch {
                guard error.code == .notSwitched else {
                    return dial.fail(.malformedResponse, error.message, underlying: error)
                }
                refusal = (response, [])
                context.eventLoop.assumeIsolated().scheduleTask(in: WebSocketUpgradeHandler.bodyTimeout) {
                    self.refuse()
                }
            }
        }

        private func refuse() {
            guard let (head, body) = refusal else { return }
            dial.fail(
                .upgradeRefused, "the server answered HTTP \(head.status) and did not agree to a WebSocket",
                underlying: WebSocketRefusal(head: head, body: body))
        }

        private func upgrade(
            _ context: ChannelHandlerContext, _ head: ExchangeResponseHead, _ agreement: WebSocketAgreement
        ) {
            let channel = context.channel
            let pipeline = channel.pipeline.syncOperations
            do {
                let socket = try NIOWebSocket.start(
                    on: channel, role: .client, configuration: plan.connectionConfiguration(agreement))
                // This handler goes first: what the decoder has read too much is handed to the one behind it when it is removed.
                pipeline.removeHandler(self, promise: nil)
                let removals = predecessors.map { pipeline.removeHandler($0) }
                // The decoder leaves when it has handed on what it holds, and until then would take what is sent for HTTP.
                EventLoopFuture.andAllComplete(removals, on: context.eventLoop).assumeIsolated().whenComplete { _ in
                    socket.begin()
                }
                dial.finish(
                    .success(WebSocketDial.Upgraded(socket: socket, head: head, agreement: agreement)))
            } catch {
                dial.fail(error)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if isChosen { if refusal == nil { dial.fail(error) } else { refuse() } }
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            if refusal != nil { refuse() } else if isChosen { dial.fail(ChannelError.eof) }
            context.fireChannelInactive()
        }
    }

    // The event loop's alone, as all handlers are.
    @available(*, unavailable)
    extension WebSocketUpgradeHandler: Sendable {}

    /// Bounds the head of an answer before SwiftNIO parses it; it is removed when there is a WebSocket.
    final class HeadLimiter: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = ByteBuffer

        struct Exceeded: Error {}

        private let limit: Int
        private var count = 0

        init(limit: Int) {
            self.limit = limit
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            // The read in which a head ends may hold messages too: so a head is too large when a further read follows.
            if count > limit { return context.fireErrorCaught(Exceeded()) }
            count += HeadLimiter.unwrapInboundIn(data).readableBytes
            context.fireChannelRead(data)
        }
    }

    @available(*, unavailable)
    extension HeadLimiter: Sendable {}
#endif
