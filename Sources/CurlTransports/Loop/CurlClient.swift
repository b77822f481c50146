#if Curl
    import CCurl
    import StreamCore
    import StreamTransport
    import Synchronization

    /// What the callers of a transport and its thread share: a mailbox of commands, and whether the thread is there.
    final class CurlClient: Sendable {
        /// What the thread is to do.
        enum Command {
            case start(Transfer)
            case resume(Transfer)
            case remove(Transfer)
        }

        /// What the thread finds in the mailbox.
        struct Mail {
            var commands: [Command] = []
            /// Nobody can bring further requests: end with the last transfer.
            var isFinishing = false
            /// End now.
            var isShutDown = false
        }

        /// The thread, from the callers' side.
        private enum Worker {
            case none
            /// Somebody is about to start it.
            case starting
            case running(WorkerThread)
            /// It ends by itself, or somebody joins it.
            case letGo
        }

        private struct State {
            var mail = Mail()
            /// The thread has been woken and has not looked into the mailbox since.
            var isSignalled = false
            var wakeUp: WakeUp?
            var worker = Worker.none
            /// The mailbox is closed.
            var isClosed = false
            /// The thread has nothing left to do but to return.
            var isOver = false
            var waiters: [CheckedContinuation<Void, Never>] = []

            /// The thread, for the one who joins or detaches it.
            mutating func letGo() -> WorkerThread? {
                guard case .running(let thread) = worker else { return nil }
                worker = .letGo
                return thread
            }
        }

        let configuration: CurlTransport.Configuration
        private let makeThread: @Sendable (@escaping @Sendable () -> Void) -> WorkerThread?
        private let state = Mutex(State())

        /// A client without a thread yet.
        ///
        /// - Parameters:
        ///   - configuration: What the transport was told.
        ///   - makeThread: Starts a thread; nil when the system has none left.
        init(
            configuration: CurlTransport.Configuration,
            makeThread: @escaping @Sendable (@escaping @Sendable () -> Void) -> WorkerThread? = { WorkerThread($0) }
        ) {
            self.configuration = configuration
            self.makeThread = makeThread
        }

        // MARK: The callers' side

        /// Has the thread begin a transfer; the first one starts the thread.
        ///
        /// A transfer ends with an error when the system has no thread or no memory left.
        ///
        /// - Throws: `TransportError` after the transport was shut down.
        func start(_ transfer: Transfer) throws(TransportError) {
            let isFirst = state.withLock { state -> Bool? in
                guard !state.mail.isShutDown, !state.isClosed else { return nil }
                CurlClient.post(.start(transfer), to: &state)
                guard case .none = state.worker else { return false }
                state.worker = .starting
                return true
            }
            guard let isFirst else {
                throw TransportError(.shutDown, "the transport was shut down before \(transfer.request.name)")
            }
            if isFirst { startThread() }
        }

        /// Starts the thread, which finds in the mailbox what was posted meanwhile.
        ///
        /// The lock is not held here: it would be while the system makes a thread, and all that the thread does would count as done under it
        /// for the thread sanitizer, whose suppressions know code by the calls that led to it.
        private func startThread() {
            guard let multi = MultiHandle(configuration: configuration) else {
                return cannotStart("libcurl cannot be initialised")
            }
            state.withLock { $0.wakeUp = multi.wakeUp }
            guard let thread = makeThread({ [self] in TransferLoop(multi: multi, client: self).run() }) else {
                cannotStart("the system has no thread left")
                return multi.cleanUp()
            }
            let isUnwanted = state.withLock { state in
                // Whoever would join or detach it has come already.
                let isUnwanted = state.isOver || state.mail.isFinishing
                state.worker = isUnwanted ? .letGo : .running(thread)
                return isUnwanted
            }
            if isUnwanted { thread.detach() }
        }

        /// There is no thread: what waits for it fails, and the next request tries again.
        private func cannotStart(_ reason: String) {
            let (commands, waiters) = state.withLock { state in
                defer {
                    state.worker = .none
                    state.wakeUp = nil
                    state.isSignalled = false
                    state.mail.commands = []
                    state.waiters = []
                }
                return (state.mail.commands, state.waiters)
            }
            for case .start(let transfer) in commands { transfer.ended(.other, reason) }
            for waiter in waiters { waiter.resume() }
        }

        /// Has the thread go on with a transfer that was paused.
        func resume(_ transfer: Transfer) {
            state.withLock { CurlClient.post(.resume(transfer), to: &$0) }
        }

        /// Has the thread close the connection of a transfer that has ended.
        func remove(_ transfer: Transfer) {
            state.withLock { CurlClient.post(.remove(transfer), to: &$0) }
        }

        /// Nobody brings further requests: the thread ends with the last transfer, and nobody waits for it.
        func finish() {
            let thread = state.withLock { state in
                state.mail.isFinishing = true
                CurlClient.signal(&state)
                return state.letGo()
            }
            thread?.detach()
        }

        /// Ends all transfers, and returns when the thread has ended.
        func shutDown() async {
            await withCheckedContinuation { waiter in
                let isOver = state.withLock { state in
                    state.mail.isShutDown = true
                    if state.isOver { return true }
                    if case .none = state.worker { return true }
                    state.waiters.append(waiter)
                    CurlClient.signal(&state)
                    return false
                }
                if isOver { waiter.resume() }
            }
            // It has nothing left to do but to return.
            state.withLock { $0.letGo() }?.join()
        }

        private static func post(_ command: Command, to state: inout State) {
            // A thread that has ended has ended all transfers too.
            guard !state.isClosed else { return }
            state.mail.commands.append(command)
            signal(&state)
        }

        private static func signal(_ state: inout State) {
            guard !state.isSignalled, let wakeUp = state.wakeUp else { return }
            state.isSignalled = true
            wakeUp.signal()
        }

        // MARK: The thread's side

        /// Empties the mailbox.
        func takeMail() -> Mail {
            state.withLock { state in
                state.isSignalled = false
                guard !state.mail.commands.isEmpty else { return state.mail }
                let mail = state.mail
                state.mail.commands = []
                return mail
            }
        }

        /// Whether somebody has signalled since the mailbox was emptied.
        var hasMail: Bool { state.withLock { $0.isSignalled } }

        /// Closes the mailbox, if it is empty or the transport was shut down: after that nobody uses the multi handle but the thread.
        ///
        /// - Returns: What was in it; nil when there are commands to be done first.
        func closeMailbox() -> [Command]? {
            state.withLock { state in
                guard state.mail.isShutDown || state.mail.commands.isEmpty else { return nil }
                state.isClosed = true
                state.wakeUp = nil
                defer { state.mail.commands = [] }
                return state.mail.commands
            }
        }

        /// The thread's last act.
        func threadEnds() {
            let waiters = state.withLock { state in
                state.isOver = true
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }
    }
#endif
