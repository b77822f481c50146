import Foundation
import StreamTransport
import Synchronization
import WireProtocols

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One exchange under way: what the delegate brings on one side, what the consumer pulls on the other, and the deadlines.
final class Exchange: PulledExchange {
    typealias HeadWaiter = CheckedContinuation<Result<ExchangeResponseHead, TransportError>, Never>
    typealias ChunkWaiter = CheckedContinuation<Result<[UInt8]?, TransportError>, Never>

    private struct State {
        var deadlines: ExchangeDeadlines
        var head: ExchangeResponseHead?
        var bodyLength: Int?
        var received = 0
        var chunks: [[UInt8]] = []
        var firstChunk = 0
        var buffered = 0
        /// How the exchange ended; chunks that came before are still to be read.
        var end: Result<Void, TransportError>?
        var headWaiter: HeadWaiter?
        var chunkWaiter: ChunkWaiter?

        mutating func popChunk() -> [UInt8]? {
            guard firstChunk < chunks.count else { return nil }
            let chunk = chunks[firstChunk]
            chunks[firstChunk] = []
            firstChunk += 1
            buffered -= chunk.count
            // Moved up when half of the array is empty: constant time on average.
            if firstChunk * 2 >= chunks.count {
                chunks.removeFirst(firstChunk)
                firstChunk = 0
            }
            return chunk
        }
    }

    /// The request, for messages; its URL without credentials.
    let name: String
    let port: Int
    private let request: ExchangeRequest
    private let task: URLSessionDataTask
    private let bufferLimit: Int
    private let table: ExchangeTable
    private let state: Mutex<State>

    init(
        _ request: ExchangeRequest, port: Int, task: URLSessionDataTask, bufferLimit: Int, deadlines: ExchangeDeadlines,
        table: ExchangeTable
    ) {
        self.request = request
        self.port = port
        self.task = task
        self.bufferLimit = bufferLimit
        self.table = table
        name = "\(request.method) \(request.redactedURL)"
        state = Mutex(State(deadlines: deadlines))
    }

    // MARK: The consumer's side

    /// Returns the head as soon as it has come.
    func head() async throws(TransportError) -> ExchangeResponseHead {
        let result: Result<ExchangeResponseHead, TransportError> = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let answer = state.withLock { state -> Result<ExchangeResponseHead, TransportError>? in
                    if let head = state.head { return .success(head) }
                    if case .failure(let error)? = state.end { return .failure(error) }
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

    /// Returns the next chunk as soon as there is one, nil at the end.
    func next() async throws(TransportError) -> [UInt8]? {
        if Task.isCancelled { fail(cancellation) }
        // Most often there is something already: then there is no need of a handler.
        if let ready = state.withLock({ Exchange.ready(&$0) }) { return try ready.get() }
        let result: Result<[UInt8]?, TransportError> = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let (answer, deadline) = state.withLock {
                    state -> (Result<[UInt8]?, TransportError>?, ContinuousClock.Instant?) in
                    if let ready = Exchange.ready(&state) { return (ready, nil) }
                    state.chunkWaiter = waiter
                    state.deadlines.consumerWaits(since: .now)
                    return (nil, state.deadlines.next?.instant)
                }
                if let answer { waiter.resume(returning: answer) }
                if let deadline { table.ensure(deadline) }
            }
        } onCancel: {
            fail(cancellation)
        }
        return try result.get()
    }

    /// What `next` can answer without waiting.
    private static func ready(_ state: inout State) -> Result<[UInt8]?, TransportError>? {
        if let chunk = state.popChunk() { return .success(chunk) }
        return state.end.map { $0.map { nil } }
    }

    /// Nobody wants more of it.
    func close() {
        fail(cancellation)
    }

    // MARK: The session's side

    func headArrived(_ head: ExchangeResponseHead) {
        do throws(TransportError) {
            let length = try head.bodyLength(method: request.method)
            let waiter = state.withLock { state -> HeadWaiter? in
                guard state.head == nil, state.end == nil else { return nil }
                state.head = head
                state.bodyLength = length
                state.deadlines.headArrived(at: .now)
                defer { state.headWaiter = nil }
                return state.headWaiter
            }
            waiter?.resume(returning: .success(head))
        } catch {
            fail(error)
        }
    }

