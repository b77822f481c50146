#if Curl
    import CCurl
    import StreamTransport
    import Synchronization
    import WireProtocols

    /// One transfer: what the loop's thread brings on one side, what the reader pulls on the other.
    final class Transfer: PulledExchange {
        typealias HeadWaiter = CheckedContinuation<Result<ExchangeResponseHead, TransportError>, Never>
        typealias ChunkWaiter = CheckedContinuation<Result<[UInt8]?, TransportError>, Never>

        private struct State {
            var machine: TransferMachine
            var headWaiter: HeadWaiter?
            var chunkWaiter: ChunkWaiter?
        }

        let request: OutgoingRequest
        private let client: CurlClient
        private let state: Mutex<State>

        init(_ request: OutgoingRequest, client: CurlClient, bufferLimit: Int, deadlines: ExchangeDeadlines) {
            self.request = request
            self.client = client
            state = Mutex(State(machine: TransferMachine(limit: bufferLimit, deadlines: deadlines)))
        }

        // MARK: The reader's side

        /// Returns the head as soon as it has come.
        func head() async throws(TransportError) -> ExchangeResponseHead {
            let result: Result<ExchangeResponseHead, TransportError> = await withTaskCancellationHandler {
                await withCheckedContinuation { waiter in
                    let answer = state.withLock { state -> Result<ExchangeResponseHead, TransportError>? in
                        if let head = state.machine.head { return .success(head) }
                        if case .failure(let error)? = state.machine.end { return .failure(error) }
                        state.headWaiter = waiter
                        return nil
                    }
                    if let answer { waiter.resume(returning: answer) }
                }
            } onCancel: {
                fail(cancellation)
            }
            return try result.get()
        }

        /// Returns what has come as soon as there is something, nil at the end.
        func next() async throws(TransportError) -> [UInt8]? {
            if Task.isCancelled { fail(cancellation) }
            // Most often there is something already: then there is no need of a handler.
            if let ready = take(waiter: nil) { return try ready.get() }
            let result: Result<[UInt8]?, TransportError> = await withTaskCancellationHandler {
                await withCheckedContinuation { waiter in
                    if let answer = take(waiter: waiter) { waiter.resume(returning: answer) }
                }
            } onCancel: {
                fail(cancellation)
            }
            return try result.get()
        }

        /// What the reader can be answered now; when there is nothing, `waiter` is kept to be answered later.
        private func take(waiter: ChunkWaiter?) -> Result<[UInt8]?, TransportError>? {
            var resumes = false
            let answer = state.withLock { state in
                let answer = Transfer.answer(of: &state.machine, resumes: &resumes)
                if answer == nil, let waiter {
                    state.chunkWaiter = waiter
                    state.machine.deadlines.consumerWaits(since: .now)
                }
                return answer
            }
            if resumes { client.resume(self) }
            return answer
        }

        private static func answer(
            of machine: inout TransferMachine, resumes: inout Bool
        ) -> Result<[UInt8]?, TransportError>? {
            switch machine.read(resumes: &resumes) {
            case .chunk(let chunk): .success(chunk)
            case .end: .success(nil)
            case .failure(let error): .failure(error)
            case .nothing: nil
            }
        }

        /// Nobody wants more of it.
        func close() {
            fail(cancellation)
        }

        // MARK: The loop's side

        func connectionStands() {
            state.withLock { $0.machine.deadlines.connectionStands() }
        }

        /// Takes the final head, of which ``deliver(at:)`` tells the reader.
        ///
        /// - Returns: Whether the transfer goes on.
        func headArrived(_ head: ExchangeResponseHead, at now: ExchangeDeadlines.Instant) -> Bool {
            state.withLock { $0.machine.headArrived(head, method: request.method, at: now) }
        }

        func bytesArrived(_ bytes: UnsafeRawBufferPointer) -> TransferMachine.Verdict {
            state.withLock { $0.machine.take(bytes) }
        }

        /// Answers a reader who waits with all that has come.
        ///
        /// - Returns: Whether the transfer was paused and is to go on.
        func deliver(at now: ExchangeDeadlines.Instant) -> Bool {
            var resumes = false
            let (head, chunk) = state.withLock { state in
                state.machine.deadlines.bytesArrived(at: now)
                var head: (HeadWaiter, ExchangeResponseHead)?
                var chunk: (ChunkWaiter, Result<[UInt8]?, TransportError>)?
                if let waiter = state.headWaiter, let arrived = state.machine.head {
                    state.headWaiter = nil
                    head = (waiter, arrived)
                }
                if let waiter = state.chunkWaiter,
                    let answer = Transfer.answer(of: &state.machine, resumes: &resumes)
                {
                    state.chunkWaiter = nil
                    state.machine.deadlines.consumerWaits(since: nil)
                    chunk = (waiter, answer)
                }
                return (head, chunk)
            }
            if let (waiter, head) = head { waiter.resume(returning: .success(head)) }
            if let (waiter, answer) = chunk { waiter.resume(returning: answer) }
            return resumes
        }

        /// libcurl is done with the transfer.
        func completed(_ code: CURLcode, text: String) {
            let failure = state.withLock { state in
                TransferFailure(
                    code: code, text: text, hasHead: state.machine.head != nil, received: state.machine.received,
                    expected: state.machine.expected)
            }
            if code != CURLE_OK {
                end(.failure(failure.error(of: request.name)))
            } else if !failure.hasHead {
                end(
                    .failure(
                        TransportError(.connectionLost, "the connection of \(request.name) ended without a response")))
            } else {
                end(.success(()))
            }
        }

        /// The loop itself finds that the transfer cannot go on.
        func ended(_ code: TransportError.Code, _ what: String) {
            end(.failure(TransportError(code, "\(request.name): \(what)")))
        }

        /// Ends the transfer if a deadline has passed, and returns when to look again.
        func check(at now: ExchangeDeadlines.Instant) -> ExchangeDeadlines.Instant? {
            let due = state.withLock { $0.machine.end == nil ? $0.machine.deadlines.due(at: now) : nil }
            switch due {
            case nil: break
            case .connect: fail(timeout(.connectTimeout, "no connection stood in time"))
            case .firstByte: fail(timeout(.firstByteTimeout, "no response came in time"))
            case .idle: fail(timeout(.idleTimeout, "the server was silent for too long"))
            case .total: fail(timeout(.totalTimeout, "the response was not complete in time"))
            }
            return nextCheck(after: now)
        }

        func nextCheck(after now: ExchangeDeadlines.Instant) -> ExchangeDeadlines.Instant? {
            state.withLock { $0.machine.end == nil ? $0.machine.deadlines.nextCheck(after: now) : nil }
        }

        // MARK: The end

        /// Ends the transfer and has the loop close its connection.
        func fail(_ error: TransportError) {
            if end(.failure(error)) { client.remove(self) }
        }

        /// Whether the transfer has ended.
        var isEnded: Bool { state.withLock { $0.machine.end != nil } }

        @discardableResult
        private func end(_ result: Result<Void, TransportError>) -> Bool {
            var resumes = false
            let (isFirst, headWaiter, chunk) = state.withLock { state in
                let isFirst = state.machine.finish(result)
                var chunk: (ChunkWaiter, Result<[UInt8]?, TransportError>)?
                // What came before the end goes first; the end is there to be asked for.
                if let waiter = state.chunkWaiter, let answer = Transfer.answer(of: &state.machine, resumes: &resumes) {
                    state.chunkWaiter = nil
                    chunk = (waiter, answer)
                }
                defer { state.headWaiter = nil }
                return (isFirst, state.headWaiter.map { ($0, state.machine.head, state.machine.end) }, chunk)
            }
            if let (waiter, head, end) = headWaiter {
                if let head {
                    waiter.resume(returning: .success(head))
                } else if case .failure(let error)? = end {
                    waiter.resume(returning: .failure(error))
                }
            }
            if let (waiter, answer) = chunk { waiter.resume(returning: answer) }
            return isFirst
        }

        private var cancellation: TransportError { TransportError(.cancelled, "\(request.name) was cancelled") }

        private func timeout(_ code: TransportError.Code, _ what: String) -> TransportError {
            TransportError(code, "\(request.name): \(what); raise the timeout if the server needs longer")
        }
    }
#endif
