#if NIO
    package import NIOCore
    import Synchronization
    package import WireProtocols

    /// One end of a WebSocket connection on a channel, for tasks on any thread: messages are pulled, and pushed.
    ///
    /// Between the tasks and the event loop stand an inbox and an outbox, both bounded. Neither end needs a hop to the loop for every message:
    /// the loop is told when it has to begin again. One task at a time may receive; whoever holds the connection aborts it in the end.
    package final class NIOWebSocket: Sendable {
        private struct Closing {
            var isGone = false
            var waiters: [CheckedContinuation<Void, Never>] = []
        }

        private struct Pings {
            var nextID: UInt64 = 0
            var failure: WebSocketFailure?
            var waiters: [UInt64: WebSocketOutbox.Waiter] = [:]
        }

        private let channel: any Channel
        private let inbox = Mutex(WebSocketInbox())
        private let outbox = Mutex(WebSocketOutbox())
        private let pings = Mutex(Pings())
        private let closing = Mutex(Closing())
        private let received = Mutex<WebSocketClosure?>(nil)
        // Only ever taken out on the event loop, which the bound asserts.
        private let handler: NIOLoopBound<WebSocketChannelHandler>

        /// Runs the rest of a channel's life as a WebSocket connection, behind the handlers that are in its pipeline.
        ///
        /// To be called on the channel's event loop when the handshake is done. Nothing is sent before ``begin()``.
        ///
        /// - Parameters:
        ///   - channel: A channel that carries bytes.
        ///   - role: Which end this is.
        ///   - configuration: How the connection is run.
        package static func start(
            on channel: any Channel, role: WebSocketRole, configuration: WebSocketConfiguration
        ) throws -> NIOWebSocket {
            let handler = WebSocketChannelHandler(role: role, configuration: configuration)
            let socket = NIOWebSocket(channel: channel, handler: handler)
            handler.socket = socket
            try channel.pipeline.syncOperations.addHandler(handler)
            return socket
        }

        private init(channel: any Channel, handler: WebSocketChannelHandler) {
            self.channel = channel
            self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        }

        /// The handlers of the handshake are out of the way: what is due is sent from now on.
        ///
        /// To be called on the event loop.
        package func begin() { handler.value.begin() }

        // MARK: Receiving

        /// Returns the next message, or nil when the peer has closed in order, or this end has.
        package func receive() async throws(WebSocketFailure) -> WebSocketMessage? {
            if Task.isCancelled { throw .cancelled }
            switch inbox.withLock({ $0.take() }) {
            case .answer(let result, let resumesReading): return try answer(result, resumesReading)
            case .mustWait: break
            }
            let result: Result<WebSocketMessage?, WebSocketFailure> = await withTaskCancellationHandler {
                await withCheckedContinuation { waiter in
                    let take = inbox.withLock { inbox -> WebSocketInbox.Take in
                        // What came since the first look, or a cancellation whose handler found nobody to wake.
                        if Task.isCancelled { return .answer(.failure(.cancelled), resumesReading: false) }
                        let take = inbox.take()
                        if case .mustWait = take { inbox.wait(waiter) }
                        return take
                    }
                    if case .answer(let result, let resumesReading) = take {
                        if resumesReading { onLoop { $0.resumeReading() } }
                        waiter.resume(returning: result)
                    }
                }
            } onCancel: {
                inbox.withLock { $0.removeWaiter() }?.resume(returning: .failure(.cancelled))
            }
            return try result.get()
        }

        private func answer(
            _ result: Result<WebSocketMessage?, WebSocketFailure>, _ resumesReading: Bool
        ) throws(WebSocketFailure) -> WebSocketMessage? {
            if resumesReading { onLoop { $0.resumeReading() } }
            return try result.get()
        }

        /// What the peer's close frame said.
        package var closure: WebSocketClosure? { received.withLock { $0 } }

        // MARK: Sending

        /// Sends a message; returns when it was taken and there is room for more.
        package func send(_ message: WebSocketMessage) async throws(WebSocketFailure) {
            if Task.isCancelled { throw .cancelled }
            switch outbox.withLock({ $0.put(.message(message)) }) {
            case .taken(let tells): if tells { onLoop { $0.drain() } }
            case .failed(let failure): throw failure
            case .mustWait: try await sendWaiting(message)
            }
        }

        private func sendWaiting(_ message: WebSocketMessage) async throws(WebSocketFailure) {
            let id = outbox.withLock { $0.makeID() }
            let result: Result<Void, WebSocketFailure> = await withTaskCancellationHandler {
                await withCheckedContinuation { waiter in
                    let (failure, tells) = outbox.withLock { outbox -> (WebSocketFailure?, Bool) in
                        // The cancellation's handler may have run before there was anything to take out.
                        if Task.isCancelled { return (.cancelled, false) }
                        if let failure = outbox.failure { return (failure, false) }
                        return (nil, outbox.put(.message(message), id: id, waiter: waiter))
                    }
                    if let failure { waiter.resume(returning: .failure(failure)) }
                    if tells { onLoop { $0.drain() } }
                }
            } onCancel: {
                outbox.withLock { $0.remove(id: id) }?.resume(returning: .failure(.cancelled))
            }
            try result.get()
        }

        /// Sends a ping and returns when its pong has come.
        package func ping() async throws(WebSocketFailure) {
            let id = pings.withLock { pings in
                pings.nextID += 1
                return pings.nextID
            }
            let result: Result<Void, WebSocketFailure> = await withTaskCancellationHandler {
                await withCheckedContinuation { waiter in
                    let failure = pings.withLock { pings -> WebSocketFailure? in
                        if Task.isCancelled { return .cancelled }
                        if let failure = pings.failure { return failure }
                        pings.waiters[id] = waiter
                        return nil
                    }
                    if let failure { return waiter.resume(returning: .failure(failure)) }
                    onLoop { $0.send(ping: id) }
                }
            } onCancel: {
                pings.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: .failure(.cancelled))
            }
            try result.get()
        }

        // MARK: Closing

        /// Sends what was taken and a close frame, and returns when the connection is gone; at once when the task is cancelled.
        package func close(_ closure: WebSocketClosure) async {
            await withTaskCancellationHandler {
                let tells = outbox.withLock { $0.close(closure) }
                finishReceiving(.success(()), droppingMessages: true)
                onLoop { handler in
                    handler.discardMessages()
                    if tells { handler.drain() }
                }
                await withCheckedContinuation { waiter in
                    let isGone = closing.withLock { closing in
                        if !closing.isGone { closing.waiters.append(waiter) }
                        return closing.isGone
                    }
                    if isGone { waiter.resume() }
                }
            } onCancel: {
                abort()
            }
        }

        /// Cuts the connection, if it is still there.
        package func abort() {
            onLoop { $0.abort() }
        }

        private func onLoop(_ body: @escaping @Sendable (WebSocketChannelHandler) -> Void) {
            let handler = handler
            channel.eventLoop.execute { body(handler.value) }
        }

        // MARK: The event loop's side

        /// Hands messages on; true when nothing more is to be read until the loop is told.
        func deliver(_ messages: [WebSocketMessage]) -> Bool {
            let (waiter, message, isFull) = inbox.withLock { $0.add(messages) }
            waiter?.resume(returning: .success(message))
            return isFull
        }

        func popOutgoing() -> WebSocketOutbox.Item? {
            guard let (item, waiter) = outbox.withLock({ $0.pop() }) else { return nil }
            waiter?.resume(returning: .success(()))
            return item
        }

        func pongArrived(_ payload: [UInt8]) {
            guard payload.count == 8 else { return }
            let id = payload.reduce(0) { $0 << 8 | UInt64($1) }
            // The peer need not answer but the last of several (RFC 6455 §5.5.3).
            let waiters = pings.withLock { pings in
                let answered = pings.waiters.filter { $0.key <= id }
                for id in answered.keys { pings.waiters[id] = nil }
                return answered.values
            }
            for waiter in waiters { waiter.resume(returning: .success(())) }
        }

        func closeFrameArrived(_ closure: WebSocketClosure) {
            received.withLock { $0 = closure }
            // In this order: who has seen the end cannot send any more.
            failSending(.closed)
            finishReceiving(.success(()), droppingMessages: false)
        }

        /// Nothing more is received or sent.
        func fail(_ failure: WebSocketFailure) {
            failSending(failure)
            finishReceiving(.failure(failure), droppingMessages: false)
        }

        /// Nothing can be sent any more, and whoever waits for the end need not; what was read is still to be delivered.
        func channelIsGone(_ error: (any Error)?) {
            failSending(.lost(underlying: error))
            let waiters = closing.withLock { closing in
                closing.isGone = true
                defer { closing.waiters = [] }
                return closing.waiters
            }
            for waiter in waiters { waiter.resume() }
        }

        private func finishReceiving(_ result: Result<Void, WebSocketFailure>, droppingMessages: Bool) {
            let waiter = inbox.withLock { $0.finish(result, droppingMessages: droppingMessages) }
            waiter?.resume(returning: result.map { nil })
        }

        private func failSending(_ failure: WebSocketFailure) {
            for waiter in outbox.withLock({ $0.fail(failure) }) { waiter.resume(returning: .failure(failure)) }
            let waiters = pings.withLock { pings in
                if pings.failure == nil { pings.failure = failure }
                defer { pings.waiters = [:] }
                return Array(pings.waiters.values)
            }
            for waiter in waiters { waiter.resume(returning: .failure(failure)) }
        }
    }
#endif
