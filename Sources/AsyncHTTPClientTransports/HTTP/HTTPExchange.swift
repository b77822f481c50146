#if AsyncHTTPClient
    import AsyncHTTPClient
    import NIOCore
    import NIOHTTP1
    import StreamTransport
    import Synchronization
    import WireProtocols

    /// One request and its response: AsyncHTTPClient pushes, the consumer pulls, and a timer watches both.
    ///
    /// The delegate of AsyncHTTPClient is used and not its asynchronous calls, because it alone tells when a connection stands and shows a
    /// redirect before the client follows it.
    final class HTTPExchange: PulledExchange {
        typealias HeadWaiter = CheckedContinuation<Result<ExchangeResponseHead, TransportError>, Never>
        typealias ChunkWaiter = CheckedContinuation<Result<[UInt8]?, TransportError>, Never>

        struct State {
            var head: ExchangeResponseHead?
            var isConnected = false
            var received = 0
            /// The connection had ended before the request was sent.
            var isUnsent = false
            var readAhead: ReadAhead
            /// To be fulfilled when there is room again.
            var held: EventLoopPromise<Void>?
            var end: Result<Void, TransportError>?
            var headWaiter: HeadWaiter?
            var chunkWaiter: ChunkWaiter?
            /// The loop is about to answer the reader who waits.
            var isDeliveryDue = false
            var deadlines: ExchangeDeadlines
            var timer: Scheduled<Void>?
            var timerFires: ContinuousClock.Instant?
            var task: HTTPClient.Task<Void>?

            /// The next chunk that waits to be read, and what AsyncHTTPClient waits for when there is room again.
            mutating func takeChunk() -> ([UInt8], released: EventLoopPromise<Void>?)? {
                guard let chunk = readAhead.popFirst() else { return nil }
                guard readAhead.hasRoom else { return (chunk, nil) }
                defer { held = nil }
                return (chunk, held)
            }
        }

        /// Method and URL without credentials, for messages.
        let name: String
        let seat: ConnectionSeats.Seat
        let state: Mutex<State>

        init(_ request: ExchangeRequest, seat: ConnectionSeats.Seat, readAhead: Int, deadlines: ExchangeDeadlines) {
            name = "\(request.method) \(request.redactedURL)"
            self.seat = seat
            state = Mutex(State(readAhead: ReadAhead(limit: readAhead), deadlines: deadlines))
        }

        // MARK: The consumer's side

        /// Sends the request, and returns the head as soon as it has come.
        func run(_ request: HTTPClient.Request, on client: HTTPClient) async throws(TransportError)
            -> ExchangeResponseHead
        {
            let result: Result<ExchangeResponseHead, TransportError> = await withTaskCancellationHandler {
                await withCheckedContinuation { waiter in
                    let end = state.withLock { state -> Result<Void, TransportError>? in
                        if state.end == nil { state.headWaiter = waiter }
                        return state.end
                    }
                    // Cancelled before it began, if anything.
                    if case .failure(let error)? = end { return waiter.resume(returning: .failure(error)) }
                    start(request, on: client)
                }
            } onCancel: {
                close()
            }
            return try result.get()
        }

        private func start(_ request: HTTPClient.Request, on client: HTTPClient) {
            let task = client.execute(request: request, delegate: self, eventLoop: seat.preference)
            let isOver = state.withLock { state in
                if state.end == nil { state.task = task }
                return state.end != nil
            }
            if isOver { task.cancel() }
            // A client that is shut down tells nothing to the delegate.
            task.futureResult.whenFailure { self.failed($0) }
            armTimer()
        }

        /// Returns the next chunk as soon as there is one, nil at the end.
        func next() async throws(TransportError) -> [UInt8]? {
            if Task.isCancelled { close() }
            // Most often there is something already: then there is no need of a handler.
            if let answer = takeReady() { return try answer.get() }
            let result: Result<[UInt8]?, TransportError> = await withTaskCancellationHandler {
                await withCheckedContinuation { waiter in
                    if let answer = takeReady(orWait: waiter) { return waiter.resume(returning: answer) }
                    armTimer()
                }
            } onCancel: {
                close()
            }
            return try result.get()
        }

        /// What `next` can answer without waiting; else the waiter, if any, is kept.
        private func takeReady(orWait waiter: ChunkWaiter? = nil) -> Result<[UInt8]?, TransportError>? {
            let (answer, released) = state.withLock {
                state -> (Result<[UInt8]?, TransportError>?, EventLoopPromise<Void>?) in
                if let (chunk, released) = state.takeChunk() { return (.success(chunk), released) }
                if let end = state.end { return (end.map { nil }, nil) }
                if let waiter {
                    state.chunkWaiter = waiter
                    state.deadlines.consumerWaits(since: .now)
                }
                return (nil, nil)
            }
            released?.succeed()
            return answer
        }

        /// Whether it failed because its connection had ended before the request was sent: on another one it may succeed.
        var isUnsent: Bool { state.withLock { $0.isUnsent } }

        /// Nobody wants more of it.
        func close() {
            fail(TransportError(.cancelled, "\(name) was cancelled"))
        }

        // MARK: The end

        /// Ends the exchange and closes its connection.
        func fail(_ error: TransportError) {
            end(.failure(error))?.cancel()
        }

        /// Ends the exchange, and returns the client's task when it was not over before.
        @discardableResult
        func end(_ result: Result<Void, TransportError>) -> HTTPClient.Task<Void>? {
            let (ended, last) = state.withLock { state -> (State?, [UInt8]?) in
                guard state.end == nil else { return (nil, nil) }
                state.end = result
                if case .failure(let error) = result, error.code == .cancelled || error.code == .totalTimeout {
                    // Nobody is to read on.
                    state.readAhead.removeAll()
                }
                // What came before the end goes first; the end is there to be asked for.
                let last = state.chunkWaiter == nil ? nil : state.readAhead.popFirst()
                let ended = state
                state.headWaiter = nil
                state.chunkWaiter = nil
                state.held = nil
                state.timer = nil
                state.task = nil
                return (ended, last)
            }
            guard let ended else { return nil }
            seat.leave()
            ended.timer?.cancel()
            // AsyncHTTPClient expects an answer about what it handed over, whatever became of the exchange.
            ended.held?.succeed()
            if case .failure(let error) = result { ended.headWaiter?.resume(returning: .failure(error)) }
            ended.chunkWaiter?.resume(returning: last.map { .success($0) } ?? result.map { nil })
            return ended.task
        }

        // MARK: Time

        /// Sees to it that the timer fires at the next deadline or before.
        private func armTimer() {
            state.withLock { state in
                guard state.end == nil, let next = state.deadlines.next?.instant else { return }
                if let fires = state.timerFires, fires <= next { return }
                state.timer?.cancel()
                state.timerFires = next
                // In days at most: what is further away is looked at again.
                let delay = min(max(.zero, ContinuousClock.now.duration(to: next)), .seconds(86_400))
                let (seconds, attoseconds) = delay.components
                state.timer = seat.loop.scheduleTask(
                    in: .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000 + 1)
                ) { self.timerFired() }
            }
        }

        private func timerFired() {
            let due = state.withLock { state -> ExchangeDeadlines.Due? in
                state.timer = nil
                state.timerFires = nil
                return state.end == nil ? state.deadlines.due(at: .now) : nil
            }
            switch due {
            case .connect:
                fail(
                    timeout(
                        .connectTimeout,
                        "no connection stood in time, or the client's pool had none left, or was trying again after a refusal"
                    ))
            case .firstByte: fail(timeout(.firstByteTimeout, "no response came in time"))
            case .idle: fail(timeout(.idleTimeout, "the server was silent for too long"))
            case .total: fail(timeout(.totalTimeout, "the response was not complete in time"))
            case nil: armTimer()
            }
        }

        private func timeout(_ code: TransportError.Code, _ what: String) -> TransportError {
            TransportError(code, "\(name): \(what); raise the timeout if the server needs longer")
        }
    }
#endif