    func bytesArrived(_ data: Data) {
        guard !data.isEmpty else { return }
        let chunk = [UInt8](data)
        var isOverflowing = false
        let waiter = state.withLock { state -> ChunkWaiter? in
            guard state.end == nil else { return nil }
            state.received += chunk.count
            state.deadlines.bytesArrived(at: .now)
            if let waiter = state.chunkWaiter {
                state.chunkWaiter = nil
                state.deadlines.consumerWaits(since: nil)
                return waiter
            }
            isOverflowing = chunk.count > bufferLimit - state.buffered
            if !isOverflowing {
                state.chunks.append(chunk)
                state.buffered += chunk.count
            }
            return nil
        }
        waiter?.resume(returning: .success(chunk))
        if isOverflowing {
            fail(
                TransportError(
                    .bufferLimitExceeded,
                    "the reader of \(name) is slower than the server, and URLSession cannot hold the server back: more than"
                        + " \(bufferLimit) bytes wait. Read faster, raise bufferLimit, or use a transport with backpressure"
                        + " (CurlTransports, AsyncHTTPClientTransports)"))
        }
    }

    /// The task is done; `response` is its head, in case that none was announced.
    func completed(_ error: (any Error)?, response: ExchangeResponseHead?) {
        if error == nil, let response { headArrived(response) }
        let (head, received, length) = state.withLock { ($0.head, $0.received, $0.bodyLength) }
        if let error {
            fail(TransportError(error, of: name, head: head, received: received, expected: length))
        } else if head == nil {
            fail(TransportError(.connectionLost, "the connection of \(name) ended without a response"))
        } else if let length, received < length {
            fail(.truncated(name, received: received, expected: length))
        } else {
            end(.success(()))
        }
    }

    /// Does what is due, and returns the next deadline.
    func check(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        while let due = state.withLock({ $0.end == nil ? $0.deadlines.due(at: now) : nil }) {
            switch due {
            case .connect:
                // What cannot be told counts as connected, and falls under the first-byte timeout.
                if ConnectionProbe.isConnected(toPort: port) ?? true {
                    state.withLock { $0.deadlines.connectionStands() }
                } else {
                    fail(timeout(.connectTimeout, "no connection stood in time"))
                }
            case .firstByte: fail(timeout(.firstByteTimeout, "no response came in time"))
            case .idle: fail(timeout(.idleTimeout, "the server was silent for too long"))
            case .total: fail(timeout(.totalTimeout, "the response was not complete in time"))
            }
        }
        return state.withLock { $0.end == nil ? $0.deadlines.next?.instant : nil }
    }

    /// Ends the exchange and closes its connection.
    func fail(_ error: TransportError) {
        if end(.failure(error)) { table.cancel(task) }
    }

    @discardableResult
    private func end(_ result: Result<Void, TransportError>) -> Bool {
        let (isFirst, headWaiter, chunkWaiter) = state.withLock { state -> (Bool, HeadWaiter?, ChunkWaiter?) in
            guard state.end == nil else { return (false, nil, nil) }
            state.end = result
            if case .failure(let error) = result, [.cancelled, .totalTimeout, .shutDown].contains(error.code) {
                // Nobody is to read on.
                state.chunks = []
                state.firstChunk = 0
                state.buffered = 0
            }
            defer {
                state.headWaiter = nil
                state.chunkWaiter = nil
            }
            return (true, state.headWaiter, state.chunkWaiter)
        }
        guard isFirst else { return false }
        table.remove(task)
        switch result {
        case .success: chunkWaiter?.resume(returning: .success(nil))
        case .failure(let error):
            headWaiter?.resume(returning: .failure(error))
            chunkWaiter?.resume(returning: .failure(error))
        }
        return true
    }

    private var cancellation: TransportError { TransportError(.cancelled, "\(name) was cancelled") }

    private func timeout(_ code: TransportError.Code, _ what: String) -> TransportError {
        TransportError(code, "\(name): \(what); raise the timeout if the server needs longer")
    }
}
