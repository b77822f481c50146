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

        private struct State {
            var mail = Mail()
            /// The thread has been woken and has not looked into the mailbox since.
            var isSignalled = false
            var wakeUp: WakeUp?
            var thread: WorkerThread?
            /// The mailbox is closed.
            var isClosed = false
            /// The thread has nothing left to do but to return.
            var isOver = false
            var waiters: [CheckedContinuation<Void, Never>] = []
        }

        let configuration: CurlTransport.Configuration
        private let state = Mutex(State())

        init(configuration: CurlTransport.Configuration) {
            self.configuration = configuration
        }

        // MARK: The callers' side

        /// Has the thread begin a transfer; the first one starts the thread.
        ///
        /// - Throws: `TransportError` after the transport was shut down, and when the system has no thread or memory left.
        func start(_ transfer: Transfer) throws(TransportError) {
            let error = state.withLock { state -> TransportError? in
                guard !state.mail.isShutDown else {
                    return TransportError(.shutDown, "the transport was shut down before \(transfer.request.name)")
                }
                if state.thread == nil {
                    guard let multi = MultiHandle(configuration: configuration) else {
                        return TransportError(.other, "\(transfer.request.name): libcurl cannot be initialised")
                    }
                    guard let thread = WorkerThread({ [self] in TransferLoop(multi: multi, client: self).run() }) else {
                        multi.cleanUp()
                        return TransportError(.other, "\(transfer.request.name): the system has no thread left")
                    }
                    state.thread = thread
                    state.wakeUp = multi.wakeUp
                }
                CurlClient.post(.start(transfer), to: &state)
                return nil
            }
            if let error { throw error }
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
                return state.thread.take()
            }
            thread?.detach()
        }

        /// Ends all transfers, and returns when the thread has ended.
        func shutDown() async {
            await withCheckedContinuation { waiter in
                let isOver = state.withLock { state in
                    state.mail.isShutDown = true
                    guard state.thread != nil, !state.isOver else { return true }
                    state.waiters.append(waiter)
                    CurlClient.signal(&state)
                    return false
                }
                if isOver { waiter.resume() }
            }
            // It has nothing left to do but to return.
            state.withLock { $0.thread.take() }?.join()
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
