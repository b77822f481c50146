import StreamCore
import Synchronization

/// An HTTP/1.1 server on 127.0.0.1 for tests of clients: it sends what a script says, byte for byte, and sees what the client does.
///
/// It works on plain sockets with a thread per connection, and needs no other library. Use it within ``withLoopbackServer(over:_:body:)``, at
/// whose end every thread has ended and every descriptor is closed.
public final class LoopbackServer: Sendable {
    private struct Waiter {
        var id: UInt64
        var index: Int
        var gate: Gate
    }

    private struct State {
        var isShutDown = false
        var exchanges: [LoopbackExchange] = []
        var waiters: [Waiter] = []
        var nextID: UInt64 = 0
        var accepted = 0
        /// The threads of connections, and the writing ends of their pipes while they run.
        var threads: [Int: WorkerThread] = [:]
        var pipes: [Int: Int32] = [:]
        var finished: [Int] = []
    }

    /// The port on 127.0.0.1.
    public let port: UInt16
    /// Its certificate when it speaks TLS.
    let tls: LoopbackTLS?
    private let listener: Int32
    private let wake: (reading: Int32, writing: Int32)
    private let handler: @Sendable (LoopbackRequest) -> LoopbackResponse
    private let state = Mutex(State())
    private let acceptorEnded = Gate()

    fileprivate init(tls: LoopbackTLS?, handler: @escaping @Sendable (LoopbackRequest) -> LoopbackResponse) throws {
        self.tls = tls
        self.handler = handler
        (listener, port) = try Socket.listen(backlog: 1024)
        do {
            wake = try Socket.makePipe()
        } catch {
            Socket.shut(listener)
            throw error
        }
    }

    /// The server's root, `http://127.0.0.1:PORT` or with `https`, without a slash at its end.
    public var url: String { "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)" }

    /// All requests so far, in the order in which they came.
    public var exchanges: [LoopbackExchange] { state.withLock { $0.exchanges } }

    /// How many connections were accepted so far.
    public var connectionCount: Int { state.withLock { $0.accepted } }

    /// How many connections are open.
    public var openConnectionCount: Int { state.withLock { $0.pipes.count } }

    /// Returns the request with the given number, counted from 0, as soon as it has come.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    public func exchange(_ index: Int) async throws(CancellationError) -> LoopbackExchange {
        while true {
            let gate = Gate()
            let (exchange, id) = state.withLock { state -> (LoopbackExchange?, UInt64) in
                if state.exchanges.indices.contains(index) { return (state.exchanges[index], 0) }
                state.nextID += 1
                state.waiters.append(Waiter(id: state.nextID, index: index, gate: gate))
                return (nil, state.nextID)
            }
            if let exchange { return exchange }
            defer { state.withLock { $0.waiters.removeAll { $0.id == id } } }
            try await gate.wait()
        }
    }

    var isShutDown: Bool { state.withLock { $0.isShutDown } }

    func respond(_ request: LoopbackRequest) -> LoopbackResponse { handler(request) }

    func record(_ exchange: LoopbackExchange) {
        let waiters = state.withLock { state in
            state.exchanges.append(exchange)
            return state.waiters.filter { state.exchanges.indices.contains($0.index) }
        }
        for waiter in waiters { waiter.gate.open() }
    }

    /// Wakes the thread of a connection, if it still runs.
    func wake(connection number: Int) {
        // Under the lock: a pipe in the table is open, and stays so while it is used.
        state.withLock { state in
            if let pipe = state.pipes[number] { Socket.signal(pipe) }
        }
    }

    // MARK: Threads

    fileprivate func start() throws -> WorkerThread {
        guard let thread = WorkerThread({ self.acceptConnections() }) else {
            throw Socket.Failure(call: "pthread_create", number: 0)
        }
        return thread
    }

    /// Ends everything; returns when all connections are closed.
    fileprivate func shutDown() async {
        state.withLock { state in
            state.isShutDown = true
            for pipe in state.pipes.values { Socket.signal(pipe) }
        }
        Socket.signal(wake.writing)
        // Not cancellable: descriptors and threads must be gone when the scope ends.
        await Task { [acceptorEnded] in try? await acceptorEnded.wait() }.value
    }

    /// Frees what the acceptor used; to be called when its thread was joined.
    fileprivate func close() {
        Socket.shut(listener)
        Socket.shut(wake.reading)
        Socket.shut(wake.writing)
    }

    private func acceptConnections() {
        while !isShutDown {
            let ready = Socket.wait(for: [(listener, false), (wake.reading, false)])
            if ready[0].readable, !isShutDown, let socket = Socket.accept(listener) { serve(socket) }
            if ready[1].readable { Socket.drain(wake.reading) }
            joinFinished()
        }
        let rest = state.withLock { state in
            defer { state.threads = [:] }
            return Array(state.threads.values)
        }
        for thread in rest { thread.join() }
        acceptorEnded.open()
    }

    private func serve(_ socket: Int32) {
        guard let pipe = try? Socket.makePipe() else { return Socket.shut(socket) }
        let number = state.withLock { state in
            defer { state.accepted += 1 }
            state.pipes[state.accepted] = pipe.writing
            return state.accepted
        }
        let thread = WorkerThread {
            var connection = LoopbackConnection(number: number, socket: socket, wake: pipe.reading, server: self)
            connection.run()
            self.finish(number, socket, pipe)
        }
        if let thread {
            state.withLock { $0.threads[number] = thread }
        } else {
            finish(number, socket, pipe)
        }
    }

    private func finish(_ number: Int, _ socket: Int32, _ pipe: (reading: Int32, writing: Int32)) {
        state.withLock { state in
            state.pipes[number] = nil
            state.finished.append(number)
        }
        Socket.shut(socket)
        Socket.shut(pipe.reading)
        Socket.shut(pipe.writing)
        // The acceptor joins the thread of this connection.
        Socket.signal(wake.writing)
    }

    private func joinFinished() {
        let threads = state.withLock { state -> [WorkerThread] in
            defer { state.finished.removeAll { state.threads[$0] == nil } }
            return state.finished.compactMap { state.threads.removeValue(forKey: $0) }
        }
        for thread in threads { thread.join() }
    }
}

/// Runs a loopback server for the time of a closure.
///
///     try await withLoopbackServer { request in
///         request.path == "/events" ? .events(["data: 1\n\n"]) : .text("not here", status: 404)
///     } body: { server in
///         let response = try await transport.send(ExchangeRequest(url: server.url + "/events"))
///     }
///
/// - Parameters:
///   - tls: The certificate of a server that speaks TLS; without one it is plain.
///   - respond: Answers each request, on the thread of its connection.
///   - body: The test; the server runs until it returns or throws.
/// - Throws: What the body throws, and an error when the system gives no socket or thread.
public func withLoopbackServer<Result>(
    over tls: LoopbackTLS? = nil,
    _ respond: @escaping @Sendable (LoopbackRequest) -> LoopbackResponse,
    body: (LoopbackServer) async throws -> Result
) async throws -> Result {
    let server = try LoopbackServer(tls: tls, handler: respond)
    let thread: WorkerThread
    do {
        thread = try server.start()
    } catch {
        server.close()
        throw error
    }
    let result: Swift.Result<Result, any Error>
    do {
        result = .success(try await body(server))
    } catch {
        result = .failure(error)
    }
    await server.shutDown()
    thread.join()
    server.close()
    return try result.get()
}
