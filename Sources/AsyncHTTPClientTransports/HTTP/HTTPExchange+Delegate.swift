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

        func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
            let (waiter, chunk, held) = state.withLock { state -> (ChunkWaiter?, [UInt8]?, EventLoopPromise<Void>?) in
                guard state.end == nil, buffer.readableBytes > 0 else { return (nil, nil, nil) }
                state.received += buffer.readableBytes
                state.readAhead.append(buffer)
                if let waiter = state.chunkWaiter {
                    state.chunkWaiter = nil
                    state.deadlines.consumerWaits(since: nil)
                    return (waiter, state.readAhead.popFirst(), nil)
                }
                guard state.readAhead.isFull else { return (nil, nil, nil) }
                let promise = task.eventLoop.makePromise(of: Void.self)
                state.held = promise
                return (nil, nil, promise)
            }
            waiter?.resume(returning: .success(chunk))
            return held?.futureResult ?? task.eventLoop.makeSucceededVoidFuture()
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
