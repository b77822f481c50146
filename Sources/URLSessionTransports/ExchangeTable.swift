import Foundation
import StreamTransport
import Synchronization
import WireProtocols

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The session of a transport and the exchanges that run on it.
final class ExchangeTable: Sendable {
    private struct State {
        var isShutDown = false
        var exchanges: [Int: Exchange] = [:]
        /// Tasks whose session has an answer about a redirect that it has not dealt with.
        var redirecting: Set<Int> = []
        /// Of these, the tasks that are to be cancelled as soon as it has.
        var cancelledMeanwhile: Set<Int> = []
    }

    private let bufferLimit: Int
    private let delegate: SessionDelegate
    private let session: URLSession
    /// Resumes and cancels tasks, in order.
    ///
    /// On Linux both wait until the session's own queue is free, which a server that floods it
    /// can delay: so neither a caller's thread nor the delegate's queue does it, on which cancelling can deadlock, nor the timer's.
    private let controlQueue = DispatchQueue(label: "swift-agent-streams.URLSessionTransport.control")
    private let timerQueue = DispatchQueue(label: "swift-agent-streams.URLSessionTransport.timer")
    private let state = Mutex(State())
    private let timer = Mutex<DeadlineTimer?>(nil)

    init(configuration: URLSessionTransport.Configuration) {
        bufferLimit = configuration.bufferLimit
        let settings = URLSessionConfiguration.ephemeral
        settings.urlCache = nil
        settings.requestCachePolicy = .reloadIgnoringLocalAndRemoteCacheData
        settings.httpCookieStorage = nil
        settings.httpCookieAcceptPolicy = .never
        settings.httpShouldSetCookies = false
        settings.urlCredentialStorage = nil
        settings.httpMaximumConnectionsPerHost = configuration.maxConnectionsPerHost
        settings.timeoutIntervalForRequest = 7 * 86_400
        settings.timeoutIntervalForResource = 365 * 86_400
        let queue = OperationQueue()
        queue.maxConcurrentOperationCount = 1
        delegate = SessionDelegate()
        session = URLSession(configuration: settings, delegate: delegate, delegateQueue: queue)
        delegate.attach(self)
        timer.withLock {
            $0 = DeadlineTimer(queue: timerQueue) { [weak self] now in self?.check(at: now) }
        }
    }

    /// Starts a request.
    func start(
        _ urlRequest: URLRequest, _ request: ExchangeRequest, deadlines: ExchangeDeadlines
    ) throws(TransportError) -> Exchange {
        let isSecure = urlRequest.url?.scheme?.lowercased() == "https"
        let port = urlRequest.url?.port ?? (isSecure ? 443 : 80)
        let exchange = state.withLock { state -> Exchange? in
            // Under the lock: a session that is invalid takes no task.
            guard !state.isShutDown else { return nil }
            let task = session.dataTask(with: urlRequest)
            let exchange = Exchange(
                request, port: port, task: task, bufferLimit: bufferLimit, deadlines: deadlines, table: self)
            state.exchanges[task.taskIdentifier] = exchange
            controlQueue.async { task.resume() }
            return exchange
        }
        guard let exchange else {
            throw TransportError(
                .shutDown, "the transport was shut down before \(request.method) \(request.redactedURL)")
        }
        if let deadline = deadlines.next?.instant { ensure(deadline) }
        return exchange
    }

    func exchange(of task: URLSessionTask) -> Exchange? {
        state.withLock { $0.exchanges[task.taskIdentifier] }
    }

    func remove(_ task: URLSessionTask) {
        state.withLock { $0.exchanges[task.taskIdentifier] = nil }
    }

    func cancel(_ task: URLSessionTask) {
        controlQueue.async { [self] in
            let isRedirecting = state.withLock { state in
                guard state.redirecting.contains(task.taskIdentifier) else { return false }
                state.cancelledMeanwhile.insert(task.taskIdentifier)
                return true
            }
            if !isRedirecting { task.cancel() }
        }
    }

    /// Whether the session may be answered about a redirect; if not, the task has been cancelled or is about to be.
    ///
    /// FoundationNetworking ends the process (a `fatalError`, Swift 6.3.1) when the answer meets a task that was cancelled since it was
    /// asked for: so it is answered only for tasks that are wanted, and these are cancelled only after the answer has been dealt with.
    func beginRedirect(_ task: URLSessionTask) -> Bool {
        state.withLock { state in
            guard state.exchanges[task.taskIdentifier] != nil else { return false }
            state.redirecting.insert(task.taskIdentifier)
            return true
        }
    }

    /// The session goes on with a task, which says that it has dealt with the answer about its redirect, if there was any.
    func endRedirect(_ task: URLSessionTask) {
        let isCancelled = state.withLock { state in
            guard state.redirecting.remove(task.taskIdentifier) != nil else { return false }
            return state.cancelledMeanwhile.remove(task.taskIdentifier) != nil
        }
        if isCancelled { controlQueue.async { task.cancel() } }
    }

    func ensure(_ deadline: ContinuousClock.Instant) {
        timer.withLock { $0 }?.ensure(deadline)
    }

    private func check(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let exchanges = state.withLock { Array($0.exchanges.values) }
        return exchanges.compactMap { $0.check(at: now) }.min()
    }

    /// Takes no more requests, and lets go of the session when those under way are done.
    func finish() {
        let isFirst = state.withLock { state in
            defer { state.isShutDown = true }
            return !state.isShutDown
        }
        if isFirst { session.finishTasksAndInvalidate() }
    }

    /// Takes no more requests and ends those under way.
    func shutDown() {
        let (isFirst, exchanges) = state.withLock { state in
            defer { state.isShutDown = true }
            return (!state.isShutDown, Array(state.exchanges.values))
        }
        for exchange in exchanges {
            exchange.fail(TransportError(.shutDown, "the transport was shut down during \(exchange.name)"))
        }
        // The tasks are cancelled one by one above, each when it can be.
        if isFirst { controlQueue.async { [session] in session.finishTasksAndInvalidate() } }
    }
}
