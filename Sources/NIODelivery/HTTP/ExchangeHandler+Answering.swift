#if NIO
    import NIOCore
    import NIOHTTP1
    import StreamDelivery
    import WireProtocols

    extension ExchangeHandler {
        /// Whether a request asks for a WebSocket that may be answered here.
        func isUpgrade(_ head: HTTPRequestHead) -> Bool {
            endpoints.sockets != nil
                && head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
        }

        /// Has a request answered by a task.
        func answer(_ head: HTTPRequestHead, _ body: [UInt8]) {
            setDeadline(nil)
            guard let context,
                let request = DeliveryRequest(head, body: body, remoteAddress: context.remoteAddress?.ipAddress ?? "")
            else { return refuse(.badRequest) }
            let (exchange, eventLoop) = (NIOLoopBound(self, eventLoop: context.eventLoop), context.eventLoop)
            if isUpgrade(head), let sockets = endpoints.sockets {
                do throws(WebSocketHandshakeError) {
                    // Its form is checked before anybody is asked.
                    _ = try WebSocketServerHandshake(method: request.method, headers: request.headers)
                } catch {
                    return refuse(HTTPResponseStatus(statusCode: error.status), ["sec-websocket-version": "13"])
                }
                let cancel = endpoints.requests.start {
                    let answer = await sockets.accept(request)
                    eventLoop.execute { exchange.value.deliver(answer, to: request) }
                }
                state = .answering(head, cancel: cancel)
            } else if let handler = endpoints.handler {
                let cancel = endpoints.requests.start {
                    let response = await handler.respond(to: request)
                    eventLoop.execute { exchange.value.deliver(response) }
                }
                state = .answering(head, cancel: cancel)
            }
        }

        private func deliver(_ response: DeliveryResponse) {
            guard case .answering(let head, _) = state, let context, context.channel.isActive else {
                if case .stream(let source) = response.body { source.end() }
                return
            }
            switch response.body {
            case .none: write(response, [], to: head)
            case .bytes(let bytes): write(response, bytes, to: head)
            case .stream(let source): stream(response, from: source, to: head, context)
            }
        }

        private func write(_ response: DeliveryResponse, _ body: [UInt8], to request: HTTPRequestHead) {
            guard let context else { return }
            let closes = !request.isKeepAlive || pendingRefusal != nil
            let head = ResponseHead.whole(response, to: request, bodyLength: body.count, closes: closes)
            context.write(ExchangeHandler.wrapOutboundOut(.head(head)), promise: nil)
            if !body.isEmpty, request.method != .HEAD {
                let buffer = context.channel.allocator.buffer(bytes: body)
                context.write(ExchangeHandler.wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
            }
            context.writeAndFlush(ExchangeHandler.wrapOutboundOut(.end(nil)), promise: nil)
            if closes { return closeInOrder() }
            state = .idle
            if endpoints.handler != nil { setDeadline(endpoints.configuration.idleTimeout) }
            process()
        }

        /// Refuses what was sent, and ends the connection, as nobody knows what else comes.
        func refuse(_ status: HTTPResponseStatus, _ headers: HTTPHeaders = [:]) {
            guard let context else { return }
            var headers = headers
            headers.add(name: "content-length", value: "0")
            headers.add(name: "connection", value: "close")
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            context.write(ExchangeHandler.wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(ExchangeHandler.wrapOutboundOut(.end(nil)), promise: nil)
            closeInOrder()
        }

        /// Closed at once, with bytes that were not read, the answer could be lost.
        private func closeInOrder() {
            setDeadline(nil)
            state = .over
            waiting.removeAll()
            guard let context else { return }
            let channel = context.channel
            channel.close(mode: .output).whenFailure { _ in channel.close(promise: nil) }
            let deadline = context.eventLoop.scheduleTask(in: endpoints.configuration.closeTimeout) {
                channel.close(promise: nil)
            }
            channel.closeFuture.whenComplete { _ in deadline.cancel() }
            context.read()
        }

        // MARK: Taking the channel over

        private func stream(
            _ response: DeliveryResponse, from source: any DeliverySource, to request: HTTPRequestHead,
            _ context: ChannelHandlerContext
        ) {
            let framing: PieceFraming = request.version == .http1_1 ? .chunk : .none
            let head = ResponseHead.streaming(response, framing: framing)
            guard request.method != .HEAD else {
                // What a GET would be answered with, and nothing follows.
                source.end()
                (try? codec(context).encoder)?.writeAndFlush(NIOAny(head), promise: nil)
                return closeInOrder()
            }
            let body = BodyChannelHandler(
                source, framing: framing,
                ownership: .taken(closeTimeout: endpoints.configuration.closeTimeout), pumps: endpoints.pumps)
            takeOver(context, by: body, after: head)
            body.begin()
        }

        private func deliver(_ answer: SocketAnswer, to request: DeliveryRequest) {
            guard case .answering(_, _) = state, let context, context.channel.isActive else {
                if case .refuse(let response) = answer, case .stream(let source) = response.body { source.end() }
                return
            }
            switch answer {
            case .refuse(let response): deliver(response)
            case .accept(let subprotocol, let begin):
                let handshake: WebSocketServerHandshake
                do throws(WebSocketHandshakeError) {
                    handshake = try WebSocketServerHandshake(
                        method: request.method, headers: request.headers, subprotocols: subprotocol.map { [$0] } ?? [],
                        deflate: endpoints.configuration.compressesSockets ? SocketChannelHandler.deflatePolicy : nil)
                } catch {
                    return refuse(HTTPResponseStatus(statusCode: error.status))
                }
                let framing = endpoints.pumps.framing(for: handshake.agreement.deflate)
                let socket = SocketChannelHandler(
                    begin(framing), agreement: handshake.agreement, endpoints.configuration, pumps: endpoints.pumps)
                let head = ResponseHead.switching(handshake.headers)
                takeOver(context, by: socket, after: head)
                socket.begin()
            }
        }

        /// The handlers that speak HTTP.
        private func codec(
            _ context: ChannelHandlerContext
        ) throws -> (encoder: ChannelHandlerContext, decoder: ChannelHandlerContext) {
            let operations = context.pipeline.syncOperations
            return (
                try operations.context(handlerType: HTTPResponseEncoder.self),
                try operations.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            )
        }

        /// Writes a head, and puts a handler in front of those that speak HTTP, which leave.
        private func takeOver(
            _ context: ChannelHandlerContext, by handler: any RemovableChannelHandler, after head: ByteBuffer
        ) {
            setDeadline(nil)
            state = .over
            waiting.removeAll()
            do {
                let operations = context.pipeline.syncOperations
                let (encoder, decoder) = try codec(context)
                // From the encoder's place on, past itself and whatever stands behind it.
                encoder.writeAndFlush(NIOAny(head), promise: nil)
                try operations.addHandler(handler, position: .before(encoder.handler))
                operations.removeHandler(context: encoder, promise: nil)
                operations.removeHandler(context: decoder, promise: nil)
                operations.removeHandler(context: context, promise: nil)
                // One that was held back for the answer.
                context.channel.read()
            } catch {
                context.close(promise: nil)
            }
        }
    }
#endif
