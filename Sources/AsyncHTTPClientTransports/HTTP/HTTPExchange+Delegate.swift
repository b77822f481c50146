#if AsyncHTTPClient
    import AsyncHTTPClient
    import NIOCore
    import NIOHTTP1
    import StreamTransport
    import Synchronization
    import WireProtocols

    /// The client's side of an exchange: all of it is called on the exchange's event loop.
    extension HTTPExchange: HTTPClientResponseDelegate {
        func didSendRequestHead(task: HTTPClient.Task<Void>, _ head: HTTPRequestHead) {
            state.withLock { state in
                state.isConnected = true
                state.deadlines.connectionStands()
            }
        }

        /// Sees every head before the client decides whether to follow a redirect.
        func didVisitURL(task: HTTPClient.Task<Void>, _ request: HTTPClient.Request, _ head: HTTPResponseHead) {
            // A client that follows redirects follows these. It would take credentials along that it does not know to be some, so it gets
            // no further: the head is all that we need of a redirect.
            let status = Int(head.status.code)
            guard [301, 302, 303, 304, 305, 307, 308].contains(status), head.headers.contains(name: "location") else {
                return
            }
            if status == 305 {
                return fail(
                    TransportError(
                        .unsupported, "\(name) is answered with a 305, which RFC 9110 §15.4.6 does away with"))
            }
            headArrived(ExchangeResponseHead(head))
            end(.success(()))?.cancel()
        }

        func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
            headArrived(ExchangeResponseHead(head))
            return task.eventLoop.makeSucceededVoidFuture()
        }

        private func headArrived(_ head: ExchangeResponseHead) {
            let waiter = state.withLock { state -> HeadWaiter? in
                guard state.end == nil else { return nil }
                state.head = head
                state.deadlines.headArrived(at: .now)
                defer { state.headWaiter = nil }
                return state.headWaiter
            }
            waiter?.resume(returning: .success(head))
        }

        /// Keeps what has come, and has a reader who waits woken: at once for much, for little once for all that comes in the same turn of the loop.
        ///
        /// AsyncHTTPClient hands over each of the many small pieces that one read brought. To wake the reader for the first of them would cost more
        /// than all of them, and have him and the loop get in each other's way over the rest.
        func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
            let (delivery, held) = state.withLock { state -> (Delivery?, EventLoopPromise<Void>?) in
                guard state.end == nil, buffer.readableBytes > 0 else { return (nil, nil) }
                state.received += buffer.readableBytes
                state.readAhead.append(buffer)
                var delivery: Delivery?
                if state.chunkWaiter != nil {
                    state.deadlines.consumerWaits(since: nil)
                    if state.readAhead.count >= ReadAhead.joined {
                        delivery = .now
                    } else if !state.isDeliveryDue {
                        state.isDeliveryDue = true
                        delivery = .soon
                    }
                }
                guard state.readAhead.isFull else { return (delivery, nil) }
                let promise = task.eventLoop.makePromise(of: Void.self)
                state.held = promise
                return (delivery, promise)
            }
            switch delivery {
            case .now: deliver()
            case .soon: task.eventLoop.execute { self.deliverSoon() }
            case nil: break
            }
            return held?.futureResult ?? task.eventLoop.makeSucceededVoidFuture()
        }

        private enum Delivery {
            case now
            case soon
        }

        private func deliverSoon() {
            state.withLock { $0.isDeliveryDue = false }
            deliver()
        }

        /// Answers the reader who waits, if he still does.
        private func deliver() {
            let (waiter, chunk, released) = state.withLock {
                state -> (ChunkWaiter?, [UInt8]?, EventLoopPromise<Void>?) in
                guard let waiter = state.chunkWaiter, let (chunk, released) = state.takeChunk() else {
                    return (nil, nil, nil)
                }
                state.chunkWaiter = nil
                return (waiter, chunk, released)
            }
            waiter?.resume(returning: .success(chunk))
            released?.succeed()
        }

        func didFinishRequest(task: HTTPClient.Task<Void>) {
            end(.success(()))
        }

        func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) {
            failed(error)
        }

        /// The client says that the exchange has failed; its connection is closed already.
        func failed(_ error: any Error) {
            let stage = state.withLock { state -> Stage? in
                guard state.end == nil else { return nil }
                let stage = Stage(
                    isConnected: state.isConnected, hasHead: state.head != nil, received: state.received)
                state.isUnsent = stage.isUnsent(after: error)
                return stage
            }
            guard let stage else { return }
            end(.failure(TransportError(error, of: name, at: stage)))
        }
    }
#endif
