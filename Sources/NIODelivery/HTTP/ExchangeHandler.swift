#if NIO
    import NIOCore
    import NIOHTTP1
    import StreamDelivery
    import WireProtocols

    /// What answers the requests of a host's connections.
    struct ExchangeEndpoints: Sendable {
        /// What answers requests; nil where the handlers behind do.
        var handler: (any DeliveryHandler)?
        /// What answers requests for WebSockets; nil where there are none.
        var sockets: (any SocketHandler)?
        var configuration: HostConfiguration
        var pumps: DeliveryPumps
        var requests: RunningRequests
    }

    /// Reads the requests of a connection, bounded in size and time, and answers them one after the other.
    ///
    /// A pulled body and a WebSocket take the channel over: this handler and the HTTP codec leave the pipeline then. Where there is no handler for
    /// plain requests, they pass through to the handlers behind, and only WebSockets are answered here.
    final class ExchangeHandler: ChannelDuplexHandler, RemovableChannelHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias InboundOut = HTTPServerRequestPart
        typealias OutboundIn = HTTPServerResponsePart
        typealias OutboundOut = HTTPServerResponsePart

        enum State {
            /// Between two requests.
            case idle
            /// The body comes.
            case receiving(HTTPRequestHead, body: [UInt8])
            /// A task makes the answer.
            case answering(HTTPRequestHead, cancel: @Sendable () -> Void)
            /// The handlers behind have it.
            case passing
            /// The connection ends: nothing is read any more.
            case over
        }

        let endpoints: ExchangeEndpoints
        var state = State.idle
        var context: ChannelHandlerContext?
        /// Parts that came while a request was being answered: a client may send several at a time.
        var waiting = CircularBuffer<HTTPServerRequestPart>()
        /// Requests that the handlers behind have not answered yet.
        var passedCount = 0
        var hasPendingRead = false
        var deadline: Scheduled<Void>?
        /// What was wrong with what came behind a request that is being answered.
        var pendingRefusal: HTTPResponseStatus?
        /// How many parts the body that comes has had.
        private var bodyPartCount = 0
        private var isProcessing = false

        init(_ endpoints: ExchangeEndpoints) {
            self.endpoints = endpoints
        }

        // MARK: The channel's events

        func handlerAdded(context: ChannelHandlerContext) {
            self.context = context
            if endpoints.handler != nil { setDeadline(endpoints.configuration.requestTimeout) }
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            peerHasGone()
            self.context = nil
        }

        func channelInactive(context: ChannelHandlerContext) {
            peerHasGone()
            context.fireChannelInactive()
        }

        private func peerHasGone() {
            deadline?.cancel()
            deadline = nil
            waiting.removeAll()
            if case .answering(_, let cancel) = state { cancel() }
            state = .over
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            guard endpoints.handler != nil else { return context.fireErrorCaught(error) }
            guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
            let status: HTTPResponseStatus = error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest
            switch state {
            case .over: break
            case .answering: pendingRefusal = status
            default: refuse(status)
            }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            switch event {
            case ChannelEvent.inputClosed where endpoints.handler != nil: context.close(promise: nil)
            case is ChannelShouldQuiesceEvent where endpoints.handler != nil:
                // A request in progress is answered; what it comes to is drained by the pumps.
                if case .idle = state { context.close(promise: nil) }
            default: break
            }
            context.fireUserInboundEventTriggered(event)
        }

        // MARK: Reading

        func read(context: ChannelHandlerContext) {
            if mustWait { hasPendingRead = true } else { context.read() }
        }

        /// Whether what comes has to wait for an answer.
        private var mustWait: Bool {
            switch state {
            case .answering: true
            default: !waiting.isEmpty
            }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let part = ExchangeHandler.unwrapInboundIn(data)
            if case .over = state { return }
            waiting.append(part)
            // No more than comes with one read, but for a peer that sent its end with it.
            if waiting.count > 4096 { return context.close(promise: nil) }
            process()
        }

        func channelReadComplete(context: ChannelHandlerContext) {
            context.fireChannelReadComplete()
        }

        /// Looks at what has come, up to the next request that takes time to answer.
        func process() {
            guard !isProcessing else { return }
            isProcessing = true
            // Out before it is looked at: a refusal drops whatever waits.
            while let context, let part = waiting.popFirst() {
                guard take(part, context) else {
                    waiting.prepend(part)
                    break
                }
            }
            isProcessing = false
            if hasPendingRead, !mustWait {
                hasPendingRead = false
                context?.read()
            }
        }

        /// Takes a part; false when it has to wait.
        private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) -> Bool {
            switch (state, part) {
            case (.idle, .head(let head)):
                guard endpoints.handler != nil || isUpgrade(head) else {
                    state = .passing
                    passedCount += 1
                    context.fireChannelRead(ExchangeHandler.wrapInboundOut(part))
                    return true
                }
                // The answers to the requests before it are not written yet.
                guard passedCount == 0 else { return false }
                begin(head)
            case (.receiving(let head, var body), .body(var bytes)):
                // Let go of, so that the array is not copied.
                state = .idle
                guard body.count + bytes.readableBytes <= endpoints.configuration.bodySize else {
                    refuse(.payloadTooLarge)
                    return true
                }
                // Each chunk costs more than its bytes: a body of chunks of a byte would keep the loop from others for seconds.
                bodyPartCount += 1
                if bodyPartCount > 4096, body.count < bodyPartCount * 16,
                    head.headers.contains(name: "transfer-encoding")
                {
                    refuse(.badRequest)
                    return true
                }
                body.append(contentsOf: bytes.readBytes(length: bytes.readableBytes) ?? [])
                state = .receiving(head, body: body)
            case (.receiving(let head, let body), .end): answer(head, body)
            case (.passing, _):
                if case .end = part { state = .idle }
                context.fireChannelRead(ExchangeHandler.wrapInboundOut(part))
            case (.answering, _): return false
            case (.over, _), (.idle, _), (.receiving, .head): break
            }
            return true
        }

        private func begin(_ head: HTTPRequestHead) {
            setDeadline(endpoints.configuration.requestTimeout)
            // RFC 9112 §3.2: none, or more than one, is refused. What stands in front may have gone by another of them.
            let hostCount = head.headers[canonicalForm: "host"].count
            guard hostCount == 1 || hostCount == 0 && head.version == .http1_0 else { return refuse(.badRequest) }
            // A body of which nothing but its announcement is wrong is not waited for.
            if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }),
                length > endpoints.configuration.bodySize
            {
                return refuse(.payloadTooLarge)
            }
            if head.headers.contains(where: {
                $0.name.lowercased() == "expect" && $0.value.lowercased() == "100-continue"
            }) {
                let head = HTTPResponseHead(version: .http1_1, status: .continue)
                context?.writeAndFlush(ExchangeHandler.wrapOutboundOut(.head(head)), promise: nil)
            }
            bodyPartCount = 0
            state = .receiving(head, body: [])
        }

        // MARK: Writing

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            let isEnd = if case .end = ExchangeHandler.unwrapOutboundIn(data) { true } else { false }
            context.write(data, promise: promise)
            // Of the handlers behind.
            guard isEnd, passedCount > 0 else { return }
            passedCount -= 1
            if passedCount == 0, !waiting.isEmpty { process() }
        }

        // MARK: Time

        func setDeadline(_ timeout: TimeAmount?) {
            deadline?.cancel()
            deadline = nil
            guard let timeout, let context else { return }
            deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.isLate() }
        }

        private func isLate() {
            switch state {
            case .receiving: refuse(.requestTimeout)
            case .idle: context?.close(promise: nil)
            case .answering, .passing, .over: break
            }
        }
    }

    // The event loop's alone, as all handlers are.
    @available(*, unavailable)
    extension ExchangeHandler: Sendable {}
#endif
